package org.deeprl4j.algorithms.a2c;

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
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class A2cTrainingTest {
  private static final A2cConfig SHORT =
      A2cConfig.defaults()
          .with(
              c ->
                  c.learningRate(Schedule.linear(1e-3, 0))
                      .entropyCoefficient(Schedule.constant(0.01))
                      .normalizeAdvantage(true)
                      .normalizeObservations(true)
                      .normalizeRewards(true));

  private static Trainer start(String environment, A2cConfig config, long steps, Compute compute) {
    return A2c.start(
        new TrainingSetup(() -> Environments.make(environment), steps, 7, compute), config);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CartPole-v1", "Pendulum-v1"})
  void savedAndLoaded_continuesBitForBit(String environment) {
    boolean pendulum = environment.startsWith("Pendulum");
    A2cConfig config =
        SHORT
            .withLogStd(pendulum ? LogStd.GSDE : LogStd.FREE)
            .withOptimizer(pendulum ? A2cConfig.Optimizer.ADAM : A2cConfig.Optimizer.RMSPROP);
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer whole = start(environment, config, 3000, compute);
        Trainer first = start(environment, config, 3000, compute);
        Trainer second = start(environment, config, 3000, compute)) {
      List<Map<String, Double>> expected = new ArrayList<>();
      while (!whole.done()) {
        expected.add(whole.iterate().values());
      }
      List<Map<String, Double>> actual = new ArrayList<>();
      actual.add(first.iterate().values());
      assertEquals(280, first.steps(), "a row is the first whole rollout beyond 256 steps");
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
  void adamsFirstStep_isTheLearningRateForEveryParameter() {
    double rate = 1e-3;
    A2cConfig config =
        A2cConfig.defaults()
            .with(
                c ->
                    c.optimizer(A2cConfig.Optimizer.ADAM)
                        .adamEpsilon(1e-12)
                        .learningRate(Schedule.constant(rate)));
    int oneUpdate = config.environments() * config.rolloutSteps();
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = start("CartPole-v1", config, oneUpdate, compute)) {
      Tensor theta = ((NetworkPolicy) trainer.policy()).network().parameters();
      float[] before = theta.floats().clone();
      trainer.iterate();
      int moved = 0;
      for (int i = 0; i < before.length; i++) {
        double step = Math.abs((double) theta.floats()[i] - before[i]);
        assertTrue(step <= 1.01 * rate, "moved by " + step);
        moved += step > 0.99 * rate ? 1 : 0; // all but those of a gradient near 0
      }
      assertTrue(moved > 0.9 * before.length, moved + " of " + before.length);
    }
  }

  @Tag("training")
  @Test
  void cartPole_isLearned() {
    A2cConfig config = A2cConfig.defaults().withLearningRate(Schedule.linear(7e-4, 0));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = start("CartPole-v1", config, 200_000, compute)) {
      while (!trainer.done()) {
        trainer.iterate();
      }
      double learned =
          Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 20, 10_001)
              .meanReturn();
      assertTrue(learned > 400, "mean return " + learned);
    }
  }
}
