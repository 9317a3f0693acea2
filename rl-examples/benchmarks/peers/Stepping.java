package peers;

import java.util.Scanner;
import java.util.stream.Stream;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.random.Rng;

/** Steps cart-poles with random actions: for each line "COUNT SECONDS" of the input, prints the steps per second of that many. */
public final class Stepping {
  private Stepping() {}

  public static void main(String[] arguments) {
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextInt()) {
      System.out.println(rate(lines.nextInt(), Double.parseDouble(lines.next())));
    }
  }

  private static double rate(int count, double seconds) {
    VectorEnv environment =
        VectorEnv.of(
            Stream.generate(() -> Environments.make("CartPole-v1")).limit(count).toList(),
            new Rng(1),
            Runtime.getRuntime().availableProcessors());
    environment.reset();
    float[][] actions = new float[64][count];
    Rng random = new Rng(2);
    for (float[] row : actions) {
      for (int e = 0; e < count; e++) {
        row[e] = random.nextInt(2);
      }
    }
    long steps = 0;
    long start = System.nanoTime();
    long now = start;
    while (now - start < seconds * 1e9) {
      for (int i = 0; i < 1024; i++) {
        environment.step(actions[i & 63]);
      }
      steps += 1024L * count;
      now = System.nanoTime();
    }
    environment.close();
    return steps / ((now - start) / 1e9);
  }
}
