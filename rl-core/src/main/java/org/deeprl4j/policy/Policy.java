package org.deeprl4j.policy;

import org.deeprl4j.space.Space;

/**
 * What acts: a map from observations to actions, with whatever normalisation and scaling it was
 * trained with inside, so that it takes raw observations and gives legal actions.
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
