package org.deeprl4j.examples;

import org.deeprl4j.algorithms.a2c.A2c;
import org.deeprl4j.algorithms.a2c.A2cConfig;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.schedule.Schedule;

/** Trains A2C on the cart-pole. */
public final class A2cCartPole {
  private A2cCartPole() {}

  /**
   * Runs the example.
   *
   * @param arguments the number of environment steps, 200000 by default
   */
  public static void main(String[] arguments) {
    run(arguments.length > 0 ? Long.parseLong(arguments[0]) : 200000);
  }

  /** Trains for a number of steps, and evaluates over 100 episodes. */
  static EvaluationResult run(long steps) {
    A2cConfig config = A2cConfig.defaults().withLearningRate(Schedule.linear(7e-4, 0));
    try (Compute compute = Compute.auto();
        Trainer trainer =
            A2c.start(
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
