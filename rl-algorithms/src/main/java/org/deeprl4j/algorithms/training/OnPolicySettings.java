package org.deeprl4j.algorithms.training;

import org.jspecify.annotations.Nullable;

/** The settings that the on-policy regime reads. */
public interface OnPolicySettings {
  /** N, environments stepped together. */
  int environments();

  /** T, steps of each environment in a rollout. */
  int rolloutSteps();

  /** γ, for scaling rewards. */
  double gamma();

  /**
   * Steps for which the noise of state-dependent exploration is held; null for the length of a
   * rollout.
   */
  default @Nullable Integer noiseHold() {
    return null;
  }

  /**
   * Whether the learner computes advantages anew while it learns from a rollout, for which the
   * rollout keeps the observations that episodes were cut off at.
   */
  default boolean recomputeAdvantages() {
    return false;
  }

  /** Whether the network sees observations scaled by their running mean and deviation. */
  boolean normalizeObservations();

  /** Whether these statistics stay as they are within a rollout, and the first one is unscaled. */
  default boolean statisticsPerRollout() {
    return false;
  }

  /** Whether the learner sees rewards divided by the running deviation of the discounted return. */
  boolean normalizeRewards();
}
