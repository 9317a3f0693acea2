package org.deeprl4j.algorithms.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.nn.Compute;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who listens to steps and episodes, in every regime, with real environments. */
class ListenersTest {
  private static final int STEPS = 1200;

  @TempDir Path folder;
  private Compute compute;

  @BeforeEach
  void open() {
    compute = Compute.create(Compute.Kernels.JAVA, 1);
  }

  @AfterEach
  void close() {
    compute.close();
  }

  private Trainer start(String id, String environment, String... settings) {
    return start(Algorithms.find(id), environment, settings);
  }

  private <C extends Record> Trainer start(
      Algorithm<C> algorithm, String environment, String... settings) {
    C configuration =
        Configurations.bind(
            algorithm.defaults(),
            List.of(Configurations.assignments("test", Arrays.asList(settings))));
    return algorithm.start(
        new TrainingSetup(() -> Environments.make(environment), STEPS, 3, compute), configuration);
  }

  private RunDirectory create(String name, String environment) throws IOException {
    return RunDirectory.create(
        folder.resolve(name),
        RunConfig.of("ppo", environment, STEPS, 3, Configurations.toJson(Algorithms.PPO.defaults()))
            .withCheckpointEvery(1 << 20));
  }

  private static TrainingPlan plan(RunDirectory directory) {
    return new TrainingPlan(directory, 1 << 20, null, () -> false);
  }

  /** Counts steps and sums rewards. */
  private static class Counter implements TrainingListener {
    long calls;
    long last;
    double rewards;

    @Override
    public EpisodeLog.StepListener stepListener() {
      return this::onStep;
    }

    void onStep(long steps, VectorEnv environments) {
      calls++;
      last = steps;
      for (double reward : environments.rewards()) {
        rewards += reward;
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ppo, CartPole-v1, 2, environments=2 rolloutSteps=64 hidden=8",
    "dqn, CartPole-v1, 2, environments=2 learningStarts=100 batchSize=8 hidden=8",
    "reinforce, CartPole-v1, 1, hidden=8",
    "a3c, CartPole-v1, 1, actorLearners=1 hidden=8"
  })
  void everyStep_isTold_andChangesNothing(String id, String environment, int n, String settings)
      throws IOException {
    String[] each = settings.split(" ");
    Counter counter = new Counter();
    try (Trainer told = start(id, environment, each);
        Trainer untold = start(id, environment, each)) {
      Training.run(told, TrainingPlan.bare(), counter);
      untold.train();
      assertEquals(told.steps(), counter.calls * n);
      assertEquals(told.steps(), counter.rewards, "CartPole gives 1 a step");
      if (!id.equals("a3c")) { // which knows what it has begun
        assertEquals(told.steps(), counter.last);
      }
      assertArrayEquals(
          untold.policy().act(new float[] {0.1f, 0.2f, 0.01f, 0.3f}),
          told.policy().act(new float[] {0.1f, 0.2f, 0.01f, 0.3f}));
      assertEquals(untold.episodes().metrics(), told.episodes().metrics());
    }
  }

  @Test
  void aStepThatThrows_endsTheRun_withACheckpoint() throws IOException {
    IllegalStateException thrown = new IllegalStateException("mine");
    Counter counter =
        new Counter() {
          @Override
          void onStep(long steps, VectorEnv environments) {
            super.onStep(steps, environments);
            if (steps == 300) {
              throw thrown;
            }
          }
        };
    String[] settings = {"environments=1", "rolloutSteps=256", "batchSize=64", "hidden=8"};
    try (Trainer trainer = start("ppo", "CartPole-v1", settings);
        RunDirectory directory = create("run", "CartPole-v1")) {
      assertSame(
          thrown,
          assertThrows(
              IllegalStateException.class, () -> Training.run(trainer, plan(directory), counter)));
      assertEquals(300, counter.calls, "it is not told any more");
    }
    try (Trainer whole = start("ppo", "CartPole-v1", settings);
        Trainer resumed = start("ppo", "CartPole-v1", settings);
        RunDirectory once = create("whole", "CartPole-v1");
        RunDirectory directory = RunDirectory.open(folder.resolve("run"))) {
      assertTrue(directory.restore(resumed));
      assertEquals(512, resumed.steps());
      Training.run(resumed, plan(directory));
      Training.run(whole, plan(once));
    }
    assertEquals(episodes("whole"), episodes("run"));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole/policy.bin")),
        Files.readAllBytes(folder.resolve("run/policy.bin")));
  }

