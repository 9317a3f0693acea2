package org.deeprl4j.policy;

import java.util.random.RandomGenerator;

/** A policy that can also draw its actions. */
public interface StochasticPolicy extends Policy {

  /**
   * Draws an action for each row.
   *
   * @param observations [rows, observationSpace().size()]; not modified
   * @param actions receives [rows, actionSpace().size()]. Modified.
   */
  void sample(float[] observations, int rows, RandomGenerator random, float[] actions);

  /**
   * As above, also of a policy with memory.
   *
   * @param states [rows, stateSize()], 0 where an episode begins; receives those of the next step.
   *     Modified.
   */
  default void sample(
      float[] observations, int rows, float[] states, RandomGenerator random, float[] actions) {
    sample(observations, rows, random, actions);
  }
}
