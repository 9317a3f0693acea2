package org.deeprl4j.algorithms.ppo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PpoTrainingTest {
  private static final PpoConfig SHORT =
      PpoConfig.defaults()
          .with(
              c ->
                  c.environments(4)
                      .rolloutSteps(64)
                      .epochs(3)
                      .batchSize(32)
                      .learningRate(Schedule.linear(1e-3, 0))
                      .entropyCoefficient(Schedule.constant(0.01))
                      .normalizeObservations(true)
                      .normalizeRewards(true));

  private static Trainer start(String environment, PpoConfig config, long steps, Compute compute) {
    return Ppo.start(
        new TrainingSetup(() -> Environments.make(environment), steps, 7, compute), config);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CartPole-v1", "Pendulum-v1"})
  void savedAndLoaded_continuesBitForBit(String environment) {
    checkContinues(environment, SHORT);
  }

  @Test
  void savedAndLoaded_continuesBitForBit_withStateDependentExploration() {
    checkContinues("Pendulum-v1", SHORT.withLogStd(LogStd.GSDE).withNoiseHold(4));
    checkContinues("Pendulum-v1", SHORT.withLogStd(LogStd.GSDE).withSharedNetwork(true));
  }

  @Test
  void savedAndLoaded_continuesBitForBit_withAnAdaptivePenalty() {
    checkContinues("Pendulum-v1", SHORT.withObjective(Objective.ADAPTIVE_KL));
  }

  private static void checkContinues(String environment, PpoConfig config) {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer whole = start(environment, config, 2048, compute);
        Trainer first = start(environment, config, 2048, compute);
        Trainer second = start(environment, config, 2048, compute)) {
      List<Map<String, Double>> expected = new ArrayList<>();
      while (!whole.done()) {
        expected.add(whole.iterate().values());
      }
      List<Map<String, Double>> actual = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        actual.add(first.iterate().values());
      }
      second.iterate(); // a used trainer must be overwritten completely
      StateFile.fromBytes(StateFile.toBytes("test", first), "test", second);
      while (!second.done()) {
        actual.add(second.iterate().values());
      }
      assertEquals(expected, actual);
      assertArrayEquals(StateFile.toBytes("test", whole), StateFile.toBytes("test", second));
    }
  }

  @Test
  void threads_doNotChangeABit() {
    byte[][] states = new byte[2][];
    for (int threads = 1; threads <= 2; threads++) {
      try (Compute compute = Compute.create(Compute.Kernels.AUTO, threads);
          Trainer trainer = start("Pendulum-v1", SHORT.withBatchSize(256), 1024, compute)) {
        while (!trainer.done()) {
          trainer.iterate();
        }
        states[threads - 1] = StateFile.toBytes("test", trainer);
      }
    }
    assertArrayEquals(states[0], states[1]);
  }

  @Test
  void run_takesExactlyTheGivenSteps() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = start("CartPole-v1", SHORT, 1000, compute)) {
      while (!trainer.done()) {
        trainer.iterate();
      }
      assertEquals(1000, trainer.steps());
    }
  }

  @Test
  void targetKl_endsTheEpochsEarly() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer =
            start(
                "CartPole-v1",
                SHORT.withTargetKl(1e-6).withEpochs(50).withLearningRate(Schedule.constant(1e-2)),
                256,
                compute)) {
      Map<String, Double> metrics = trainer.iterate().values();
      assertTrue(metrics.get("epochs_run") < 50, metrics.toString());
      assertTrue(Double.isFinite(metrics.get("gradient_norm")), metrics.toString());
    }
  }

  @Tag("training")
  @Test
  void cartPole_isLearned() {
    PpoConfig config =
        PpoConfig.defaults()
            .with(
                c ->
                    c.environments(8)
                        .rolloutSteps(32)
                        .batchSize(256)
                        .gamma(0.98)
                        .lambda(0.8)
                        .epochs(20)
                        .learningRate(Schedule.linear(1e-3, 0))
                        .clipRange(Schedule.linear(0.2, 0)));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = start("CartPole-v1", config, 40_000, compute)) {
      double random =
          Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 20, 10_001)
              .meanReturn();
      while (!trainer.done()) {
        trainer.iterate();
      }
      double learned =
          Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 20, 10_001)
              .meanReturn();
      assertTrue(random < 200 && learned > 400, random + " → " + learned);
    }
  }
}
