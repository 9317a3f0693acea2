package org.deeprl4j.algorithms.learning;

import java.util.List;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.replay.ReplayBatch;

/**
 * Transitions sampled from a replay buffer, as a learner sees them: observations encoded, actions
 * as the learner's policy drew them. The object is reused from batch to batch.
 *
 * @param observations s, [B, encoded observation]
 * @param actions a, [B, action]: in [−1, 1] for a Box, otherwise indices
 * @param rewards the discounted sum of the m ≥ 1 rewards from s on, [B]
 * @param discounts factors of V(s′): γᵐ, or 0 after termination, [B]
 * @param nextObservations s′, m steps later, [B, encoded observation]
 * @param weights of the rows in the critics' loss, the importance weights of prioritised replay,
 *     otherwise 1, [B]
 * @param errors receives each row's |δ| for prioritised replay, [B]. Modified.
 * @param between s_{t+1} … s_{t+n−1}, the states that an n-step return passes through, each [B,
 *     encoded observation]; none unless the learner asks for them
 * @param betweenDiscounts what they count, n − 1 arrays of [B]: γᵏ, 0 where the return ends before
 * @param sampled the same transitions as the buffer gave them, with raw observations
 */
public record Minibatch(
    Tensor observations,
    float[] actions,
    float[] rewards,
    float[] discounts,
    Tensor nextObservations,
    float[] weights,
    float[] errors,
    List<Tensor> between,
    List<float[]> betweenDiscounts,
    ReplayBatch sampled) {

  /**
   * Creates a batch over sampled rows. It shares their arrays, except for the observations, which
   * it encodes.
   */
  public static Minibatch of(ReplayBatch sampled, Compute compute, int observationSize) {
    List<Tensor> between =
        sampled.between().stream()
            .map(states -> compute.tensor(sampled.rows(), observationSize))
            .toList();
    return new Minibatch(
        compute.tensor(sampled.rows(), observationSize),
        sampled.actions(),
        sampled.rewards(),
        sampled.discounts(),
        compute.tensor(sampled.rows(), observationSize),
        sampled.weights(),
        sampled.errors(),
        between,
        sampled.betweenDiscounts(),
        sampled);
  }

  /** B. */
  public int rows() {
    return rewards.length;
  }
}
