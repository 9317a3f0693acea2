package org.deeprl4j.replay;

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
    if (rows < 1) {
      throw new IllegalArgumentException("a batch must have at least 1 row, not " + rows);
    }
    return new ReplayBatch(
        new int[rows],
        new float[Math.multiplyExact(rows, observationSize)],
        new float[Math.multiplyExact(rows, actionSize)],
        new float[rows],
        new float[rows],
        new float[Math.multiplyExact(rows, observationSize)],
        new float[rows],
        new float[rows]);
  }

  /** B. */
  public int rows() {
    return indices.length;
  }
}
