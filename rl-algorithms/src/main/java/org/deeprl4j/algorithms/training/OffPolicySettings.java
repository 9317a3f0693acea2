package org.deeprl4j.algorithms.training;

import org.deeprl4j.algorithms.learning.TrainableNetwork;
import org.deeprl4j.replay.ReplayChoice;

/** The settings that the off-policy regime and its learners' networks read. */
public interface OffPolicySettings extends TrainableNetwork.Settings, ReplayChoice.Settings {
  /** Steps with uniformly drawn actions before the first update. */
  long learningStarts();

  /** Steps from one round of updates to the next, counted over all environments. */
  int stepsPerRound();

  /** Updates in a round. */
  int updatesPerRound();

  /** Whether the networks see observations scaled by their running mean and deviation. */
  boolean normalizeObservations();

  /** Whether sampled rewards are divided by the running deviation of the discounted return. */
  boolean normalizeRewards();
}
