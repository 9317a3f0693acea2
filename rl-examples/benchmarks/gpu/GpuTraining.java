import java.util.List;
import java.util.Locale;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Presets;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;

/**
 * Trains with the settings tuned for an environment, and evaluates over 100 episodes, as {@code rl
 * train} does, but without what that needs of Java's desktop: {@code GpuTraining ALGORITHM ENV STEPS
 * SEED KERNELS THREADS}. Prints JSON.
 */
public final class GpuTraining {
  private GpuTraining() {}

  /** Trains. */
  public static void main(String[] arguments) {
    train(
        Algorithms.find(arguments[0]),
        arguments[1],
        Long.parseLong(arguments[2]),
        Long.parseLong(arguments[3]),
        Compute.Kernels.valueOf(arguments[4]),
        Integer.parseInt(arguments[5]));
  }

  private static <C extends Record> void train(
      Algorithm<C> algorithm,
      String environment,
      long steps,
      long seed,
      Compute.Kernels kernels,
      int threads) {
    List<Configurations.Layer> tuned =
        Presets.tuned(algorithm.id(), environment).map(Presets.Preset::layer).stream().toList();
    C config = Configurations.bind(algorithm.defaults(), tuned);
    long start = System.nanoTime();
    try (Compute compute = Compute.create(kernels, threads);
        Trainer trainer =
            algorithm.start(
                new TrainingSetup(() -> Environments.make(environment), steps, seed, compute),
                config)) {
      System.err.println(compute.describe());
      long said = 0;
      while (!trainer.done()) {
        Double meanReturn = trainer.iterate().values().get("mean_return");
        if (trainer.steps() - said >= 2000) {
          said = trainer.steps();
          System.err.println(said + " steps: mean return " + meanReturn);
        }
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      EvaluationResult result =
          Evaluation.run(() -> Environments.make(environment), trainer.policy(), 100, 10_001);
      System.out.printf(
          Locale.ROOT,
          "{\"algorithm\": \"%s\", \"environment\": \"%s\", \"steps\": %d, \"seed\": %d,"
              + " \"seconds\": %.1f, \"mean return\": %.1f}%n",
          algorithm.id(),
          environment,
          steps,
          seed,
          seconds,
          result.meanReturn());
    }
  }
}
