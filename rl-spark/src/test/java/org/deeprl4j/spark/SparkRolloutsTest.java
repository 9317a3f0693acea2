package org.deeprl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.RemoteRollouts;
import org.deeprl4j.algorithms.training.RolloutWorkers;
import org.deeprl4j.nn.Compute;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollouts on Spark in this program. */
final class SparkRolloutsTest {
  @TempDir Path folder;

  /** Also where observations are scaled, and where environments stay with their executor. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ArmReach",
        "ArmReach normalizeObservations=true statisticsPerRollout=true",
        TestEnvironments.HIDDEN
      })
  void aRun_hasTheBitsOfOneProgram(String what) throws Exception {
    String[] words = what.split(" ");
    RunConfig run = Runs.run(words[0], 8192, 1, List.of(words).subList(1, words.length));
    Runs.train(folder.resolve("local"), run, null);
    try (RolloutWorkers workers = new SparkProvider().rolloutWorkers("local[2]", run, List.of())) {
      assertEquals(2, workers.count());
      Runs.train(folder.resolve("spark"), run, workers);
    }
    Runs.requireSame(folder.resolve("local"), folder.resolve("spark"));
  }

  /** Environments that were kept for a run end with it. */
  @Test
  void environmentsThatWereKept_areClosedAtTheEnd() throws Exception {
    RunConfig run = Runs.run(TestEnvironments.HIDDEN, 1024, 1, List.of());
    int before = TestEnvironments.Hidden.OPEN.get();
    try (RolloutWorkers workers = new SparkProvider().rolloutWorkers("local[2]", run, List.of());
        Compute compute = Compute.create(Compute.Kernels.JAVA, 1);
        OnPolicyTrainer trainer = Runs.trainer(run, compute)) {
      RemoteRollouts.gatherOn(trainer, workers, Runs::unexpected);
      trainer.iterate();
      assertEquals(4, TestEnvironments.Hidden.OPEN.get() - before);
    }
    assertEquals(before, TestEnvironments.Hidden.OPEN.get());
  }

  /** What an executor cannot do is told in a line that names it. */
  @Test
  void anEnvironmentThatIsMissingThere_isTold() throws Exception {
    RunConfig there = Runs.run(4096, TestEnvironments.FAILS);
    List<String> told = new ArrayList<>();
    try (RolloutWorkers workers = new SparkProvider().rolloutWorkers("local[2]", there, List.of());
        Compute compute = Compute.create(Compute.Kernels.JAVA, 1);
        OnPolicyTrainer trainer = Runs.trainer(there.withSeed(1), compute)) {
      RemoteRollouts.gatherOn(trainer, workers, told::add);
      String why = assertThrows(IllegalArgumentException.class, trainer::iterate).getMessage();
      assertTrue(why.startsWith("executor driver on "), why);
      assertTrue(
          why.endsWith(
              " cannot make the environment, which needs the same files at the same paths on every"
                  + " machine: no environment has seed 13"),
          why);
    }
    assertEquals(List.of(), told);
  }
}
