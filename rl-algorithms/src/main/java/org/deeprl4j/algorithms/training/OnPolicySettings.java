package org.deeprl4j.algorithms.training;

import org.jspecify.annotations.Nullable;

/** What the on-policy regime reads of a configuration. */
public interface OnPolicySettings {
  /** N, environments stepped together. */
  int environments();

  /** T, steps of each environment in a rollout. */
  int rolloutSteps();

  /** γ, for the reward scale. */
  double gamma();

  /** Steps for which the noise of state-dependent exploration is held; null for a rollout's. */
  default @Nullable Integer noiseHold() {
    return null;
  }

  /** Whether the network sees observations scaled by their running mean and deviation. */
  boolean normalizeObservations();

  /** Whether the learner sees rewards divided by the running deviation of the discounted return. */
  boolean normalizeRewards();
}
