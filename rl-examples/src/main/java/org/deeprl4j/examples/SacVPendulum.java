package org.deeprl4j.examples;

import java.util.List;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.sac.SacV;
import org.deeprl4j.algorithms.sac.SacVConfig;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.schedule.Schedule;

/**
 * Trains the first form of SAC, with a state-value network and a fixed temperature, on the
 * pendulum.
 */
public final class SacVPendulum {
  private SacVPendulum() {}

  /**
   * Runs the example.
   *
   * @param arguments the number of environment steps, 10000 by default
   */
  public static void main(String[] arguments) {
    run(arguments.length > 0 ? Long.parseLong(arguments[0]) : 10000);
  }

  /** Trains for a number of steps, and evaluates over 100 episodes. */
  static EvaluationResult run(long steps) {
    SacVConfig config =
        SacVConfig.defaults()
            .withHidden(List.of(64, 64))
            .withFixedTemperature(0.2)
            .withLearningRate(Schedule.constant(1e-3));
    try (Compute compute = Compute.auto();
        Trainer trainer =
            SacV.start(
                new TrainingSetup(() -> Environments.make("Pendulum-v1"), steps, 1, compute),
                config)) {
      while (!trainer.done()) {
        var metrics = trainer.iterate().values();
        System.out.printf(
            "%7d steps: mean return %8.1f, V %8.1f%n",
            trainer.steps(), metrics.get("mean_return"), metrics.get("value_mean"));
      }
      EvaluationResult result =
          Evaluation.run(() -> Environments.make("Pendulum-v1"), trainer.policy(), 100, 10_001);
      System.out.printf("evaluation over 100 episodes: %.1f%n", result.meanReturn());
      return result;
    }
  }
}
