package org.deeprl4j.algorithms.training;

import org.deeprl4j.algorithms.learning.NetworkSettings;

/** The settings that the off-policy regime and its learners' networks read. */
public interface OffPolicySettings extends NetworkSettings {
  /** Steps with uniformly drawn actions before the first update. */
  long learningStarts();

  /** Steps from one round of updates to the next, counted over all environments. */
  int stepsPerRound();

  /** Updates in a round. */
  int updatesPerRound();

  /** Whether the networks see observations scaled by their running mean and deviation. */
  boolean normalizeObservations();

  /** The maximum number of transitions remembered. */
  int bufferSize();

  /** γ, of n-step returns. */
  double gamma();

  /** n of n-step returns. */
  int returnSteps();

  /** Whether transitions are drawn in proportion to their errors. */
  boolean prioritizedReplay();

  /** Replaced goals for each goal kept, 0 for none. */
  int hindsightGoals();
}
