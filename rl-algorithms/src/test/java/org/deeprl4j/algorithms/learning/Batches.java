package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.FeatureExtractor;
import org.deeprl4j.policy.Features;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.random.Rng;
import org.deeprl4j.replay.ReplayBatch;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.Space;

/** Batches for tests of learners. */
public final class Batches {
  private Batches() {}

  /**
   * Random rows of which every third is terminal.
   *
   * @param actions of a Discrete space, or 0 for a Box of {@code actionSize}
   */
  public static Minibatch random(
      Compute compute, int rows, int observationSize, int actionSize, int actions, double gamma) {
    Rng random = new Rng(5);
    Minibatch batch =
        new Minibatch(
            compute.tensor(rows, observationSize),
            new float[rows * actionSize],
            new float[rows],
            new float[rows],
            compute.tensor(rows, observationSize),
            new float[rows],
            new float[rows],
            List.of(),
            List.of(),
            ReplayBatch.allocate(rows, observationSize, actionSize));
    random.fillGaussian(batch.observations().floatsForWriting(), 0, rows * observationSize);
    random.fillGaussian(batch.nextObservations().floatsForWriting(), 0, rows * observationSize);
    random.fillGaussian(batch.rewards(), 0, rows);
    for (int i = 0; i < batch.actions().length; i++) {
      batch.actions()[i] = actions > 0 ? random.nextInt(actions) : 2 * random.nextFloat() - 1;
    }
    for (int b = 0; b < rows; b++) {
      batch.discounts()[b] = b % 3 == 0 ? 0 : (float) gamma;
    }
    Arrays.fill(batch.weights(), 1);
    return batch;
  }

  /**
   * As {@link #random}, of n discrete actions, with random masks of which each allows the action
   * taken.
   */
  public static Minibatch masked(
      Compute compute, int rows, int observationSize, int n, double gamma) {
    Minibatch plain = random(compute, rows, observationSize, 1, n, gamma);
    ReplayBatch sampled = ReplayBatch.allocate(rows, observationSize + n, 1);
    Rng random = new Rng(6);
    for (int b = 0; b < rows; b++) {
      int at = b * (observationSize + n) + observationSize;
      for (int k = 0; k < n; k++) {
        sampled.observations()[at + k] = random.nextInt(2);
        sampled.nextObservations()[at + k] = random.nextInt(2);
      }
      sampled.observations()[at + (int) plain.actions()[b]] = 1;
      sampled.nextObservations()[at + random.nextInt(n)] = 1;
    }
    return new Minibatch(
        plain.observations(),
        plain.actions(),
        plain.rewards(),
        plain.discounts(),
        plain.nextObservations(),
        plain.weights(),
        plain.errors(),
        List.of(),
        List.of(),
        sampled);
  }

  /** What a learner of observations with masks of n discrete actions is made of. */
  public static LearnerContext maskedContext(
      Compute compute, int observationSize, Space actionSpace, long seed) {
    Map<String, Space> entries = new LinkedHashMap<>();
    entries.put(Dict.OBSERVATION, Box.of(-5, 5, observationSize));
    entries.put(Dict.ACTION_MASK, new MultiBinary(Arrays.stream(actionSpace.choices()).sum()));
    return context(compute, new Dict(entries), actionSpace, seed);
  }

  /** What a learner of plain observations is made of. */
  public static LearnerContext context(
      Compute compute, int observationSize, Space actionSpace, long seed) {
    return context(compute, Box.of(-5, 5, observationSize), actionSpace, seed);
  }

  private static LearnerContext context(
      Compute compute, Space observations, Space actionSpace, long seed) {
    ObservationEncoder encoder = new ObservationEncoder(observations, false);
    Features features = new Features(FeatureExtractor.none(), encoder);
    return new LearnerContext(compute, encoder, features, actionSpace, new Rng(seed));
  }

  /** Gives the rows different weights, so that a forgotten one shows. */
  public static void weigh(Minibatch batch) {
    for (int b = 0; b < batch.rows(); b++) {
      batch.weights()[b] = 0.5f + 0.05f * b;
    }
  }

  /**
   * Checks what a learner with one critic left of its errors Q − y: the mean of c·w·(Q − y)², the
   * mean of Q, and the sizes of the errors in the batch.
   */
  public static void assertSquaredErrors(
      double c, Minibatch batch, float[] q, float[] y, Averages averages) {
    double loss = 0;
    double mean = 0;
    float[] sizes = new float[y.length];
    for (int b = 0; b < y.length; b++) {
      double error = (double) q[b] - y[b];
      loss += c * batch.weights()[b] * error * error / y.length;
      mean += (double) q[b] / y.length;
      sizes[b] = (float) Math.abs(error);
    }
    assertEquals(loss, averages.of("critic_loss"), 1e-5 * loss);
    assertEquals(mean, averages.of("q_mean"), 1e-6);
    assertArrayEquals(sizes, batch.errors(), 1e-6f);
  }
}
