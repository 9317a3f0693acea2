package org.deeprl4j.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.deeprl4j.random.Rng;

/**
 * How near the products of common networks come to the peak of one core: multiply-adds on registers
 * alone, in the same process and in turns with the products. Of many short rounds the fastest
 * counts, which is the machine's own speed even where it is shared. {@code
 * rl-examples/benchmarks/kernels} runs it.
 */
public final class ProductsAgainstPeak {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  /** Multiply-adds under way at a time: enough for two units with a latency of five. */
  private static final int CHAINS = 12;

  private static final int PEAK_TURNS = 20_000;

  private final HostKernels kernels;
  private final List<Case> cases = new ArrayList<>();

  private ProductsAgainstPeak(HostKernels kernels) {
    this.kernels = kernels;
  }

  /** A product to time, and its fastest round. */
  private static final class Case {
    private final String name;
    private final double operations;
    private final Runnable work;
    private double nanoseconds = Double.POSITIVE_INFINITY;

    Case(String name, double operations, Runnable work) {
      this.name = name;
      this.operations = operations;
      this.work = work;
    }

    double gigaflops() {
      return operations / nanoseconds;
    }

    void time(int rounds) {
      for (int i = 0; i < rounds; i++) {
        long start = System.nanoTime();
        work.run();
        nanoseconds = Math.min(nanoseconds, System.nanoTime() - start);
      }
    }
  }

  /**
   * Times every case.
   *
   * @param arguments seconds to spend (10 unless given) and the kernels, VECTOR unless given
   */
  public static void main(String[] arguments) {
    double seconds = arguments.length > 0 ? Double.parseDouble(arguments[0]) : 10;
    boolean blas = arguments.length > 1 && arguments[1].equals("BLAS");
    ProductsAgainstPeak table =
        new ProductsAgainstPeak(blas ? new BlasKernels() : new VectorKernels());
    table.network("SAC", 128, 23, 256, 256);
    table.forward("SAC actor's head", 128, 256, 12);
    table.network("TD3", 128, 23, 400, 300);
    table.network("PPO", 64, 4, 64, 64);
    table.forward("PPO actor's head", 64, 64, 2);
    table.run(seconds);
  }

  /** The products of a network in→first→second at a number of rows, heads left out. */
  private void network(String name, int rows, int in, int first, int second) {
    forward(name, rows, in, first);
    forward(name, rows, first, second);
    delta(name, rows, first, second);
    delta(name, rows, in, first);
    gradient(name, rows, first, second);
    gradient(name, rows, in, first);
    column(name, rows, second);
  }

  private void forward(String name, int rows, int in, int out) {
    int n = HostKernels.padded(out);
    Product p = new Product();
    float[] x = random(rows * HostKernels.padded(in));
    float[] y = new float[rows * n];
    p.of(rows, n, in)
        .a(x, 0, HostKernels.padded(in))
        .panels(random(in * n), 0)
        .from(random(n))
        .into(y, 0, n);
    add(name + " y = b + x·Vᵀ", p, () -> kernels.multiply(p));
  }

  private void delta(String name, int rows, int in, int out) {
    int n = HostKernels.padded(in);
    int ld = HostKernels.padded(out);
    Product p = new Product();
    p.of(rows, n, out)
        .a(random(rows * ld), 0, ld)
        .panels(random(out * n), 0)
        .from(new float[n])
        .into(new float[rows * n], 0, n);
    add(name + " dx = dz·V", p, () -> kernels.multiply(p));
  }

  private void gradient(String name, int rows, int in, int out) {
    int ld = HostKernels.padded(out);
    Product p = new Product();
    if (HostKernels.padded(in) == in) {
      p.of(out, in, rows)
          .transposedA(random(rows * ld), 0, ld)
          .b(random(rows * in), 0, in)
          .onto(new float[out * in], 0, in);
    } else {
      int ldIn = HostKernels.padded(in);
      p.of(in, ld, rows)
          .transposedA(random(rows * ldIn), 0, ldIn)
          .b(random(rows * ld), 0, ld)
          .from(new float[ld])
          .into(new float[in * ld], 0, ld);
    }
    add(name + " dV += dzᵀ·x", p, () -> kernels.multiply(p));
  }

  private void column(String name, int rows, int in) {
    int ld = HostKernels.padded(in);
    Product p = new Product();
    p.of(rows, 1, in)
        .a(random(rows * ld), 0, ld)
        .b(random(in), 0, 1)
        .from(new float[1])
        .into(new float[rows * 16], 0, 16);
    add(name + " one output", p, () -> kernels.dots(p));
  }

  private void add(String name, Product p, Runnable work) {
    String size = p.m + "×" + p.n + "×" + p.k;
    cases.add(new Case(String.format("%-28s %-12s", name, size), 2.0 * p.m * p.n * p.k, work));
  }

  private void run(double seconds) {
    float[] sink = new float[1];
    Case peak =
        new Case(
            "registers",
            2.0 * CHAINS * S.length() * PEAK_TURNS,
            () -> sink[0] += peak(PEAK_TURNS, 0.5f));
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      peak.time(5);
      for (Case one : cases) {
        one.time(20);
      }
    }
    System.out.printf(Locale.ROOT, "%s; peak %.1f GFLOP/s%n", kernels.describe(), peak.gigaflops());
    for (Case one : cases) {
      System.out.printf(
          Locale.ROOT,
          "%s %8.2f µs %7.1f GFLOP/s %4.0f %%%n",
          one.name,
          one.nanoseconds / 1e3,
          one.gigaflops(),
          100 * one.gigaflops() / peak.gigaflops());
    }
  }

  private static float peak(int turns, float s) {
    FloatVector x = FloatVector.broadcast(S, s);
    FloatVector y = FloatVector.broadcast(S, 1 - s);
    FloatVector c0 = x;
    FloatVector c1 = x;
    FloatVector c2 = x;
    FloatVector c3 = x;
    FloatVector c4 = x;
    FloatVector c5 = x;
    FloatVector c6 = x;
    FloatVector c7 = x;
    FloatVector c8 = x;
    FloatVector c9 = x;
    FloatVector c10 = x;
    FloatVector c11 = x;
    for (int i = 0; i < turns; i++) {
      c0 = x.fma(y, c0);
      c1 = x.fma(y, c1);
      c2 = x.fma(y, c2);
      c3 = x.fma(y, c3);
      c4 = x.fma(y, c4);
      c5 = x.fma(y, c5);
      c6 = x.fma(y, c6);
      c7 = x.fma(y, c7);
      c8 = x.fma(y, c8);
      c9 = x.fma(y, c9);
      c10 = x.fma(y, c10);
      c11 = x.fma(y, c11);
    }
    FloatVector sum = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
    return sum.add(c6).add(c7).add(c8).add(c9).add(c10).add(c11).lane(0);
  }

  private static float[] random(int n) {
    float[] values = new float[n];
    new Rng(n).fillGaussian(values, 0, n);
    return values;
  }
}
