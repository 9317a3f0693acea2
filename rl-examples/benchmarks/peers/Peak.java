package peers;

import java.util.Scanner;
import java.util.concurrent.CountDownLatch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the processor gives at the moment: for each line "THREADS SECONDS" of the input, prints the GFLOP/s of multiply-adds on
 * registers alone, all threads together.
 */
public final class Peak {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int TURNS = 100_000;
  private static final int CHAINS = 10; // two units that each take four cycles want eight

  private static volatile float result; // so that nothing is left out

  private Peak() {}

  public static void main(String[] arguments) throws InterruptedException {
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextInt()) {
      System.out.println(gigaflops(lines.nextInt(), Double.parseDouble(lines.next())));
    }
  }

  private static double gigaflops(int threads, double seconds) throws InterruptedException {
    double[] rates = new double[threads];
    Thread[] workers = new Thread[threads];
    CountDownLatch ready = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      int worker = i;
      workers[i] = new Thread(() -> rates[worker] = rate(ready, seconds));
      workers[i].start();
    }
    double sum = 0;
    for (int i = 0; i < threads; i++) {
      workers[i].join();
      sum += rates[i];
    }
    return sum;
  }

  private static double rate(CountDownLatch ready, double seconds) {
    ready.countDown();
    while (ready.getCount() > 0) {
      Thread.onSpinWait();
    }
    long rounds = 0;
    long start = System.nanoTime();
    long now = start;
    while (now - start < seconds * 1e9) {
      result = multiplyAdds();
      rounds++;
      now = System.nanoTime();
    }
    return 2.0 * rounds * TURNS * CHAINS * SPECIES.length() / (now - start);
  }

  private static float multiplyAdds() {
    FloatVector a = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector b = FloatVector.broadcast(SPECIES, 1e-3f);
    FloatVector c0 = b;
    FloatVector c1 = b;
    FloatVector c2 = b;
    FloatVector c3 = b;
    FloatVector c4 = b;
    FloatVector c5 = b;
    FloatVector c6 = b;
    FloatVector c7 = b;
    FloatVector c8 = b;
    FloatVector c9 = b;
    for (int i = 0; i < TURNS; i++) {
      c0 = c0.fma(a, b);
      c1 = c1.fma(a, b);
      c2 = c2.fma(a, b);
      c3 = c3.fma(a, b);
      c4 = c4.fma(a, b);
      c5 = c5.fma(a, b);
      c6 = c6.fma(a, b);
      c7 = c7.fma(a, b);
      c8 = c8.fma(a, b);
      c9 = c9.fma(a, b);
    }
    FloatVector sum = c0.add(c1).add(c2).add(c3).add(c4).add(c5).add(c6).add(c7).add(c8).add(c9);
    return sum.reduceLanes(VectorOperators.ADD);
  }
}
