package org.deeprl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.RemoteRollouts;
import org.deeprl4j.algorithms.training.RolloutWorkers;
import org.deeprl4j.nn.Compute;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rollouts on Spark in this program, in environments of Gymnasium. Needs a Python with gymnasium,
 * named by RL_PYTHON; skipped without.
 */
final class GymRolloutsTest {
  private static final RunConfig RUN = Runs.run("gym:CartPole-v1", 2048, 1, List.of());

  @TempDir Path folder;

  @BeforeEach
  void requirePython() {
    assumeTrue(
        System.getenv("RL_PYTHON") != null, "RL_PYTHON names no Python with gymnasium: skipped");
  }

  private static Set<ProcessHandle> childrenBut(Set<ProcessHandle> others) {
    return ProcessHandle.current()
        .descendants()
        .filter(one -> !others.contains(one))
        .collect(Collectors.toSet());
  }

  @Test
  void whileNothingIsLost_aRunHasTheBitsOfOneProgram() throws Exception {
    Runs.train(folder.resolve("local"), RUN, null);
    try (RolloutWorkers workers = new SparkProvider().rolloutWorkers("local[2]", RUN, List.of())) {
      Runs.train(folder.resolve("spark"), RUN, workers);
    }
    Runs.requireSame(folder.resolve("local"), folder.resolve("spark"));
  }

  /** In other processes, which end with the run. */
  @Test
  void environmentsWhoseProcessesAreKilled_beginAnew() throws Exception {
    Set<ProcessHandle> before = childrenBut(Set.of());
    List<String> told = new ArrayList<>();
    try (RolloutWorkers workers = new SparkProvider().rolloutWorkers("local[2]", RUN, List.of());
        Compute compute = Compute.create(Compute.Kernels.JAVA, 1);
        OnPolicyTrainer trainer = Runs.trainer(RUN, compute)) {
      RemoteRollouts.gatherOn(trainer, workers, told::add);
      trainer.iterate();
      trainer.iterate();
      assertEquals(List.of(), told);
      Set<ProcessHandle> now = childrenBut(before);
      assertTrue(now.size() >= 2, now.toString());
      now.forEach(ProcessHandle::destroyForcibly);
      trainer.train();
      assertEquals(
          List.of(
              "after 1024 steps, environments that could not be reached and began new episodes: 4"
                  + " of 4"),
          told);
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!childrenBut(before).isEmpty() && System.nanoTime() < end) {
      Thread.sleep(100);
    }
    assertEquals(Set.of(), childrenBut(before));
  }

  /** The interpreter must be where the command says, on every machine. */
  @Test
  void anExecutorWithoutPython_isNamed() throws Exception {
    RunConfig there = RUN.withPython("/nowhere/python");
    try (RolloutWorkers workers = new SparkProvider().rolloutWorkers("local[2]", there, List.of());
        Compute compute = Compute.create(Compute.Kernels.JAVA, 1);
        OnPolicyTrainer trainer = Runs.trainer(RUN, compute)) {
      RemoteRollouts.gatherOn(trainer, workers, Runs::unexpected);
      String why = assertThrows(RuntimeException.class, trainer::iterate).getMessage();
      assertTrue(why.startsWith("executor driver on "), why);
      assertTrue(why.contains("Python cannot be started as '/nowhere/python'"), why);
      assertEquals(1, why.lines().count());
    }
  }
}
