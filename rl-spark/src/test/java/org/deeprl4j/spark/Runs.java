package org.deeprl4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.algorithms.run.Training;
import org.deeprl4j.algorithms.run.TrainingPlan;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.RemoteRollouts;
import org.deeprl4j.algorithms.training.RolloutWorkers;
import org.deeprl4j.experiments.execution.RunWork;
import org.deeprl4j.nn.Compute;
import org.jspecify.annotations.Nullable;

/** Small runs, whose rollouts anybody gathers. */
final class Runs {
  private Runs() {}

  /** PPO on the arm, with rollouts of 512 steps. */
  static RunConfig run(long steps, long seed) {
    return run("ArmReach", steps, seed, List.of());
  }

  /** As above, in another environment and with further settings. */
  static RunConfig run(String environment, long steps, long seed, List<String> settings) {
    List<String> all =
        new ArrayList<>(
            List.of("environments=4", "rolloutSteps=128", "batchSize=128", "hidden=16"));
    all.addAll(settings);
    return RunConfig.of(
            "ppo",
            environment,
            steps,
            seed,
            Configurations.toJson(
                Configurations.bind(
                    Algorithms.PPO.defaults(), List.of(Configurations.assignments("test", all)))))
        .withKernels("JAVA");
  }

  static OnPolicyTrainer trainer(RunConfig run, Compute compute) {
    return (OnPolicyTrainer) RunWork.start(run, new TestEnvironments().of(run, List.of()), compute);
  }

  /** Is told something where there is nothing to tell. */
  static void unexpected(String line) {
    throw new AssertionError(line);
  }

  /** Trains in a new run directory. */
  static void train(Path path, RunConfig run, @Nullable RolloutWorkers workers) throws IOException {
    try (Compute compute = Compute.create(Compute.Kernels.JAVA, 1);
        OnPolicyTrainer trainer = trainer(run, compute);
        RunDirectory directory = RunDirectory.create(path, run)) {
      if (workers != null) {
        RemoteRollouts.gatherOn(trainer, workers, Runs::unexpected);
      }
      Training.run(trainer, new TrainingPlan(directory, 0, null, () -> false));
    }
  }

  /** Checks that two runs have the same policy and the same episodes. */
  static void requireSame(Path expected, Path found) throws IOException {
    assertArrayEquals(
        Files.readAllBytes(expected.resolve("policy.bin")),
        Files.readAllBytes(found.resolve("policy.bin")));
    assertEquals(episodes(expected), episodes(found));
  }

  /** Without the times at which they ended. */
  private static List<String> episodes(Path run) throws IOException {
    List<String> episodes =
        Files.readAllLines(run.resolve("episodes.csv")).stream()
            .map(line -> line.substring(0, line.lastIndexOf(',')))
            .toList();
    assertTrue(episodes.size() > 10, episodes.toString());
    return episodes;
  }
}
