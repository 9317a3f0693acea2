package org.deeprl4j.examples;

import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.algorithms.trpo.Trpo;
import org.deeprl4j.algorithms.trpo.TrpoConfig;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;

/** Trains TRPO on the cart-pole; no step moves the policy farther than its trust region. */
public final class TrpoCartPole {
  private TrpoCartPole() {}

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
    TrpoConfig config =
        TrpoConfig.defaults()
            .with(
                c ->
                    c.environments(2).rolloutSteps(512).lambda(0.98).damping(1e-3).valueEpochs(20));
    try (Compute compute = Compute.auto();
        Trainer trainer =
            Trpo.start(
                new TrainingSetup(() -> Environments.make("CartPole-v1"), steps, 1, compute),
                config)) {
      long printed = 0;
      while (!trainer.done()) {
        var metrics = trainer.iterate().values();
        if (trainer.steps() - printed >= steps / 20) {
          printed = trainer.steps();
          System.out.printf(
              "%7d steps: mean return %6.1f, kl %.4f%n",
              trainer.steps(), metrics.get("mean_return"), metrics.get("kl"));
        }
      }
      EvaluationResult result =
          Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 100, 10_001);
      System.out.printf("evaluation over 100 episodes: %.1f%n", result.meanReturn());
      return result;
    }
  }
}
