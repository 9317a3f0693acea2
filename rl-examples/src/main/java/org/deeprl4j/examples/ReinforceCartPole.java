package org.deeprl4j.examples;

import org.deeprl4j.algorithms.reinforce.Reinforce;
import org.deeprl4j.algorithms.reinforce.ReinforceConfig;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;

/** Trains REINFORCE with a baseline on the cart-pole. */
public final class ReinforceCartPole {
  private ReinforceCartPole() {}

  /**
   * Runs the example.
   *
   * @param arguments the number of environment steps, 100000 by default
   */
  public static void main(String[] arguments) {
    run(arguments.length > 0 ? Long.parseLong(arguments[0]) : 100000);
  }

  /** Trains for a number of steps, and evaluates over 100 episodes. */
  static EvaluationResult run(long steps) {
    ReinforceConfig config = ReinforceConfig.defaults();
    try (Compute compute = Compute.auto();
        Trainer trainer =
            Reinforce.start(
                new TrainingSetup(() -> Environments.make("CartPole-v1"), steps, 1, compute),
                config)) {
      long printed = 0;
      while (!trainer.done()) {
        var metrics = trainer.iterate().values();
        if (trainer.steps() - printed >= steps / 20) {
          printed = trainer.steps();
          System.out.printf(
              "%7d steps: mean return %6.1f, explained_variance %.4f%n",
              trainer.steps(), metrics.get("mean_return"), metrics.get("explained_variance"));
        }
      }
      EvaluationResult result =
          Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 100, 10_001);
      System.out.printf("evaluation over 100 episodes: %.1f%n", result.meanReturn());
      return result;
    }
  }
}
