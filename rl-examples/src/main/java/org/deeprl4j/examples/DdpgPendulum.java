package org.deeprl4j.examples;

import java.util.List;
import org.deeprl4j.algorithms.ddpg.Ddpg;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.learning.ActionNoise;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.schedule.Schedule;

/** Trains DDPG on the pendulum, exploring with Ornstein-Uhlenbeck noise that dies away. */
public final class DdpgPendulum {
  private DdpgPendulum() {}

  /**
   * Runs the example.
   *
   * @param arguments the number of environment steps, 12000 by default
   */
  public static void main(String[] arguments) {
    run(arguments.length > 0 ? Long.parseLong(arguments[0]) : 12000);
  }

  /** Trains for a number of steps, and evaluates over 100 episodes. */
  static EvaluationResult run(long steps) {
    DdpgConfig config =
        DdpgConfig.defaults()
            .withNoise(ActionNoise.Kind.ORNSTEIN_UHLENBECK)
            .withNoiseSigma(Schedule.linear(0.5, 0))
            .withLearningStarts(2000)
            .withGamma(0.98)
            .withHidden(List.of(64, 64));
    try (Compute compute = Compute.auto();
        Trainer trainer =
            Ddpg.start(
                new TrainingSetup(() -> Environments.make("Pendulum-v1"), steps, 1, compute),
                config)) {
      while (!trainer.done()) {
        var metrics = trainer.iterate().values();
        System.out.printf(
            "%7d steps: mean return %8.1f, Q %8.1f%n",
            trainer.steps(), metrics.get("mean_return"), metrics.get("q_mean"));
      }
      EvaluationResult result =
          Evaluation.run(() -> Environments.make("Pendulum-v1"), trainer.policy(), 100, 10_001);
      System.out.printf("evaluation over 100 episodes: %.1f%n", result.meanReturn());
      return result;
    }
  }
}
