package org.deeprl4j.examples;

import java.util.Arrays;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.ppo.Ppo;
import org.deeprl4j.ppo.PpoConfig;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.training.Evaluation;
import org.deeprl4j.training.Trainer;
import org.deeprl4j.training.TrainingSetup;

/**
 * Trains PPO on the pendulum through the library's interface, and asks the policy for an action.
 */
public final class PpoPendulum {
  private PpoPendulum() {}

  /**
   * Runs the example.
   *
   * @param arguments the number of environment steps, 100000 by default
   */
  public static void main(String[] arguments) {
    long steps = arguments.length > 0 ? Long.parseLong(arguments[0]) : 100_000;
    PpoConfig config =
        PpoConfig.defaults()
            .with(
                c ->
                    c.environments(4).steps(1024).gamma(0.9).learningRate(Schedule.constant(1e-3)));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 2);
        Trainer trainer =
            Ppo.start(
                new TrainingSetup(() -> Environments.make("Pendulum-v1"), steps, 1, compute),
                config)) {
      while (!trainer.done()) {
        var metrics = trainer.iterate().values();
        System.out.printf(
            "%7d steps: mean return %8.1f%n", trainer.steps(), metrics.get("mean_return"));
      }
      float[] observation = {-1, 0, 0}; // cos θ, sin θ, θ̇
      System.out.println(
          "torque when hanging: " + Arrays.toString(trainer.policy().act(observation)));
      var result =
          Evaluation.run(() -> Environments.make("Pendulum-v1"), trainer.policy(), 100, 10_001);
      System.out.printf("evaluation over 100 episodes: %.1f%n", result.meanReturn());
    }
  }
}
