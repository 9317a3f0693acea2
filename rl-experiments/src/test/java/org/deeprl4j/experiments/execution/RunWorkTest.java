package org.deeprl4j.experiments.execution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.algorithms.run.TrainingListener;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.deeprl4j.envs.Environments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are left at a step and gone on with. */
final class RunWorkTest {
  private static final long TOTAL = 1024;

  @TempDir Path folder;

  /** Small, with iterations of 256 steps and a schedule. */
  private static RunConfig config() {
    return RunConfig.of(
            "ppo",
            "CartPole-v1",
            TOTAL,
            3,
            Configurations.toJson(
                Configurations.bind(
                    Algorithms.PPO.defaults(),
                    List.of(
                        Configurations.assignments(
                            "test",
                            List.of(
                                "hidden=8", "rolloutSteps=256", "learningRate=linear(1e-2, 0)"))))))
        .withEvaluationEpisodes(3);
  }

  private RunTask task(String name, long until) {
    return new RunTask("ppo", folder.resolve(name), config(), until);
  }

  private static RunOutcome execute(RunTask task, TrainingListener... listeners) {
    return new RunWork(
            run -> () -> Environments.make(run.environment()),
            any -> List.of(listeners),
            () -> false)
        .apply(task);
  }

  private static double meanReturn(RunOutcome outcome) {
    return Objects.requireNonNull(outcome.evaluation(), String.valueOf(outcome.failure()))
        .meanReturn();
  }

  @Test
  void runThatIsLeft_isEvaluatedThere_andGoesOnWithTheBitsOfTheWhole() throws IOException {
    RunOutcome whole = execute(task("whole", TOTAL));
    assertEquals(RunOutcome.Status.COMPLETE, whole.status());
    RunOutcome left = execute(task("left", 300));
    assertEquals(RunOutcome.Status.COMPLETE, left.status());
    assertEquals(512, left.steps(), "the end of the iteration");
    assertEquals(TOTAL, RunDirectory.readConfig(folder.resolve("left")).totalSteps());
    // Asked again it answers, and does nothing.
    assertEquals(meanReturn(left), meanReturn(execute(task("left", 300), failing())));
    RunOutcome complete = execute(task("left", TOTAL));
    assertEquals(TOTAL, complete.steps());
    assertEquals(meanReturn(whole), meanReturn(complete));
    for (String file : List.of("policy.bin", "evaluation.json")) {
      assertArrayEquals(
          Files.readAllBytes(folder.resolve("whole").resolve(file)),
          Files.readAllBytes(folder.resolve("left").resolve(file)),
          file);
    }
  }

  /** As if it were killed between its checkpoint and its evaluation: it takes no further step. */
  @Test
  void runThatEndsBeforeItsEvaluation_isEvaluatedWhereItWas() {
    double undisturbed = meanReturn(execute(task("undisturbed", 512)));
    RunTask task = task("killed", 512);
    RunOutcome killed =
        execute(
            task,
            new TrainingListener() {
              @Override
              public void onCheckpoint(long steps, Path directory) {
                throw new IllegalStateException("killed");
              }
            });
    assertEquals(RunOutcome.Status.FAILED, killed.status());
    RunOutcome again = execute(task, failing());
    assertEquals(512, again.steps());
    assertEquals(undisturbed, meanReturn(again));
  }

  /** Allows no iteration. */
  private static TrainingListener failing() {
    return new TrainingListener() {
      @Override
      public void onIteration(long steps, double seconds, Metrics metrics) {
        throw new IllegalStateException("an iteration");
      }
    };
  }

  @Test
  void taskThatEndsAfterItsRun_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> task("run", TOTAL + 1));
    assertThrows(IllegalArgumentException.class, () -> task("run", 0));
  }
}
