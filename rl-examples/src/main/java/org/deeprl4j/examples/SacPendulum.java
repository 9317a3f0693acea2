package org.deeprl4j.examples;

import java.util.Arrays;
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

/** Trains SAC on the pendulum, watching its temperature fall as the policy settles. */
public final class SacPendulum {
  private SacPendulum() {}

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
        SacConfig.defaults().withHidden(List.of(64, 64)).withLearningRate(Schedule.constant(1e-3));
    try (Compute compute = Compute.auto();
        Trainer trainer =
            Sac.start(
                new TrainingSetup(() -> Environments.make("Pendulum-v1"), steps, 1, compute),
                config)) {
      while (!trainer.done()) {
        var metrics = trainer.iterate().values();
        System.out.printf(
            "%7d steps: mean return %8.1f, temperature %.3f%n",
            trainer.steps(), metrics.get("mean_return"), metrics.get("temperature"));
      }
      float[] hanging = {-1, 0, 0}; // cos θ, sin θ, dθ/dt
      System.out.println("torque when hanging: " + Arrays.toString(trainer.policy().act(hanging)));
      EvaluationResult result =
          Evaluation.run(() -> Environments.make("Pendulum-v1"), trainer.policy(), 100, 10_001);
      System.out.printf("evaluation over 100 episodes: %.1f%n", result.meanReturn());
      return result;
    }
  }
}
