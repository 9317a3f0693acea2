package org.deeprl4j.algorithms.training;

import org.deeprl4j.algorithms.learning.NetworkSettings;

/** What the off-policy regime and its learners' networks read of a configuration. */
public interface OffPolicySettings extends NetworkSettings {
  /** Steps before the first update, taken with actions drawn uniformly. */
  long learningStarts();

  /** Steps from one round of updates to the next, counted over all environments. */
  int stepsPerRound();

  /** Updates in a round. */
  int updatesPerRound();

  /** Whether the networks see observations scaled by their running mean and deviation. */
  boolean normalizeObservations();

  /** The most transitions remembered. */
  int bufferSize();

  /** γ, of n-step returns. */
  double gamma();

  /** n of n-step returns. */
  int returnSteps();

  /** Whether transitions are drawn in proportion to their errors. */
  boolean prioritizedReplay();

  /** Goals replaced to one kept, 0 for none. */
  int hindsightGoals();
}
