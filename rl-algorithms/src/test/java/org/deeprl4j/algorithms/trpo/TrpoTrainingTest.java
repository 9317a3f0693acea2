package org.deeprl4j.algorithms.trpo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrpoTrainingTest {
  private static final TrpoConfig SHORT =
      TrpoConfig.defaults()
          .with(
              c ->
                  c.environments(2)
                      .rolloutSteps(200)
                      .hidden(List.of(32, 32))
                      .normalizeObservations(true)
                      .normalizeRewards(true));

  private static TrainingSetup setup(String environment, long steps, Compute compute) {
    return new TrainingSetup(() -> Environments.make(environment), steps, 7, compute);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CartPole-v1", "Pendulum-v1"})
  void savedAndLoaded_continuesBitForBit(String environment) {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer whole = Trpo.start(setup(environment, 2000, compute), SHORT);
        Trainer first = Trpo.start(setup(environment, 2000, compute), SHORT);
        Trainer second = Trpo.start(setup(environment, 2000, compute), SHORT)) {
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
      assertArrayEquals(StateFile.toBytes("test", whole), StateFile.toBytes("test", second));
    }
  }

  @Test
  void threads_changeNoBit() {
    List<byte[]> states = new ArrayList<>();
    for (int threads = 1; threads <= 2; threads++) {
      try (Compute compute = Compute.create(Compute.Kernels.AUTO, threads);
          Trainer trainer =
              Trpo.start(
                  setup("Pendulum-v1", 3000, compute),
                  TrpoConfig.defaults().withRolloutSteps(600))) {
        trainer.train();
        states.add(StateFile.toBytes("test", trainer));
      }
    }
    assertArrayEquals(states.get(0), states.get(1));
  }

  @Tag("training")
  @Test
  void cartPole_isLearned() {
    TrpoConfig config =
        TrpoConfig.defaults()
            .with(
                c ->
                    c.environments(2).rolloutSteps(512).damping(1e-3).lambda(0.98).valueEpochs(20));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = Trpo.start(setup("CartPole-v1", 40_000, compute), config)) {
      trainer.train();
      assertLearned(trainer);
    }
  }

  @Tag("training")
  @Test
  void cartPole_isLearnedByTheNaturalGradient() {
    NpgConfig config =
        NpgConfig.defaults()
            .with(c -> c.environments(2).rolloutSteps(512).lambda(0.98).valueEpochs(20));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = Npg.start(setup("CartPole-v1", 40_000, compute), config)) {
      trainer.train();
      assertLearned(trainer);
    }
  }

  private static void assertLearned(Trainer trainer) {
    double learned =
        Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 20, 10_001)
            .meanReturn();
    assertTrue(learned > 300, "mean return " + learned);
  }
}
