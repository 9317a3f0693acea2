package org.deeprl4j.examples;

import org.deeprl4j.algorithms.a3c.A3c;
import org.deeprl4j.algorithms.a3c.A3cConfig;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;

/** Trains A3C on the cart-pole, one actor-learner thread a core: no two runs are the same. */
public final class A3cCartPole {
  private A3cCartPole() {}

  /**
   * Runs the example.
   *
   * @param arguments the number of environment steps, 500000 by default
   */
  public static void main(String[] arguments) {
    run(arguments.length > 0 ? Long.parseLong(arguments[0]) : 500000);
  }

  /** Trains for a number of steps, and evaluates over 100 episodes. */
  static EvaluationResult run(long steps) {
    A3cConfig config = A3cConfig.defaults().withRolloutSteps(32).withGamma(0.98);
    try (Compute compute = Compute.auto();
        Trainer trainer =
            A3c.start(
                new TrainingSetup(() -> Environments.make("CartPole-v1"), steps, 1, compute),
                config)) {
      long printed = 0;
      while (!trainer.done()) {
        var metrics = trainer.iterate().values();
        if (trainer.steps() - printed >= steps / 20) {
          printed = trainer.steps();
          System.out.printf(
              "%7d steps: mean return %6.1f, entropy %.4f%n",
              trainer.steps(), metrics.get("mean_return"), metrics.get("entropy"));
        }
      }
      EvaluationResult result =
          Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 100, 10_001);
      System.out.printf("evaluation over 100 episodes: %.1f%n", result.meanReturn());
      return result;
    }
  }
}
