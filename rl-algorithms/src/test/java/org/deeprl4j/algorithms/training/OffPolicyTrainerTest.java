package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.ddpg.Ddpg;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.dqn.Dqn;
import org.deeprl4j.algorithms.dqn.DqnConfig;
import org.deeprl4j.algorithms.sac.Sac;
import org.deeprl4j.algorithms.sac.SacConfig;
import org.deeprl4j.algorithms.sac.SacDiscrete;
import org.deeprl4j.algorithms.sac.SacDiscreteConfig;
import org.deeprl4j.algorithms.sac.SacV;
import org.deeprl4j.algorithms.sac.SacVConfig;
import org.deeprl4j.algorithms.td3.Td3;
import org.deeprl4j.algorithms.td3.Td3Config;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.replay.HindsightReplayBuffer.Strategy;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every off-policy algorithm owes its user: the same bits, stopped or not, on any threads. */
@Tag("training")
final class OffPolicyTrainerTest {
  /** An algorithm with settings in an environment. */
  record Case(String name, String environment, Starter starter) {
    @Override
    public String toString() {
      return name;
    }

    Trainer start(long steps, Compute compute) {
      return starter.start(
          new TrainingSetup(() -> Environments.make(environment), steps, 7, compute));
    }
  }

  interface Starter {
    Trainer start(TrainingSetup setup);
  }

  private static final List<Integer> NETWORKS = List.of(32, 32);

