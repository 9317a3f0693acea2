package org.deeprl4j.replay;

import java.util.List;
import java.util.stream.Stream;
import org.deeprl4j.memory.Heap;

/**
 * Sampled transitions, one row each, row-major; one object is filled again and again.
 *
 * @param indices where the rows lie in the buffer, [B]
 * @param observations s, [B, observation], as the environment gave them
 * @param actions a, [B, action], as they were added
 * @param rewards Σ_{k&lt;m} γᵏ r_{t+k}, [B], with m = 1 unless the buffer makes n-step returns
 * @param discounts what V(s′) counts, [B]: γᵐ, or 0 where s′ is terminal
 * @param nextObservations s′, m steps after s, [B, observation]; where the episode was cut off its
 *     true final observation
 * @param between s_{t+1} … s_{t+n−1}, the states that an n-step return passes through, for what a
 *     learner adds there (the entropies of maximum-entropy methods): n − 1 arrays of [B,
 *     observation], with n that of {@link #allocate}; where the return ends before, its last state
 *     again
 * @param betweenDiscounts what they count, n − 1 arrays of [B]: γᵏ for s_{t+k}, 0 where the return
 *     ends before
 * @param weights importance weights of the rows, [B]; 1 where sampling is uniform
 * @param errors where the learner leaves |δ|, the size of its temporal-difference errors, for
 *     {@link ReplayBuffer#updatePriorities}, [B]
 */
public record ReplayBatch(
    int[] indices,
    float[] observations,
    float[] actions,
    float[] rewards,
    float[] discounts,
    float[] nextObservations,
    List<float[]> between,
    List<float[]> betweenDiscounts,
    float[] weights,
    float[] errors) {

  /**
   * Room for a batch.
   *
   * @param rows B, ≥ 1
   * @param observationSize floats of an observation
   * @param actionSize floats of an action
   */
  public static ReplayBatch allocate(int rows, int observationSize, int actionSize) {
    return allocate(rows, observationSize, actionSize, 1);
  }

  /**
   * Room for a batch of n-step returns and the states that they pass through.
   *
   * @param rows B, ≥ 1
   * @param observationSize floats of an observation
   * @param actionSize floats of an action
   * @param steps n, ≥ 1, as the buffer has it
   */
  public static ReplayBatch allocate(int rows, int observationSize, int actionSize, int steps) {
    if (rows < 1) {
      throw new IllegalArgumentException("a batch must have at least 1 row, not " + rows);
    }
    if (steps < 1) {
      throw new IllegalArgumentException("the steps of a return must be at least 1, not " + steps);
    }
    double states = steps + 1.0;
    Heap.require(
        "a batch of %d rows with %d states of %d numbers each"
            .formatted(rows, steps + 1, observationSize),
        (double) rows * Math.max(observationSize, actionSize),
        Float.BYTES * (double) rows * (states * observationSize + actionSize + 6),
        "lower batchSize or returnSteps");
    return new ReplayBatch(
        new int[rows],
        new float[Math.multiplyExact(rows, observationSize)],
        new float[Math.multiplyExact(rows, actionSize)],
        new float[rows],
        new float[rows],
        new float[Math.multiplyExact(rows, observationSize)],
        arrays(steps - 1, Math.multiplyExact(rows, observationSize)),
        arrays(steps - 1, rows),
        new float[rows],
        new float[rows]);
  }

  private static List<float[]> arrays(int count, int length) {
    return Stream.generate(() -> new float[length]).limit(count).toList();
  }

  /** B. */
  public int rows() {
    return indices.length;
  }
}
