package org.deeprl4j.algorithms.training;

import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.Stateful;

/**
 * The learning half of an asynchronous algorithm: parameters and an optimiser that actor-learners
 * share, and what each of them does. Its own state is what they share.
 */
public interface AsynchronousLearner extends Stateful {

  /** One thread's agent: an environment, parameters of its own, a gradient. */
  interface ActorLearner extends Stateful {
    /**
     * Takes the shared parameters over, acts until the episode ends or for {@code most} steps, and
     * applies the gradient to the shared parameters, without a lock.
     *
     * @param most ≥ 1
     * @param step T, the shared counter of steps, before these
     * @param progress the fraction of the run that is done, in [0, 1], for schedules
     * @param averages receives the metrics. Modified.
     * @return the steps taken, in [1, most]
     */
    int advance(int most, long step, double progress, Averages averages);
  }

  /** The names of the metrics that an actor-learner reports. */
  List<String> metrics();

  /**
   * Makes the agent of one thread.
   *
   * @param index of the thread
   * @param environment its own
   * @param compute its own, of one thread
   * @param random its own, for actions
   */
  ActorLearner actorLearner(int index, SingleEnvironment environment, Compute compute, Rng random);

  /** Called before actor-learners start to write, and after they have all stopped. */
  void sharedParametersChange();

  /** The policy of the shared parameters, read while no actor-learner runs. */
  Policy policy();
}
