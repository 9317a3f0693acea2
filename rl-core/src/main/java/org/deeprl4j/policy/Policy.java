package org.deeprl4j.policy;

import org.deeprl4j.space.Space;

/**
 * A map from observations to actions. It contains the normalisation and scaling with which it was
 * trained: it takes raw observations and returns legal actions.
 */
public interface Policy {

  /** The space of raw observations. */
  Space observationSpace();

  /** The space of actions. */
  Space actionSpace();

  /**
   * The deterministic action (the mode) of each row.
   *
   * @param observations [rows, observationSpace().size()]; not modified
   * @param actions receives [rows, actionSpace().size()]. Modified.
   */
  void act(float[] observations, int rows, float[] actions);

  /** The deterministic action for one observation, a new array. */
  default float[] act(float[] observation) {
    float[] action = new float[actionSpace().size()];
    act(observation, 1, action);
    return action;
  }
}
