package org.deeprl4j.algorithms.dqn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Discrete;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DqnTest {
  private static final int ROWS = 48;
  private static final int IN = 3;
  private static final int N = 4;
  private static final DqnConfig CONFIG =
      DqnConfig.defaults().withBatchSize(ROWS).withHidden(List.of(16, 16));

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Minibatch batch = Batches.random(compute, ROWS, IN, 1, N, 0.97);

  @AfterEach
  void close() {
    compute.close();
  }

  private Dqn learner(DqnConfig config) {
    return new Dqn(config, Batches.context(compute, IN, new Discrete(N), 3));
  }

  /** Q(s′, ·), [B, n]. */
  private float[] values(Dqn learner) {
    float[] all = new float[ROWS * N];
    for (int k = 0; k < N; k++) {
      float[] actions = new float[ROWS];
      Arrays.fill(actions, k);
      float[] q = new float[ROWS];
      learner.actionValueFunction().values(batch.nextObservations().floats(), actions, ROWS, q);
      for (int b = 0; b < ROWS; b++) {
        all[b * N + k] = q[b];
      }
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "false, true", "true, true"})
  void targets_areTheBellmanEquations(boolean doubleQ, boolean dueling) {
    Dqn learner =
        learner(
            CONFIG.with(
                c ->
                    c.doubleQ(doubleQ)
                        .dueling(dueling)
                        .targetEveryUpdates(1000)
                        .learningRate(Schedule.constant(3e-2))));
    float[] old = values(learner); // what the target network keeps
    learner.update(batch, 0, new Rng(1), new Averages(learner.metrics()));
    float[] current = values(learner);
    learner.update(batch, 0, new Rng(1), new Averages(learner.metrics()));
    float[] expected = new float[ROWS];
    int differing = 0;
    for (int b = 0; b < ROWS; b++) {
      int byTarget = largest(old, b);
      int byNetwork = largest(current, b);
      differing += byTarget == byNetwork ? 0 : 1;
      float next = old[b * N + (doubleQ ? byNetwork : byTarget)];
      expected[b] = batch.rewards()[b] + (b % 3 == 0 ? 0 : 0.97f * next);
    }
    assertArrayEquals(expected, learner.y, 1e-5f);
    assertTrue(differing > 0, "the two networks never choose differently");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void targets_areOfLegalActions(boolean doubleQ) {
    Minibatch masked = Batches.masked(compute, ROWS, IN, N, 0.97);
    Dqn learner =
        new Dqn(
            CONFIG.with(
                c ->
                    c.doubleQ(doubleQ)
                        .targetEveryUpdates(1000)
                        .learningRate(Schedule.constant(3e-2))),
            Batches.maskedContext(compute, IN, new Discrete(N), 3));
    float[] old = learner.q.values(masked.nextObservations()).clone();
    learner.update(masked, 0, new Rng(1), new Averages(learner.metrics()));
    float[] current = learner.q.values(masked.nextObservations()).clone();
    learner.update(masked, 0, new Rng(1), new Averages(learner.metrics()));
    float[] expected = new float[ROWS];
    int differing = 0;
    for (int b = 0; b < ROWS; b++) {
      float[] by = doubleQ ? current : old;
      int best = -1;
      for (int k = 0; k < N; k++) {
        boolean legal = masked.sampled().nextObservations()[b * (IN + N) + IN + k] == 1;
        best = legal && (best < 0 || by[b * N + k] > by[b * N + best]) ? k : best;
      }
      differing += best == largest(by, b) ? 0 : 1;
      expected[b] = masked.rewards()[b] + (b % 3 == 0 ? 0 : 0.97f * old[b * N + best]);
    }
    assertArrayEquals(expected, learner.y, 1e-5f);
    assertTrue(differing > 5, "masks change too few choices: " + differing);
  }

  @Test
  void exploration_isUniformOverLegalActions() {
    Dqn learner =
        new Dqn(
            CONFIG.with(c -> c.initialEpsilon(1).finalEpsilon(1)),
            Batches.maskedContext(compute, IN, new Discrete(N), 3));
    float[] raw = {0.1f, 0.2f, 0.3f, 0, 1, 1, 0};
    int[] counts = new int[N];
    Rng random = new Rng(2);
    float[] action = new float[1];
    for (int i = 0; i < 4000; i++) {
      learner.explore(Tensor.host(1, IN), raw, 0, random, action);
      counts[(int) action[0]]++;
    }
    assertEquals(0, counts[0] + counts[3]);
    assertEquals(2000, counts[1], 150);
  }

  private static int largest(float[] values, int b) {
    int best = 0;
    for (int k = 1; k < N; k++) {
      best = values[b * N + k] > values[b * N + best] ? k : best;
    }
    return best;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gradient_isThatOfTheLoss(boolean dueling) {
    for (int b = 0; b < ROWS; b++) {
      batch.weights()[b] = 0.5f + 0.02f * b;
    }
    for (int b = 0; b < ROWS; b++) {
      batch.rewards()[b] *= 2; // errors on both sides of 1
    }
    for (DqnConfig.Loss kind : DqnConfig.Loss.values()) {
      Dqn learner =
          learner(
              CONFIG.with(
                  c ->
                      c.loss(kind)
                          .dueling(dueling)
                          .activation(Activation.TANH)
                          .maxGradientNorm(null)
                          .targetEveryUpdates(1000)
                          .learningRate(Schedule.constant(0))));
      Averages first = new Averages(learner.metrics());
      learner.update(batch, 0, new Rng(1), first);
      float[] gradient = learner.q.network().gradient().floats().clone();
      Tensor parameters = learner.q.network().parameters();
      float[] saved = parameters.floats().clone();
      float[] direction = new float[gradient.length];
      new Rng(100).fillGaussian(direction, 0, direction.length);
      double expected = 0;
      for (int i = 0; i < direction.length; i++) {
        expected += gradient[i] * direction[i];
      }
      double step = 1e-3;
      double[] at = new double[2];
      for (int side = 0; side < 2; side++) {
        float[] moved = parameters.floatsForWriting();
        for (int i = 0; i < moved.length; i++) {
          moved[i] = (float) (saved[i] + (side == 0 ? -step : step) * direction[i]);
        }
        Averages averages = new Averages(learner.metrics());
        learner.update(batch, 0, new Rng(1), averages); // the targets stay: θ⁻ has not moved
        at[side] = averages.of("critic_loss");
      }
      assertEquals(
          expected, (at[1] - at[0]) / (2 * step), 0.01 * Math.abs(expected) + 1e-3, kind.name());
    }
  }

  @Test
  void epsilon_fallsOverItsPartOfTheRun() {
    DqnConfig config =
        CONFIG.with(c -> c.initialEpsilon(1).finalEpsilon(0.1).explorationFraction(0.5));
    assertEquals(1, config.epsilon(0), 1e-12);
    assertEquals(0.55, config.epsilon(0.25), 1e-12);
    assertEquals(0.1, config.epsilon(0.5), 1e-12);
    assertEquals(0.1, config.epsilon(1), 1e-12);
  }
}
