package org.deeprl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.RemoteRollouts;
import org.deeprl4j.algorithms.training.RolloutWorkers;
import org.deeprl4j.nn.Compute;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rollouts on Spark in this program. */
final class SparkRolloutsTest {
  @TempDir Path folder;

  @Test
  void aRun_hasTheBitsOfOneProgram() throws Exception {
    RunConfig run = Runs.run(8192, 1);
    Runs.train(folder.resolve("local"), run, null);
    try (RolloutWorkers workers = new SparkProvider().rolloutWorkers("local[2]", run, List.of())) {
      assertEquals(2, workers.count());
      Runs.train(folder.resolve("spark"), run, workers);
    }
    Runs.requireSame(folder.resolve("local"), folder.resolve("spark"));
  }

  /** What an executor cannot do is told in a line that names it. */
  @Test
  void anEnvironmentThatIsMissingThere_isTold() throws Exception {
    RunConfig there = Runs.run(4096, TestEnvironments.FAILS);
    try (RolloutWorkers workers = new SparkProvider().rolloutWorkers("local[2]", there, List.of());
        Compute compute = Compute.create(Compute.Kernels.JAVA, 1);
        OnPolicyTrainer trainer = Runs.trainer(there.withSeed(1), compute)) {
      RemoteRollouts.gatherOn(trainer, workers);
      String told =
          assertThrows(UncheckedIOException.class, trainer::iterate).getCause().getMessage();
      assertTrue(told.startsWith("Spark: "), told);
      assertTrue(told.contains("no environment has seed 13"), told);
      assertEquals(1, told.lines().count());
    }
  }
}
