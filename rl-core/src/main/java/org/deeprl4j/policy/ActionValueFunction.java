package org.deeprl4j.policy;

/** An action-value function Q(s, a) of raw observations and legal actions. Not thread-safe. */
@FunctionalInterface
public interface ActionValueFunction {

  /**
   * Q of each row.
   *
   * @param observations raw observations, [rows, observation]; not modified
   * @param actions as the environment takes them, [rows, action]; not modified
   * @param values receives [rows]. Modified.
   */
  void values(float[] observations, float[] actions, int rows, float[] values);

  /** Q of one observation and action. */
  default float value(float[] observation, float[] action) {
    float[] value = new float[1];
    values(observation, action, 1, value);
    return value[0];
  }
}
