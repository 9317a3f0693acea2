package org.deeprl4j.examples;

import java.util.List;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.sac.Sac;
import org.deeprl4j.algorithms.sac.SacConfig;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.schedule.Schedule;

/** Trains SAC with hindsight on a task whose reward changes only when the goal is reached. */
public final class HindsightPoint {
  private HindsightPoint() {}

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
    SacConfig config =
        SacConfig.defaults()
            .withHindsightGoals(4)
            .withGamma(0.95)
            .withHidden(List.of(64, 64))
            .withLearningStarts(1000)
            .withLearningRate(Schedule.constant(1e-3));
    try (Compute compute = Compute.auto();
        Trainer trainer =
            Sac.start(
                new TrainingSetup(() -> Environments.make("PointGoal"), steps, 1, compute),
                config)) {
      while (!trainer.done()) {
        var metrics = trainer.iterate().values();
        System.out.printf(
            "%7d steps: mean return %6.1f, Q %6.1f%n",
            trainer.steps(), metrics.get("mean_return"), metrics.get("q_mean"));
      }
      System.out.println(
          "without goals to learn from, most episodes would cost 50; the best ones cost about 7");
      EvaluationResult result =
          Evaluation.run(() -> Environments.make("PointGoal"), trainer.policy(), 100, 10_001);
      System.out.printf("evaluation over 100 episodes: %.1f%n", result.meanReturn());
      return result;
    }
  }
}
