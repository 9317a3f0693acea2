package org.deeprl4j.algorithms.training;

/** What the off-policy regime reads of a configuration. */
public interface OffPolicySettings {
  /** Environments stepped together. */
  int environments();

  /** Steps before the first update, taken with actions drawn uniformly. */
  long learningStarts();

  /** Environment steps from one round of updates to the next. */
  int stepsPerRound();

  /** Updates in a round. */
  int updatesPerRound();

  /** Rows of a batch. */
  int batchSize();

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
