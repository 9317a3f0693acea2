package org.deeprl4j.algorithms.training;

import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.Stateful;

/** The learning half of an off-policy algorithm: how it explores and how it learns from a batch. */
public interface OffPolicyLearner extends Stateful {

  /**
   * Chooses actions for gathering experience.
   *
   * @param observations encoded, [environments, encoder.size()]; not modified
   * @param raw the same as the environments gave them, action masks included; not modified
   * @param progress the fraction of the run that is done, in [0, 1], for schedules
   * @param actions receives the actions in the learner's own form: in [−1, 1] for a Box. Modified.
   */
  void explore(Tensor observations, float[] raw, double progress, Rng random, float[] actions);

  /** The names of the metrics that {@link #update} reports. */
  List<String> metrics();

  /**
   * Called when an environment starts a new episode; restarts noise that is correlated over time.
   */
  default void episodeEnded(int environment) {}

  /**
   * Whether a batch of n-step returns brings the states that they pass through, as maximum-entropy
   * methods need, whose reward has the entropy of each.
   */
  default boolean needsStatesBetween() {
    return false;
  }

  /**
   * Learns from a batch.
   *
   * @param batch its errors are set. Modified.
   * @param progress the fraction of the run that was done before the newest data were gathered, in
   *     [0, 1), for schedules
   * @param random draws samples of the policy
   * @param averages receives the metrics of this update. Modified.
   */
  void update(Minibatch batch, double progress, Rng random, Averages averages);

  /** The current policy, sharing its networks. */
  Policy policy();

  /**
   * The current action values, sharing the networks; the least value if there are several critics.
   */
  ActionValueFunction actionValueFunction();
}
