package org.deeprl4j.nn.cuda;

import java.util.Arrays;
import java.util.Locale;

/**
 * Microseconds of one product on a device, by the kernels of each tile and by cuBLAS: what the
 * choice in {@link CudaKernels#multiply} is made from. Prints a table. Products are recorded twenty
 * at a time, so that launches cost little.
 */
public final class DeviceProducts {
  private static final int REPEATED = 20;

  private DeviceProducts() {}

  /** Measures. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    try (CudaKernels kernels = CudaKernels.open(0)) {
      System.out.println("form m n k: tiles of 32, 128, cuBLAS; microseconds");
      int[][] shapes = {
        {64, 64, 64},
        {256, 256, 17},
        {256, 256, 256},
        {256, 1, 256},
        {512, 512, 512},
        {1024, 256, 1024},
        {1024, 1024, 1024},
        {2048, 2048, 2048}
      };
      for (int[] shape : shapes) {
        for (String form : new String[] {"NT", "NN", "TN"}) {
          measure(kernels, form, shape[0], shape[1], shape[2]);
        }
      }
    }
  }

  private static void measure(CudaKernels kernels, String form, int m, int n, int k) {
    boolean transposedA = form.charAt(0) == 'T';
    boolean transposedB = form.charAt(1) == 'T';
    DeviceMemory a = kernels.floats((long) m * k);
    DeviceMemory b = kernels.floats((long) k * n);
    DeviceMemory c = kernels.floats((long) m * n);
    float[] values = new float[Math.max(m * k, k * n)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i);
    }
    kernels.write(values, 0, m * k, a);
    kernels.write(values, 0, k * n, b);
    Product product = new Product().shape(m, n, k);
    product.a(a, transposedA ? m : k, transposedA).b(b, transposedB ? k : n, transposedB).c(c, n);
    StringBuilder line = new StringBuilder("%s %d %d %d:".formatted(form, m, n, k));
    for (int tile = 32; tile <= 128; tile *= 4) {
      int size = tile;
      line.append(" %.1f".formatted(time(kernels, () -> kernels.multiplyByTiles(size, product))));
    }
    CudaBlas blas = kernels.device().blas();
    line.append(
        " %.1f"
            .formatted(
                time(
                    kernels,
                    () ->
                        blas.product(
                            transposedA,
                            transposedB,
                            m,
                            n,
                            k,
                            1,
                            a,
                            transposedA ? m : k,
                            b,
                            transposedB ? k : n,
                            0,
                            c,
                            n))));
    System.out.println(line);
    kernels.device().free(a);
    kernels.device().free(b);
    kernels.device().free(c);
  }

  private static double time(CudaKernels kernels, Runnable work) {
    work.run();
    kernels.synchronize();
    double[] rounds = new double[7];
    try (CudaGraph graph =
            kernels
                .device()
                .capture(
                    () -> {
                      for (int i = 0; i < REPEATED; i++) {
                        work.run();
                      }
                    });
        CudaEvent before = kernels.device().event();
        CudaEvent after = kernels.device().event()) {
      for (int i = 0; i < rounds.length; i++) {
        graph.launch();
        before.record();
        for (int j = 0; j < 5; j++) {
          graph.launch();
        }
        after.record();
        after.synchronize();
        rounds[i] = 1e3 * after.millisecondsSince(before) / (5 * REPEATED);
      }
    }
    Arrays.sort(rounds);
    return rounds[rounds.length / 2];
  }
}
