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
 * What no implementation of a fit can beat: the matrix products of a 17→256→256→6 network at batch
 * 256 alone, on padded matrices, each thread with its share of the rows.
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

  /** Fills the matrices. */
  @Setup
  public void setUp() {
    host = kernels.equals("VECTOR") ? new VectorKernels() : new BlasKernels();
    compute = Compute.create(Compute.Kernels.valueOf(kernels), threads);
    tasks = new Runnable[threads];
    for (int t = 0; t < threads; t++) {
      tasks[t] = share(ROWS / threads);
    }
  }

  private Runnable share(int rows) {
    float[] x = random(rows * IN);
    float[] h1 = random(rows * WIDE);
    float[] h2 = random(rows * WIDE);
    float[] y = random(rows * OUT);
    float[] w1 = random(IN * WIDE);
    float[] w2 = random(WIDE * WIDE);
    float[] w3 = random(WIDE * OUT);
    float[] w3t = random(OUT * WIDE);
    float[] wide = new float[rows * WIDE];
    float[] narrow = new float[rows * OUT];
    float[] g1 = new float[IN * WIDE];
    float[] g2 = new float[WIDE * WIDE];
    float[] g3 = new float[WIDE * OUT];
    float[] zero = new float[WIDE];
    return () -> {
      // forward
      product(false, rows, WIDE, IN, x, IN, w1, zero, wide);
      product(false, rows, WIDE, WIDE, h1, WIDE, w2, zero, wide);
      product(false, rows, OUT, WIDE, h2, WIDE, w3, zero, narrow);
      // backward to the weights
      product(true, WIDE, OUT, rows, h2, WIDE, y, zero, g3);
      product(true, WIDE, WIDE, rows, h1, WIDE, h2, zero, g2);
      product(true, IN, WIDE, rows, x, IN, h1, zero, g1);
      // backward to the hidden layers
      product(false, rows, WIDE, OUT, y, OUT, w3t, zero, wide);
      product(false, rows, WIDE, WIDE, h2, WIDE, w2, zero, wide);
    };
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
    host.gemm(transposed, m, n, k, a, 0, lda, b, 0, n, zero, 0, 0, c, 0, n);
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
}
