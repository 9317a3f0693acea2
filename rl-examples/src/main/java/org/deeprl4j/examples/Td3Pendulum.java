package org.deeprl4j.examples;

import java.util.List;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.td3.Td3;
import org.deeprl4j.algorithms.td3.Td3Config;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;

/** Trains TD3 on four pendulums at once, with one update for each step of the four together. */
public final class Td3Pendulum {
  private Td3Pendulum() {}

  /**
   * Runs the example.
   *
   * @param arguments the number of environment steps, 40000 by default
   */
  public static void main(String[] arguments) {
    run(arguments.length > 0 ? Long.parseLong(arguments[0]) : 40000);
  }

  /** Trains for a number of steps, and evaluates over 100 episodes. */
  static EvaluationResult run(long steps) {
    Td3Config config =
        Td3Config.defaults()
            .withEnvironments(4)
            .withStepsPerRound(4)
            .withUpdatesPerRound(1)
            .withLearningStarts(2000)
            .withHidden(List.of(64, 64));
    try (Compute compute = Compute.auto();
        Trainer trainer =
            Td3.start(
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
