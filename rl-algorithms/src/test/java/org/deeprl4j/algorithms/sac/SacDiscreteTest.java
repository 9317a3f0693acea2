package org.deeprl4j.algorithms.sac;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.replay.ReplayBatch;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Discrete;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The paper's equations, with expectations over the legal actions by hand where there are masks.
 */
final class SacDiscreteTest {
  private static final int ROWS = 32;
  private static final int IN = 3;
  private static final int N = 5;
  private static final double ALPHA = 0.3;
  private static final SacDiscreteConfig CONFIG =
      SacDiscreteConfig.defaults()
          .with(
              c ->
                  c.batchSize(ROWS)
                      .hidden(List.of(16))
                      .activation(Activation.TANH)
                      .initialTemperature(ALPHA)
                      .learningRate(Schedule.constant(0)));

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);

  @AfterEach
  void close() {
    compute.close();
  }

  private SacDiscrete learner(boolean masks) {
    return new SacDiscrete(
        CONFIG,
        masks
            ? Batches.maskedContext(compute, IN, new Discrete(N), 3)
            : Batches.context(compute, IN, new Discrete(N), 3));
  }

  private Minibatch batch(boolean masks) {
    return masks
        ? Batches.masked(compute, ROWS, IN, N, 0.97)
        : Batches.random(compute, ROWS, IN, 1, N, 0.97);
  }

  private static boolean isLegal(boolean masks, float[] raw, int b, int k) {
    return !masks || raw[b * (IN + N) + IN + k] == 1;
  }

  /** π of a row, renormalised over the legal actions. */
  private static double[] policy(boolean masks, float[] z, float[] raw, int b) {
    double[] pi = new double[N];
    double sum = 0;
    for (int k = 0; k < N; k++) {
      pi[k] = isLegal(masks, raw, b, k) ? Math.exp(z[b * N + k]) : 0;
      sum += pi[k];
    }
    for (int k = 0; k < N; k++) {
      pi[k] /= sum;
    }
    return pi;
  }

  /** min_i Q_i of every action. */
  private static float[] least(SacDiscrete learner, boolean masks, Tensor observations) {
    int size = masks ? IN + N : IN;
    float[] all = new float[ROWS * N];
    float[] q = new float[ROWS];
    for (int k = 0; k < N; k++) {
      float[] actions = new float[ROWS];
      Arrays.fill(actions, k);
      float[] raw = new float[ROWS * size];
      for (int b = 0; b < ROWS; b++) {
        System.arraycopy(observations.floats(), b * IN, raw, b * size, IN);
      }
      learner.actionValueFunction().values(raw, actions, ROWS, q);
      for (int b = 0; b < ROWS; b++) {
        all[b * N + k] = q[b];
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void updates_areTheEquations(boolean masks) {
    SacDiscrete learner = learner(masks);
    Minibatch batch = batch(masks);
    float[] q = least(learner, masks, batch.observations());
    float[] nextQ = least(learner, masks, batch.nextObservations()); // θ̄ is θ at first
    float[] z = learner.actor.network().network().predict(batch.observations()).floats().clone();
    float[] nextZ =
        learner.actor.network().network().predict(batch.nextObservations()).floats().clone();
    Averages averages = new Averages(learner.metrics());
    learner.update(batch, 0, new Rng(1), averages);

    float[] y = new float[ROWS];
    double loss = 0;
    double entropy = 0;
    double most = 0; // the mean entropy of choosing uniformly
    float[] gradient = new float[ROWS * N];
    for (int b = 0; b < ROWS; b++) {
      double[] next = policy(masks, nextZ, batch.sampled().nextObservations(), b);
      double value = 0;
      for (int k = 0; k < N; k++) {
        value += next[k] == 0 ? 0 : next[k] * (nextQ[b * N + k] - ALPHA * Math.log(next[k]));
      }
      y[b] = (float) (batch.rewards()[b] + batch.discounts()[b] * value);
      double[] pi = policy(masks, z, batch.sampled().observations(), b);
      double mean = 0;
      int legal = 0;
      for (int k = 0; k < N; k++) {
        if (pi[k] > 0) {
          mean += pi[k] * (ALPHA * Math.log(pi[k]) - q[b * N + k]);
          entropy -= pi[k] * Math.log(pi[k]) / ROWS;
          legal++;
        }
      }
      most += Math.log(legal) / ROWS;
      loss += mean / ROWS;
      for (int k = 0; k < N; k++) {
        gradient[b * N + k] =
            pi[k] == 0
                ? 0
                : (float) (pi[k] * (ALPHA * Math.log(pi[k]) - q[b * N + k] - mean) / ROWS);
      }
    }
    assertArrayEquals(y, learner.y, 1e-5f);
    assertEquals(loss, averages.of("policy_loss"), 1e-5);
    assertEquals(entropy, averages.of("entropy"), 1e-5);
    assertArrayEquals(gradient, learner.actor.network().outputGradient().floats(), 1e-6f);
    assertEquals(
        ALPHA * (entropy - CONFIG.targetEntropyRatio() * most),
        averages.of("temperature_loss"),
        1e-5);
  }

  /** y has −Σ_k γᵏ α π(s_{t+k})ᵀ log π(s_{t+k}), by the masks of the states between. */
  @Test
  void nStepTargets_haveTheEntropiesOfLegalActions() {
    Minibatch one = batch(true);
    ReplayBatch sampled = ReplayBatch.allocate(ROWS, IN + N, 1, 3);
    System.arraycopy(one.sampled().observations(), 0, sampled.observations(), 0, ROWS * (IN + N));
    System.arraycopy(
        one.sampled().nextObservations(), 0, sampled.nextObservations(), 0, ROWS * (IN + N));
    List<Tensor> between = List.of(compute.tensor(ROWS, IN), compute.tensor(ROWS, IN));
    List<float[]> discounts = List.of(new float[ROWS], new float[ROWS]);
    Rng random = new Rng(8);
    for (int k = 0; k < 2; k++) {
      random.fillGaussian(between.get(k).floatsForWriting(), 0, ROWS * IN);
      float[] raw = sampled.between().get(k);
      for (int b = 0; b < ROWS; b++) {
        int mask = b * (IN + N) + IN;
        for (int a = 0; a < N; a++) {
          raw[mask + a] = random.nextInt(2);
        }
        raw[mask + random.nextInt(N)] = 1;
        discounts.get(k)[b] = k == 1 && b % 2 == 0 ? 0 : (float) Math.pow(0.97, k + 1);
      }
    }
    Minibatch three =
        new Minibatch(
            one.observations(),
            one.actions(),
            one.rewards(),
            one.discounts(),
            one.nextObservations(),
            one.weights(),
            one.errors(),
            between,
            discounts,
            sampled);
    SacDiscrete oneStep = learner(true);
    SacDiscrete learner = learner(true);
    oneStep.update(one, 0, new Rng(1), new Averages(oneStep.metrics()));
    learner.update(three, 0, new Rng(1), new Averages(learner.metrics()));
    for (int k = 0; k < 2; k++) {
      float[] z = learner.actor.network().network().predict(between.get(k)).floats();
      for (int b = 0; b < ROWS; b++) {
        for (double pi : policy(true, z, sampled.between().get(k), b)) {
          double entropy = pi == 0 ? 0 : -pi * Math.log(pi);
          oneStep.y[b] += (float) (discounts.get(k)[b] * ALPHA * entropy);
        }
      }
    }
    assertArrayEquals(oneStep.y, learner.y, 1e-5f);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theGradient_isThatOfThePolicysLoss(boolean masks) {
    SacDiscrete learner = learner(masks);
    Minibatch batch = batch(masks);
    learner.update(batch, 0, new Rng(1), new Averages(learner.metrics()));
    float[] gradient = learner.actor.network().network().gradient().floats().clone();
    Tensor theta = learner.actor.network().network().parameters();
    float[] saved = theta.floats().clone();
    float[] direction = new float[saved.length];
    new Rng(9).fillGaussian(direction, 0, direction.length);
    double expected = 0;
    double h = 2e-3;
    double[] losses = new double[2];
    for (int i = 0; i < saved.length; i++) {
      expected += gradient[i] * direction[i];
    }
    for (int side = 0; side < 2; side++) {
      float[] moved = theta.floatsForWriting();
      for (int i = 0; i < saved.length; i++) {
        moved[i] = (float) (saved[i] + (side == 0 ? -h : h) * direction[i]);
      }
      Averages averages = new Averages(learner.metrics());
      learner.update(batch, 0, new Rng(1), averages); // the critics stay: their rate is 0
      losses[side] = averages.of("policy_loss");
    }
    assertEquals(expected, (losses[1] - losses[0]) / (2 * h), 0.01 * Math.abs(expected) + 1e-3);
  }
}