  static Stream<Case> cases() {
    SacConfig sac =
        SacConfig.defaults()
            .with(c -> c.hidden(NETWORKS).learningStarts(300).batchSize(128).bufferSize(1500));
    Td3Config td3 =
        Td3Config.defaults()
            .with(c -> c.hidden(NETWORKS).learningStarts(300).batchSize(128).bufferSize(1500));
    DdpgConfig ddpg =
        DdpgConfig.defaults()
            .with(c -> c.hidden(NETWORKS).learningStarts(300).batchSize(128).bufferSize(1500));
    SacVConfig sacV =
        SacVConfig.defaults()
            .with(c -> c.hidden(NETWORKS).learningStarts(300).batchSize(128).bufferSize(1500));
    DqnConfig dqn =
        DqnConfig.defaults()
            .with(
                c ->
                    c.hidden(NETWORKS)
                        .learningStarts(300)
                        .batchSize(128)
                        .bufferSize(1500)
                        .targetEveryUpdates(50));
    SacDiscreteConfig sacDiscrete =
        SacDiscreteConfig.defaults()
            .with(c -> c.hidden(NETWORKS).learningStarts(300).batchSize(128).bufferSize(1500));
    return Stream.of(
        new Case("sac", "Pendulum-v1", s -> Sac.start(s, sac)),
        new Case(
            "sac, four environments, normalised, 3 steps",
            "Pendulum-v1",
            s ->
                Sac.start(
                    s,
                    sac.with(
                        c ->
                            c.environments(4)
                                .stepsPerRound(8)
                                .updatesPerRound(3)
                                .returnSteps(3)
                                .normalizeObservations(true)
                                .normalizeRewards(true)))),
        new Case(
            "sac, gSDE",
            "MountainCarContinuous-v0",
            s ->
                Sac.start(
                    s,
                    sac.with(
                        c ->
                            c.logStd(LogStd.GSDE)
                                .noiseHold(7)
                                .learningStarts(0)
                                .stepsPerRound(16)
                                .updatesPerRound(8)))),
        new Case(
            "sac, prioritised",
            "Pendulum-v1",
            s ->
                Sac.start(
                    s,
                    sac.with(
                        c ->
                            c.prioritizedReplay(true)
                                .priorityBeta(Schedule.cosine(0.5, 1))
                                .fixedTemperature(0.1)
                                .learningRate(Schedule.parse("piecewise(0: 1e-3, 0.6: 1e-4)"))
                                .criticLearningRate(Schedule.exponential(1e-3, 1e-4))))),
        new Case(
            "sac, hindsight",
            "PointGoal",
            s ->
                Sac.start(
                    s, sac.with(c -> c.hindsightGoals(4).hindsightStrategy(Strategy.EPISODE)))),
        new Case("sac-v", "Pendulum-v1", s -> SacV.start(s, sacV)),
        new Case("td3", "Pendulum-v1", s -> Td3.start(s, td3)),
        new Case("ddpg", "Pendulum-v1", s -> Ddpg.start(s, ddpg)),
        new Case("dqn", "CartPole-v1", s -> Dqn.start(s, dqn)),
        new Case(
            "dqn, double, dueling, prioritised, 3 steps",
            "CartPole-v1",
            s ->
                Dqn.start(
                    s,
                    dqn.with(
                        c ->
                            c.doubleQ(true).dueling(true).prioritizedReplay(true).returnSteps(3)))),
        new Case("sac-discrete", "CartPole-v1", s -> SacDiscrete.start(s, sacDiscrete)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void savedAndLoaded_continuesBitForBit(Case algorithm) {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer whole = algorithm.start(2000, compute);
        Trainer first = algorithm.start(2000, compute);
        Trainer second = algorithm.start(2000, compute)) {
      List<Map<String, Double>> expected = new ArrayList<>();
      while (!whole.done()) {
        expected.add(whole.iterate().values());
      }
      List<Map<String, Double>> actual = new ArrayList<>();
      actual.add(first.iterate().values());
      second.iterate(); // a used trainer must be overwritten completely
      StateFile.fromBytes(StateFile.toBytes("test", first), "test", second);
      while (!second.done()) {
        actual.add(second.iterate().values());
      }
      assertEquals(expected, actual);
      expected.get(1).forEach(OffPolicyTrainerTest::assertFinite);
      assertArrayEquals(StateFile.toBytes("test", whole), StateFile.toBytes("test", second));
    }
  }

  private static void assertFinite(String name, double value) {
    // No temperature is tuned where it is fixed, no episode ends in 2000 steps, nothing is a
    // success.
    boolean undefined =
        name.equals("temperature_loss") || name.startsWith("mean_") || name.equals("success_rate");
    assertTrue(undefined || Double.isFinite(value), name + " = " + value);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void threads_doNotChangeABit(Case algorithm) {
    byte[][] states = new byte[2][];
    for (int threads = 1; threads <= 2; threads++) {
      try (Compute compute = Compute.create(Compute.Kernels.AUTO, threads);
          Trainer trainer = algorithm.start(1000, compute)) {
        while (!trainer.done()) {
          trainer.iterate();
        }
        states[threads - 1] = StateFile.toBytes("test", trainer);
      }
    }
    assertArrayEquals(states[0], states[1]);
  }

  @Test
  void updates_areInTheGivenRatio() {
    SacConfig config =
        SacConfig.defaults()
            .with(
                c ->
                    c.hidden(List.of(8))
                        .environments(4)
                        .learningStarts(100)
                        .stepsPerRound(8)
                        .updatesPerRound(3)
                        .batchSize(8));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer =
            Sac.start(
                new TrainingSetup(() -> Environments.make("Pendulum-v1"), 1000, 1, compute),
                config)) {
      // After the steps 104, 112, …, 1000: 113 rounds.
      assertEquals(113 * 3, trainer.iterate().values().get("updates"));
      assertEquals(1000, trainer.steps());
    }
  }

  /**
   * u updates for every multiple of s from learningStarts on, up to the step where the run ends.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 0, 1000",
    "8, 1, 1, 0, 1000",
    "8, 1, 1, 100, 901",
    "8, 3, 2, 0, 666",
    "8, 8, 1, 0, 125",
    "3, 8, 5, 0, 625",
    "3, 1, 1, 0, 1002"
  })
  void updates_doNotDependOnTheEnvironments(int n, int s, int u, int starts, double updates) {
    DqnConfig config =
        DqnConfig.defaults()
            .with(
                c ->
                    c.hidden(List.of(4))
                        .environments(n)
                        .learningStarts(starts)
                        .stepsPerRound(s)
                        .updatesPerRound(u)
                        .batchSize(4));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer =
            Dqn.start(
                new TrainingSetup(() -> Environments.make("CartPole-v1"), 1000, 1, compute),
                config)) {
      assertEquals(updates, trainer.iterate().values().get("updates"));
    }
  }

  @Test
  void hindsight_needsGoals() {
    SacConfig config = SacConfig.defaults().withHindsightGoals(4);
    assertTrue(
        message("Pendulum-v1", config)
            .contains("hindsightGoals = 4 needs an environment with goals, a GoalMdp"));
    assertTrue(
        message("PointGoal", config.withReturnSteps(3)).contains("returnSteps = 1"),
        message("PointGoal", config.withReturnSteps(3)));
  }

  private static String message(String environment, SacConfig config) {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      TrainingSetup setup =
          new TrainingSetup(() -> Environments.make(environment), 1000, 1, compute);
      return assertThrows(IllegalArgumentException.class, () -> Sac.start(setup, config))
          .getMessage();
    }
  }

  @Test
  void bufferSmallerThanABatch_isRejected() {
    assertEquals(
        "bufferSize must be at least 256, not 100",
        assertThrows(IllegalArgumentException.class, () -> SacConfig.defaults().withBufferSize(100))
            .getMessage());
  }
}
