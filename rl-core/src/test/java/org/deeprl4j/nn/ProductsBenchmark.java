package org.deeprl4j.nn;

import java.util.concurrent.TimeUnit;
import org.deeprl4j.random.Rng;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What no implementation on these kernels can beat: matrix products alone, back to back on padded
 * matrices with the weights in panels, each thread with its share of the 256 rows. {@code
 * products256} are those of a fit of a 17→256→256→6 network, {@code productsPictures} those of a
 * fit of 32 stacks of four pictures by the network of Mnih et al. 2015, {@code productsSac} those
 * of a SAC update with 17 observations, 6 actions and 256×256 networks.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC"})
public class ProductsBenchmark {
  private static final int ROWS = 256;
  private static final int WIDE = 256;
  private static final int IN = HostKernels.padded(17);
  private static final int OUT = HostKernels.padded(6);

  /** Kernels. */
  @Param({"VECTOR", "BLAS"})
  public String kernels;

  /** Threads. */
  @Param({"1", "2"})
  public int threads;

  private HostKernels host;
  private Compute compute;
  private Runnable[] tasks;
  private Runnable[] sacTasks;
  private Runnable[] pictureTasks;

  /** Fills the matrices. */
  @Setup
  public void setUp() {
    host = kernels.equals("VECTOR") ? new VectorKernels() : new BlasKernels();
    compute = Compute.create(Compute.Kernels.valueOf(kernels), threads);
    tasks = new Runnable[threads];
    for (int t = 0; t < threads; t++) {
      tasks[t] = new Share(ROWS / threads, IN, OUT)::fit;
    }
    pictureTasks = new Runnable[threads];
    for (int t = 0; t < threads; t++) {
      int pictures = 32 / threads;
      Patches first = new Patches(pictures * 400, 256, 32, false);
      Patches second = new Patches(pictures * 81, 512, 64, true);
      Patches third = new Patches(pictures * 49, 576, 64, true);
      Patches dense = new Patches(pictures, 3136, 512, true);
      pictureTasks[t] =
          () -> {
            first.fit();
            second.fit();
            third.fit();
            dense.fit();
          };
    }
    sacTasks = new Runnable[threads];
    for (int t = 0; t < threads; t++) {
      Share actor = new Share(ROWS / threads, IN, HostKernels.padded(12));
      Share critic = new Share(ROWS / threads, HostKernels.padded(23), HostKernels.padded(1));
      sacTasks[t] =
          () -> {
            actor.forward(); // at s′
            actor.fit(); // at s
            for (int i = 0; i < 2; i++) {
              critic.forward(); // the target at s′
              critic.fit();
              critic.forward(); // at s with the actor's action,
              critic.inputGradient(); // and its derivative
            }
          };
    }
  }

  /** One thread's rows of a network in→256→256→out. */
  private final class Share {
    private final int rows;
    private final int in;
    private final int out;
    private final float[] x;
    private final float[] h1;
    private final float[] h2;
    private final float[] y;
    private final float[] w1;
    private final float[] w1t;
    private final float[] w2 = random(WIDE * WIDE);
    private final float[] w3;
    private final float[] w3t;
    private final float[] wide;
    private final float[] narrow;
    private final float[] dx;
    private final float[] g1;
    private final float[] g2 = new float[WIDE * WIDE];
    private final float[] g3;
    private final float[] zero = new float[WIDE];
    private final Product product = new Product();

    Share(int rows, int in, int out) {
      this.rows = rows;
      this.in = in;
      this.out = out;
      x = random(rows * in);
      h1 = random(rows * WIDE);
      h2 = random(rows * WIDE);
      y = random(rows * out);
      w1 = random(in * WIDE);
      w1t = random(in * WIDE);
      w3 = random(WIDE * out);
      w3t = random(out * WIDE);
      wide = new float[rows * WIDE];
      narrow = new float[rows * out];
      dx = new float[rows * in];
      g1 = new float[in * WIDE];
      g3 = new float[WIDE * out];
    }

    void forward() {
      product(false, rows, WIDE, in, x, in, w1, zero, wide);
      product(false, rows, WIDE, WIDE, h1, WIDE, w2, zero, wide);
      product(false, rows, out, WIDE, h2, WIDE, w3, zero, narrow);
    }

    void hiddenGradients() {
      product(false, rows, WIDE, out, y, out, w3t, zero, wide);
      product(false, rows, WIDE, WIDE, h2, WIDE, w2, zero, wide);
    }

    void inputGradient() {
      hiddenGradients();
      product(false, rows, in, WIDE, h1, WIDE, w1t, zero, dx);
    }

    void fit() {
      forward();
      hiddenGradients();
      product(true, out, WIDE, rows, y, out, h2, zero, g3);
      product(true, WIDE, WIDE, rows, h1, WIDE, h2, zero, g2);
      product(true, in, WIDE, rows, x, in, h1, zero, g1);
    }

    private void product(
        boolean transposed,
        int m,
        int n,
        int k,
        float[] a,
        int lda,
        float[] b,
        float[] zero,
        float[] c) {
      product.of(m, n, k).from(zero).into(c, 0, n);
      if (transposed) {
        product.transposedA(a, 0, lda).b(b, 0, n);
      } else {
        product.a(a, 0, lda).panels(b, 0);
      }
      host.multiply(product);
    }
  }

  /** The products of a layer, a block of rows that stays cached after the other. */
  private final class Patches {
    private final int rows;
    private final int block;
    private final int terms;
    private final int outputs;
    private final boolean ofInput;
    private final float[] x;
    private final float[] y;
    private final float[] w;
    private final float[] dx;
    private final float[] gradient;
    private final float[] zero;
    private final Product product = new Product();

    Patches(int rows, int terms, int outputs, boolean ofInput) {
      this.rows = rows;
      this.terms = terms;
      this.outputs = outputs;
      this.ofInput = ofInput;
      block = Math.min(rows, (1 << 15) / terms / 24 * 24 + 24);
      x = random(block * terms);
      y = random(block * outputs);
      dx = new float[block * terms];
      w = random(terms * outputs);
      gradient = new float[terms * outputs];
      zero = new float[Math.max(terms, outputs)];
    }

    void fit() {
      for (int first = 0; first < rows; first += block) {
        int count = Math.min(block, rows - first);
        host.multiply(
            product
                .of(count, outputs, terms)
                .a(x, 0, terms)
                .panels(w, 0)
                .from(zero)
                .into(y, 0, outputs));
        host.multiply(
            product
                .of(outputs, terms, count)
                .transposedA(y, 0, outputs)
                .b(x, 0, terms)
                .onto(gradient, 0, terms));
        if (ofInput) {
          host.multiply(
              product
                  .of(count, terms, outputs)
                  .a(y, 0, outputs)
                  .panels(w, 0)
                  .from(zero)
                  .into(dx, 0, terms));
        }
      }
    }
  }

  private static float[] random(int n) {
    float[] values = new float[n];
    new Rng(n).fillGaussian(values, 0, n);
    return values;
  }

  /** Stops the helper threads. */
  @TearDown
  public void tearDown() {
    compute.close();
  }

  /** All eight products of one fit. */
  @Benchmark
  public void products256() {
    compute.run(tasks);
  }

  /** All products of one fit of pictures. */
  @Benchmark
  public void productsPictures() {
    compute.run(pictureTasks);
  }

  /** All products of one SAC update. */
  @Benchmark
  public void productsSac() {
    compute.run(sacTasks);
  }
}
