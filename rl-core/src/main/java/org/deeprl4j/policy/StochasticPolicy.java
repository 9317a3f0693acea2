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
}
