package org.deeprl4j.nn.cuda;

import java.util.Arrays;

/** Uses everything that the layer has, on a device whose kernels hold {@link FakeCuda#TWICE}. */
final class EveryCall {
  static final String SOURCE =
      """
      struct Twice { const float* from; float* to; float* extra; long long n; float factor; int shift; };

      extern "C" __global__ void __launch_bounds__(32 * 8) twice(const Twice p) {
        long long i = blockIdx.x * (long long) blockDim.x + threadIdx.x;
        if (i < p.n) {
          p.to[i] = 2 * p.factor * p.from[i] + p.shift;
        }
      }
      """;

  /** Bytes of the structure. */
  static final int BYTES = 40;

  private static final int N = 100;

  private EveryCall() {}

  /** In a JVM of its own: {@code fake driver's directory}. */
  public static void main(String[] arguments) {
    System.setProperty(NativeLibraries.PROPERTY, arguments[0]);
    System.setProperty(ImageCache.PROPERTY, arguments[1]);
    FakeCuda.Controls fake = FakeCuda.controls(java.nio.file.Path.of(arguments[0]));
    run();
    run();
    if (!fake.fake_leaks().isEmpty()) {
      throw new AssertionError(fake.fake_leaks());
    }
    System.out.println("all calls made");
  }

  /** All of it, once; what is computed is checked. */
  static void run() {
    try (CudaDevice device = CudaDevice.open(0)) {
      device.freeMemory();
      DeviceMemory memory = device.allocate(4 * 4 * N);
      DeviceMemory given = memory.slice(0, 4 * N);
      DeviceMemory made = memory.slice(4 * N, 4 * N);
      DeviceMemory copied = memory.slice(8 * N, 4 * N);
      PinnedMemory pinned = device.allocatePinned(8 * N);
      float[] numbers = new float[N];
      for (int i = 0; i < N; i++) {
        numbers[i] = i;
      }

      CudaModule module = device.compile("test", SOURCE);
      CudaFunction twice = module.function("twice");
      twice.allowSharedMemory(64 << 10);
      if (twice.maxThreads() < 32) {
        throw new AssertionError("threads");
      }
      KernelLaunch launch = twice.prepare(BYTES).grid(4).block(32);
      launch.put(0, given).put(8, made).putNull(16).put(24, (long) N).put(32, 1.5f).put(36, 7);

      pinned.write(numbers, 0, 0, N);
      device.upload(pinned, 0, given, 0, 4 * N);
      launch.run();
      device.copy(made, 0, copied, 0, 4 * N);
      device.download(copied, 0, pinned, 4 * N, 4 * N);
      device.synchronize();
      requireTwice(pinned);

      CudaEvent before = device.event();
      CudaEvent after = device.event();
      before.record();
      Runnable step =
          () -> {
            device.upload(pinned, 0, given, 0, 4 * N);
            launch.run();
            device.download(made, 0, pinned, 4 * N, 4 * N);
          };
      CudaGraph graph = device.capture(step);
      device.fill(made, 0, N, 0);
      launch.put(36, 8); // not what was recorded
      graph.launch();
      after.record();
      after.synchronize();
      requireTwice(pinned);
      if (after.millisecondsSince(before) < 0) {
        throw new AssertionError("time");
      }
      before.close();
      graph.close();

      CudaBlas blas = device.blas();
      pinned.write(new float[] {1, 2, 3, 4, 5, 6}, 0, 0, 6);
      device.upload(pinned, 0, given, 0, 24);
      // [1 2 3; 4 5 6] · its transpose
      blas.product(false, true, 2, 2, 3, 1, given, 3, given, 3, 0, made, 2);
      // each column's 2×1 · the first row's 1×2
      blas.products(2, true, false, 2, 2, 1, 1, given, 3, 0, given, 2, 2, 0, copied, 2, 4);
      device.download(made, 0, pinned, 0, 16);
      device.download(copied, 0, pinned, 16, 32);
      device.synchronize();
      float[] products = new float[12];
      pinned.read(0, products, 0, 12);
      float[] expected = {14, 32, 32, 77, 1, 2, 2, 4, 3, 4, 6, 8};
      if (!Arrays.equals(products, expected)) {
        throw new AssertionError(Arrays.toString(products));
      }
      device.free(memory);
    }
  }

  private static void requireTwice(PinnedMemory pinned) {
    float[] results = new float[N];
    pinned.read(N, results, 0, N);
    for (int i = 0; i < N; i++) {
      if (results[i] != 3 * i + 7) {
        throw new AssertionError(i + ": " + results[i]);
      }
    }
  }
}
