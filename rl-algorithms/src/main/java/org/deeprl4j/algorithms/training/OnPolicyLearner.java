package org.deeprl4j.algorithms.training;

import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Metrics;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.state.Stateful;

/** The learning half of an on-policy algorithm: what it does with a rollout of its own policy. */
public interface OnPolicyLearner extends Stateful {

  /** The policy that gathers the rollouts, and its value function. */
  ActorCritic model();

  /**
   * Learns from a rollout.
   *
   * @param rollout experience of the current policy; advantages not yet computed. Modified.
   * @param progress the part of the run that is done, in [0, 1], for schedules
   * @param random for shuffling
   */
  Metrics update(Rollout rollout, double progress, Rng random);
}
