import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.random.Rng;
import org.deeprl4j.replay.ReplayBatch;
import org.deeprl4j.replay.UniformReplayBuffer;

/**
 * Fills a replay buffer with frames of CatchPictures under random actions, and says what the process takes then: {@code Frames
 * [COUNT (1000000)]}. Samples of it are timed, too.
 */
public final class Frames {
  private static final int ENVIRONMENTS = 8;
  private static final int BATCH = 32;

  public static void main(String[] arguments) throws Exception {
    int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
    List<Mdp> environments =
        Stream.generate(() -> Environments.make("CatchPictures")).limit(ENVIRONMENTS).toList();
    try (VectorEnv environment = VectorEnv.of(environments, new Rng(1), 1)) {
      int size = environment.observationSpace().size();
      UniformReplayBuffer buffer =
          new UniformReplayBuffer(count, ENVIRONMENTS, environment.observationSpace(), 1, 1, 0.99);
      environment.reset();
      Rng random = new Rng(2);
      float[] actions = new float[ENVIRONMENTS];
      float[] observations = new float[ENVIRONMENTS * size];
      long start = System.nanoTime();
      for (int done = 0; done < count; done += ENVIRONMENTS) {
        for (int e = 0; e < ENVIRONMENTS; e++) {
          actions[e] = random.nextInt(3);
        }
        System.arraycopy(environment.observations(), 0, observations, 0, observations.length);
        environment.step(actions);
        buffer.add(
            observations,
            actions,
            environment.rewards(),
            environment.nextObservations(),
            environment.terminated(),
            environment.ended());
      }
      double seconds = (System.nanoTime() - start) * 1e-9;
      ReplayBatch batch = ReplayBatch.allocate(BATCH, size, 1);
      int rounds = 1000;
      start = System.nanoTime();
      for (int i = 0; i < rounds; i++) {
        buffer.sample(random, batch);
      }
      double sampling = (System.nanoTime() - start) * 1e-6 / rounds;
      String peak =
          Files.lines(Path.of("/proc/self/status"))
              .filter(line -> line.startsWith("VmHWM"))
              .findFirst()
              .orElse("");
      System.out.printf(
          Locale.ROOT,
          "%d frames in %.0f s; %s; a batch of %d in %.2f ms%n",
          buffer.size(),
          seconds,
          peak.replaceAll("\\s+", " "),
          BATCH,
          sampling);
    }
  }
}
