package org.deeprl4j.examples;

import java.util.List;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.sac.SacDiscrete;
import org.deeprl4j.algorithms.sac.SacDiscreteConfig;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.schedule.Schedule;

/** Trains SAC for discrete actions on the cart-pole. */
public final class SacDiscreteCartPole {
  private SacDiscreteCartPole() {}

  /**
   * Runs the example.
   *
   * @param arguments the number of environment steps, 30000 by default
   */
  public static void main(String[] arguments) {
    run(arguments.length > 0 ? Long.parseLong(arguments[0]) : 30000);
  }

  /** Trains for a number of steps, and evaluates over 100 episodes. */
  static EvaluationResult run(long steps) {
    SacDiscreteConfig config =
        SacDiscreteConfig.defaults()
            .withHidden(List.of(64, 64))
            .withTargetEntropyRatio(0.5)
            .withLearningStarts(1000)
            .withStepsPerRound(2)
            .withBatchSize(128)
            .withLearningRate(Schedule.constant(1e-3));
    try (Compute compute = Compute.auto();
        Trainer trainer =
            SacDiscrete.start(
                new TrainingSetup(() -> Environments.make("CartPole-v1"), steps, 1, compute),
                config)) {
      while (!trainer.done()) {
        var metrics = trainer.iterate().values();
        System.out.printf(
            "%7d steps: mean return %6.1f, entropy %.2f%n",
            trainer.steps(), metrics.get("mean_return"), metrics.get("entropy"));
      }
      EvaluationResult result =
          Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 100, 10_001);
      System.out.printf("evaluation over 100 episodes: %.1f%n", result.meanReturn());
      return result;
    }
  }
}
