package org.deeprl4j.examples;

import org.deeprl4j.algorithms.dqn.Dqn;
import org.deeprl4j.algorithms.dqn.DqnConfig;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.schedule.Schedule;

/** Trains DQN on the cart-pole: double, dueling, from prioritised three-step returns. */
public final class DqnCartPole {
  private DqnCartPole() {}

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
    DqnConfig config =
        DqnConfig.defaults()
            .withDoubleQ(true)
            .withDueling(true)
            .withPrioritizedReplay(true)
            .withReturnSteps(3)
            .withLearningStarts(1000)
            .withStepsPerRound(4)
            .withUpdatesPerRound(2)
            .withBatchSize(64)
            .withTargetEveryUpdates(200)
            .withLearningRate(Schedule.linear(1e-3, 1e-4));
    try (Compute compute = Compute.auto();
        Trainer trainer =
            Dqn.start(
                new TrainingSetup(() -> Environments.make("CartPole-v1"), steps, 1, compute),
                config)) {
      while (!trainer.done()) {
        var metrics = trainer.iterate().values();
        System.out.printf(
            "%7d steps: mean return %6.1f, ε %.2f%n",
            trainer.steps(), metrics.get("mean_return"), metrics.get("epsilon"));
      }
      EvaluationResult result =
          Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 100, 10_001);
      System.out.printf("evaluation over 100 episodes: %.1f%n", result.meanReturn());
      return result;
    }
  }
}