  @ParameterizedTest
  @CsvSource({"start", "steps", "reason", "end"})
  void everyCallback_mayThrow(String where) throws IOException {
    IllegalStateException thrown = new IllegalStateException("mine");
    TrainingListener listener =
        new TrainingListener() {
          private void at(String here) {
            if (here.equals(where)) {
              throw thrown;
            }
          }

          @Override
          public void onStart(List<RunDirectory.Evaluated> earlier) {
            at("start");
          }

          @Override
          public EpisodeLog.StepListener stepListener() {
            at("steps");
            return (steps, environments) -> {};
          }

          @Override
          public String reasonToStop() {
            at("reason");
            return "enough";
          }

          @Override
          public void onEnd(TrainingReport report) {
            at("end");
          }
        };
    try (Trainer trainer = start("ppo", "CartPole-v1", "hidden=8");
        RunDirectory directory = create(where, "CartPole-v1")) {
      assertSame(
          thrown,
          assertThrows(
              IllegalStateException.class, () -> Training.run(trainer, plan(directory), listener)));
    }
    assertTrue(Files.exists(folder.resolve(where).resolve("checkpoint.bin")));
  }

  @Test
  void aDecisionFromAStep_endsTheRunAfterItsIteration() throws IOException {
    List<String> reason = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public EpisodeLog.StepListener stepListener() {
            return (steps, environments) -> {
              if (steps == 257) {
                reason.add("step 257");
              }
            };
          }

          @Override
          public String reasonToStop() {
            return reason.isEmpty() ? null : reason.get(0);
          }
        };
    TrainingPlan evaluated =
        new TrainingPlan(
            null,
            0,
            new TrainingPlan.Evaluations(() -> Environments.make("CartPole-v1"), 0, 1, 1),
            () -> false);
    try (Trainer trainer =
        start(
            "ppo",
            "CartPole-v1",
            "environments=1",
            "rolloutSteps=256",
            "batchSize=64",
            "hidden=8")) {
      TrainingReport report = Training.run(trainer, evaluated, listener);
      assertEquals("step 257", report.reason());
      assertEquals(512, report.totalSteps());
      assertNotNull(report.evaluation());
    }
  }

  /** The rows of episodes.csv without the time. */
  private List<String> episodes(String run) throws IOException {
    return Files.readAllLines(folder.resolve(run).resolve("episodes.csv")).stream()
        .map(line -> line.substring(0, line.lastIndexOf(',')))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"CartPole-v1, false", "PointGoal, true"})
  void everyEpisode_hasARow(String environment, boolean knowsSuccess) throws IOException {
    Map<String, Double> metrics;
    try (Trainer trainer = start("ppo", environment, "environments=4", "hidden=8");
        RunDirectory directory = create("run", environment)) {
      Training.run(trainer, plan(directory));
      metrics = trainer.episodes().metrics();
    }
    List<String> rows = episodes("run");
    assertEquals("return,length,success,steps", rows.get(0));
    assertEquals(metrics.get("episodes"), rows.size() - 1);
    List<String[]> cells = rows.stream().skip(1).map(row -> row.split(",", -1)).toList();
    List<String[]> last = cells.subList(Math.max(0, cells.size() - 100), cells.size());
    assertEquals(
        metrics.get("mean_length"),
        last.stream().mapToInt(row -> Integer.parseInt(row[1])).average().orElseThrow(),
        1e-9);
    assertEquals(
        metrics.get("mean_return"),
        last.stream().mapToDouble(row -> Double.parseDouble(row[0])).average().orElseThrow(),
        1e-9);
    if (knowsSuccess) {
      assertEquals(
          metrics.get("success_rate"),
          last.stream().mapToInt(row -> Integer.parseInt(row[2])).average().orElseThrow(),
          1e-9);
    } else {
      assertTrue(metrics.get("success_rate").isNaN());
      assertTrue(cells.stream().allMatch(row -> row[2].isEmpty()));
    }
    long before = 0;
    for (String[] row : cells) {
      assertTrue(Long.parseLong(row[3]) >= before && Long.parseLong(row[3]) <= STEPS + 4);
      before = Long.parseLong(row[3]);
    }
  }

  @Test
  void metrics_haveTime_andTensorBoardTheHyperParameters() throws Exception {
    try (Trainer trainer = start("ppo", "CartPole-v1", "hidden=8");
        RunDirectory directory = create("run", "CartPole-v1")) {
      Training.run(trainer, plan(directory));
    }
    double[][] columns =
        RunDirectory.readMetrics(
            folder.resolve("run"), "steps", "seconds", "steps_per_second", "success_rate");
    double before = 0;
    for (int row = 0; row < columns[0].length; row++) {
      double taken = columns[0][row] - (row == 0 ? 0 : columns[0][row - 1]);
      double seconds = columns[1][row] - before;
      before = columns[1][row];
      assertTrue(columns[2][row] > 0);
      // the seconds are rounded to milliseconds
      assertEquals(taken / columns[2][row], seconds, 2e-3);
    }
  }
}
