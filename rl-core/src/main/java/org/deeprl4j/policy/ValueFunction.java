package org.deeprl4j.policy;

/** A state-value function V(s) of raw observations. Not thread-safe. */
@FunctionalInterface
public interface ValueFunction {

  /**
   * V of each row.
   *
   * @param observations raw observations, [rows, observation]; not modified
   * @param values receives [rows]. Modified.
   */
  void values(float[] observations, int rows, float[] values);

  /** V of one observation. */
  default float value(float[] observation) {
    float[] value = new float[1];
    values(observation, 1, value);
    return value[0];
  }
}
