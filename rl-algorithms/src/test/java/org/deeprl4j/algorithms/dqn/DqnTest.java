package org.deeprl4j.algorithms.dqn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Gradients;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.training.Updates;
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
            CONFIG.withEnvironments(2).withExplorationRate(Schedule.constant(1)),
            Batches.maskedContext(compute, IN, new Discrete(N), 3));
    float[] raw = {0.1f, 0.2f, 0.3f, 0, 1, 1, 0, 0.1f, 0.2f, 0.3f, 1, 0, 0, 1};
    int[][] counts = new int[2][N];
    Rng random = new Rng(2);
    float[] actions = new float[2];
    for (int i = 0; i < 4000; i++) {
      learner.explore(Tensor.host(2, IN), raw, 0, random, actions);
      counts[0][(int) actions[0]]++;
      counts[1][(int) actions[1]]++;
    }
    assertEquals(0, counts[0][0] + counts[0][3]);
    assertEquals(2000, counts[0][1], 150);
    assertEquals(0, counts[1][1] + counts[1][2]);
    assertEquals(2000, counts[1][0], 150);
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
  void explorationRate_fallsOverTheFirstTenthOfTheRun() {
    Schedule rate = DqnConfig.defaults().explorationRate();
    assertEquals(1, rate.at(0));
    assertEquals(0.525, rate.at(0.05), 1e-12);
    assertEquals(0.05, rate.at(0.1));
    assertEquals(0.05, rate.at(1));
  }

  /** With a target network that stays, and ordinary squared errors. */
  private static final DqnConfig STILL =
      CONFIG.with(
          c ->
              c.loss(DqnConfig.Loss.SQUARED)
                  .maxGradientNorm(null)
                  .targetEveryUpdates(1000)
                  .learningRate(Schedule.constant(0)));

  /** Q(s, a) of the batch. */
  private float[] chosenValues(Dqn learner) {
    float[] q = new float[ROWS];
    learner.actionValueFunction().values(batch.observations().floats(), batch.actions(), ROWS, q);
    return q;
  }

  @Test
  void squaredLoss_isHalfTheWeightedMeanOfTheSquaredErrors() {
    Batches.weigh(batch);
    Dqn learner = learner(STILL);
    float[] q = chosenValues(learner);
    Averages averages = Updates.update(learner, batch, 0, 1);
    Batches.assertSquaredErrors(0.5, batch, q, learner.y, averages);
  }

  @Test
  void huberLoss_isLinearBeyondOne() {
    Batches.weigh(batch);
    Dqn learner = learner(STILL.withLoss(DqnConfig.Loss.HUBER));
    float[] q = chosenValues(learner);
    Averages averages = Updates.update(learner, batch, 0, 1);
    double loss = 0;
    int linear = 0;
    for (int b = 0; b < ROWS; b++) {
      double size = Math.abs((double) q[b] - learner.y[b]);
      linear += size > 1 ? 1 : 0;
      loss += batch.weights()[b] * (size > 1 ? size - 0.5 : 0.5 * size * size) / ROWS;
    }
    assertTrue(linear > 5 && linear < ROWS - 5, "both kinds: " + linear);
    assertEquals(loss, averages.of("critic_loss"), 1e-5 * loss);
  }

  @Test
  void targetNetwork_isMovedEveryThirdUpdate() {
    Dqn learner =
        learner(STILL.with(c -> c.targetEveryUpdates(3).learningRate(Schedule.constant(3e-2))));
    float[] values = values(learner);
    for (int update = 1; update <= 7; update++) {
      Updates.update(learner, batch, 0, 1);
      float[] expected = new float[ROWS];
      for (int b = 0; b < ROWS; b++) {
        float next = values[b * N + largest(values, b)];
        expected[b] = batch.rewards()[b] + (b % 3 == 0 ? 0 : 0.97f * next);
      }
      assertArrayEquals(expected, learner.y, 1e-5f, "update " + update);
      values = update % 3 == 0 ? values(learner) : values;
    }
  }

  @Test
  void targetNetwork_movesByTau() {
    Dqn learner =
        learner(
            STILL.with(
                c -> c.targetEveryUpdates(1).tau(0.25).learningRate(Schedule.constant(3e-2))));
    float[] start = learner.q.targetValues(batch.observations()).clone();
    float[] parameters = learner.q.network().parameters().floats().clone();
    Updates.update(learner, batch, 0, 1);
    float[] moved = learner.q.network().parameters().floatsForWriting();
    for (int i = 0; i < moved.length; i++) {
      moved[i] = 0.25f * moved[i] + 0.75f * parameters[i];
    }
    float[] expected = learner.q.values(batch.observations()).clone();
    assertArrayEquals(expected, learner.q.targetValues(batch.observations()), 1e-5f);
    assertTrue(Gradients.distance(start, expected) > 0.01);
  }

  /** A share of ε random actions; otherwise the best. */
  @ParameterizedTest
  @CsvSource({"0, 0.9", "0.5, 0.5", "1, 0.1"})
  void exploration_isEpsilonGreedy(double progress, double epsilon) {
    int environments = 4000;
    Dqn learner =
        learner(
            CONFIG.with(
                c -> c.environments(environments).explorationRate(Schedule.linear(0.9, 0.1))));
    Tensor observations = compute.tensor(environments, IN);
    new Rng(8).fillGaussian(observations.floatsForWriting(), 0, environments * IN);
    float[] best = new float[environments];
    learner.policy().act(observations.floats(), environments, best);
    float[] actions = new float[environments];
    learner.explore(observations, new float[0], progress, new Rng(2), actions);
    double[] others = new double[N];
    double greedy = 0;
    for (int e = 0; e < environments; e++) {
      if (actions[e] == best[e]) {
        greedy += 1.0 / environments;
      } else {
        others[(int) (actions[e] - best[e] + N) % N] += 1.0 / environments;
      }
    }
    // Four standard errors of a share of 4000 are at most 0.032.
    assertEquals(1 - epsilon + epsilon / N, greedy, 0.032);
    for (int k = 1; k < N; k++) {
      assertEquals(epsilon / N, others[k], 0.032, k + " after the best");
    }
    assertEquals(epsilon, Updates.update(learner, batch, progress, 1).of("epsilon"), 1e-9);
  }

  @Test
  void learningRate_isThatOfTheProgress() {
    Dqn learner = learner(STILL.withLearningRate(Schedule.linear(0.1, 0)));
    Updates.assertStep(0.025, learner, batch, learner.q.network());
    assertEquals(0.025, Updates.update(learner, batch, 0.75, 1).of("learning_rate"), 1e-12);
  }

  @Test
  void gradient_isBounded() {
    Dqn learner = learner(STILL.withMaxGradientNorm(0.01));
    Averages averages = Updates.update(learner, batch, 0, 1);
    assertTrue(averages.of("critic_gradient_norm") > 0.1, "the norm before");
    assertEquals(0.01, learner.q.network().gradient().norm2(), 1e-6);
  }

  @Test
  void savedAndLoaded_updatesGoOn() {
    // The second update moves the target network.
    Updates.assertGoesOn(
        () -> learner(CONFIG.withTargetEveryUpdates(2).withLearningRate(Schedule.constant(0.03))),
        batch);
  }
}
