package org.deeprl4j.algorithms.training;

/** What the regimes of single environments read about the scale of what is learned from. */
public interface ScalingSettings {
  /** γ, for scaling rewards. */
  double gamma();

  /** Whether the networks see observations scaled by their running mean and deviation. */
  boolean normalizeObservations();

  /** Whether the learner sees rewards divided by the running deviation of the discounted return. */
  boolean normalizeRewards();
}
