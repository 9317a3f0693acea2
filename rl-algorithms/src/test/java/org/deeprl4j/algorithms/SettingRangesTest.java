package org.deeprl4j.algorithms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.algorithms.run.Training;
import org.deeprl4j.algorithms.run.TrainingPlan;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.state.DivergenceException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a setting accepts can run; whatever cannot is refused in one line before the start. */
final class SettingRangesTest {
  private static final Compute COMPUTE = Compute.create(Compute.Kernels.AUTO, 1);

  /** Small runs that learn nevertheless. */
  private static final Map<String, String> SMALL =
      Map.of(
          "hidden", "8",
          "bufferSize", "300",
          "batchSize", "16",
          "rolloutSteps", "32",
          "learningStarts", "50",
          "actorLearners", "1");

  private static final List<String> WHOLE = List.of("-1", "0", "2000000", "2147483647");
  private static final List<String> REAL = List.of("-1", "0", "4.9e-324", "1e308", "NaN");
  private static final List<String> SCHEDULES =
      List.of(
          "-1",
          "0",
          "4.9e-324",
          "1e308",
          "linear(0, 1e308)",
          "linear(1, -1)",
          "piecewise(0: 0, 0.5: 1e308, 1: 0)");
  private static final List<String> WIDTHS =
      List.of("0", "65537", "65536,65536", "1" + ",1".repeat(64));

  @TempDir Path folder;

  @AfterAll
  static void close() {
    COMPUTE.close();
  }

  static Stream<String> algorithms() {
    return Algorithms.all().stream().map(Algorithm::id);
  }

  private static List<String> extremes(RecordComponent setting) {
    Class<?> type = setting.getType();
    if (type == int.class || type == Integer.class || type == long.class) {
      return WHOLE;
    } else if (type == double.class || type == Double.class) {
      return REAL;
    } else if (type == Schedule.class) {
      return SCHEDULES;
    }
    return setting.getName().equals("hidden") ? WIDTHS : List.of();
  }

  private static <C extends Record> C bind(Algorithm<C> algorithm, String name, String value) {
    List<String> set = new ArrayList<>();
    ObjectNode known = Configurations.toJson(algorithm.defaults());
    SMALL.forEach(
        (small, as) -> {
          if (known.has(small) && !small.equals(name)) {
            set.add(small + "=" + as);
          }
        });
    set.add(name + "=" + value);
    return Configurations.bind(
        algorithm.defaults(), List.of(Configurations.assignments("--set", set)));
  }

  private static Trainer start() {
    return Algorithms.PPO.start(
        new TrainingSetup(() -> Environments.make("Pendulum-v1"), 64, 1, COMPUTE),
        bind(Algorithms.PPO, "gamma", "0.9"));
  }

  private static <C extends Record> void train(Algorithm<C> algorithm, C config) {
    String environment = "Pendulum-v1";
    try {
      algorithm.checkActions(Box.of(-1, 1, 1));
    } catch (IllegalArgumentException e) {
      environment = "CartPole-v1";
    }
    String used = environment;
    TrainingSetup setup = new TrainingSetup(() -> Environments.make(used), 200, 1, COMPUTE);
    try (Trainer trainer = algorithm.start(setup, config)) {
      trainer.train();
    } catch (DivergenceException e) {
      // It has run, and says why it does not go on.
    }
  }

  private static <C extends Record> void tryOut(Algorithm<C> algorithm) {
    for (RecordComponent setting : algorithm.defaults().getClass().getRecordComponents()) {
      for (String value : extremes(setting)) {
        String name = setting.getName();
        String what = algorithm.id() + " " + name + "=" + value;
        C config;
        try {
          config = bind(algorithm, name, value);
        } catch (IllegalArgumentException e) {
          String message = String.valueOf(e.getMessage());
          assertTrue(message.contains(name), what + ": " + message);
          assertEquals(1, message.lines().count(), what + ": " + message);
          continue;
        }
        try {
          train(algorithm, config);
        } catch (IllegalArgumentException e) {
          assertEquals(1, String.valueOf(e.getMessage()).lines().count(), what);
          assertFalse(String.valueOf(e.getMessage()).contains("overflow"), what);
        } catch (RuntimeException | Error e) {
          throw new AssertionError(what, e);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void everySetting_atItsExtremes_isRefusedOrRuns(String id) {
    tryOut(Algorithms.find(id));
  }

  @ParameterizedTest
  @CsvSource({
    "ppo,environments=1000000,'environments must be in [1, 65536], not 1000000'",
    "ppo,clipRange=0,clipRange must be in (0",
    "ppo,learningRate=1e308,learningRate must be in [0",
    "ppo,rolloutSteps=2000000,rolloutSteps must be in [1",
    "sac,critics=1000000,'critics must be in [1, 64], not 1000000'",
    "sac,initialTemperature=1e308,initialTemperature must be in (0",
    "sac,fixedTemperature=1e308,fixedTemperature must be in [0",
    "sac,returnSteps=1000000,'returnSteps must be in [1, 1000], not 1000000'",
    "sac,targetEntropy=1e308,targetEntropy must be in [",
    "sac,adamEpsilon=1e-300,adamEpsilon must be in [",
    "reinforce,episodesPerUpdate=1000000,episodesPerUpdate must be in [1",
    "a3c,actorLearners=1000000,'actorLearners must be in [1, 256]'",
    "trpo,conjugateGradientTolerance=1,conjugateGradientTolerance must be in [0",
  })
  void range(String algorithm, String assignment, String message) {
    String[] parts = assignment.split("=");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> bind(Algorithms.find(algorithm), parts[0], parts[1]));
    assertTrue(String.valueOf(e.getMessage()).contains(message), e::getMessage);
  }

  @Test
  void aScheduleOfTheClipRange_mayEndAtZero() {
    train(Algorithms.PPO, bind(Algorithms.PPO, "clipRange", "linear(0.2, 0)"));
  }

  @Test
  void discardedDirectory_isGone_unlessItsRunHasBegun() throws Exception {
    Path path = folder.resolve("run");
    RunConfig config =
        RunConfig.of("ppo", "Pendulum-v1", 9, 1, Configurations.toJson(Algorithms.PPO.defaults()));
    RunDirectory directory = RunDirectory.create(path, config);
    assertTrue(Files.exists(path));
    directory.discard();
    assertFalse(Files.exists(path));
    try (RunDirectory begun = RunDirectory.create(path, config);
        Trainer trainer = start()) {
      Training.run(trainer, new TrainingPlan(begun, 0, null, () -> true));
      begun.discard();
    }
    assertTrue(Files.exists(path.resolve("checkpoint.bin")));
  }
}
