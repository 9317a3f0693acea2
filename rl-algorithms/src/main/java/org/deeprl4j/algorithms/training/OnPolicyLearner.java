package org.deeprl4j.algorithms.training;

import java.util.List;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.state.Stateful;

/** The learning half of an on-policy algorithm: how it learns from a rollout of its own policy. */
public interface OnPolicyLearner extends Stateful {

  /** The policy that gathers the rollouts, and its value function. */
  ActorCritic model();

  /** The names of the metrics that {@link #update} reports. */
  List<String> metrics();

  /**
   * Learns from a rollout.
   *
   * @param rollout experience of the current policy, with advantages not yet computed. Modified.
   * @param progress the fraction of the run that was done before the newest data were gathered, in
   *     [0, 1), for schedules
   * @param random shuffles the rows
   * @param averages receives the metrics of this update. Modified.
   */
  void update(Rollout rollout, double progress, Rng random, Averages averages);
}
