package org.deeprl4j.algorithms.training;

import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.Stateful;

/**
 * The learning half of an asynchronous algorithm: the parameters and the optimiser that
 * actor-learners share, and the work of each. Its state is what they share.
 */
public interface AsynchronousLearner extends Stateful {

  /** The agent of one thread, with its own environment, parameters and gradient. */
  interface ActorLearner extends Stateful {
    /**
     * Copies the shared parameters, acts until the episode ends or for {@code most} steps, and
     * applies the gradient to the shared parameters, without a lock.
     *
     * @param most ≥ 1
     * @param step T, the shared counter of steps, before this call
     * @param progress the fraction of the run that is done before this call, in [0, 1), for
     *     schedules
     * @param averages receives the metrics. Modified.
     * @return the steps taken, in [1, most]
     */
    int advance(int most, long step, double progress, Averages averages);
  }

  /** The names of the metrics that an actor-learner reports. */
  List<String> metrics();

  /**
   * Creates the agent of one thread.
   *
   * @param index the index of the thread
   * @param environment the environment of the thread
   * @param compute kernels on one thread, for this agent alone
   * @param random draws this agent's actions
   */
  ActorLearner actorLearner(int index, SingleEnvironment environment, Compute compute, Rng random);

  /** Called before actor-learners start to write, and again after all have stopped. */
  void sharedParametersChange();

  /** The policy of the shared parameters, for use while no actor-learner runs. */
  Policy policy();
}
