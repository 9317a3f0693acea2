package org.deeprl4j.examples;

import java.util.Arrays;
import org.deeprl4j.algorithms.ppo.Ppo;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.schedule.Schedule;

/** Trains PPO on the pendulum through the library's interface, watching its metrics. */
public final class PpoPendulum {
  private PpoPendulum() {}

  /**
   * Runs the example.
   *
   * @param arguments the number of environment steps, 100000 by default
   */
  public static void main(String[] arguments) {
    run(arguments.length > 0 ? Long.parseLong(arguments[0]) : 100_000);
  }

  /** Trains for a number of steps, and evaluates over 100 episodes. */
  static EvaluationResult run(long steps) {
    PpoConfig config =
        PpoConfig.defaults()
            .withEnvironments(4)
            .withRolloutSteps(1024)
            .withEpochs(20)
            .withGamma(0.9)
            .withLearningRate(Schedule.linear(1e-3, 0))
            .withInitialLogStd(0.5);
    try (Compute compute = Compute.auto();
        Trainer trainer =
            Ppo.start(
                new TrainingSetup(() -> Environments.make("Pendulum-v1"), steps, 1, compute),
                config)) {
      while (!trainer.done()) {
        double meanReturn = trainer.iterate().values().get("mean_return");
        System.out.printf("%7d steps: mean return %8.1f%n", trainer.steps(), meanReturn);
      }
      float[] hanging = {-1, 0, 0}; // cos θ, sin θ, dθ/dt
      System.out.println("torque when hanging: " + Arrays.toString(trainer.policy().act(hanging)));
      EvaluationResult result =
          Evaluation.run(() -> Environments.make("Pendulum-v1"), trainer.policy(), 100, 10_001);
      System.out.printf("evaluation over 100 episodes: %.1f%n", result.meanReturn());
      return result;
    }
  }
}
