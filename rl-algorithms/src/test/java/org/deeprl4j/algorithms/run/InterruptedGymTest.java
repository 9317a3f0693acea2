package org.deeprl4j.algorithms.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.gym.GymEnvironments;
import org.deeprl4j.nn.Compute;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs a Python with gymnasium, named by RL_PYTHON; skipped without. */
final class InterruptedGymTest {
  private static final int STEPS = 1_000_000;

  @TempDir Path folder;

  private static Trainer trainer(String python, long steps, Compute compute) {
    return Algorithms.A2C.start(
        new TrainingSetup(new GymEnvironments("CartPole-v1", python), steps, 1, compute),
        Algorithms.A2C.defaults());
  }

  private static RunConfig config() {
    return RunConfig.of(
        "a2c", "gym:CartPole-v1", STEPS, 1, Configurations.toJson(Algorithms.A2C.defaults()));
  }

  /** Nearly all of such a run's time is waiting for Python. */
  @Test
  void interruptedInTheMiddle_leavesARunThatResumes() throws Exception {
    String python = System.getenv("RL_PYTHON");
    assumeTrue(python != null, "RL_PYTHON names no Python with gymnasium: skipped");
    Path path = folder.resolve("run");
    CountDownLatch begun = new CountDownLatch(3);
    AtomicReference<@Nullable TrainingReport> report = new AtomicReference<>();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    AtomicReference<Boolean> status = new AtomicReference<>(false);
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer first = trainer(python, STEPS, compute);
        RunDirectory directory = RunDirectory.create(path, config())) {
      TrainingListener counter =
          new TrainingListener() {
            @Override
            public void onIteration(long steps, double seconds, Metrics metrics) {
              begun.countDown();
            }
          };
      Thread thread =
          new Thread(
              () -> {
                try {
                  report.set(
                      Training.run(
                          first, new TrainingPlan(directory, 0, null, () -> false), counter));
                } catch (Throwable e) {
                  failure.set(e);
                }
                status.set(Thread.interrupted());
              });
      thread.start();
      assertTrue(begun.await(60, TimeUnit.SECONDS));
      thread.interrupt();
      thread.join(60_000);
      assertFalse(thread.isAlive());
    }
    assertNull(failure.get());
    assertTrue(status.get());
    TrainingReport of = report.get();
    assertTrue(of != null && of.stopped() && of.totalSteps() < STEPS);
    long more = of.totalSteps() + 512;
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer second = trainer(python, more, compute);
        RunDirectory directory = RunDirectory.open(path)) {
      assertTrue(directory.restore(second));
      assertEquals(of.totalSteps(), second.steps());
      TrainingReport rest = Training.run(second, new TrainingPlan(directory, 0, null, () -> false));
      assertFalse(rest.stopped());
      assertTrue(rest.totalSteps() >= more);
    }
  }
}
