package org.deeprl4j.mdp;

/**
 * A task with goals: observations are a {@link org.deeprl4j.space.Dict#goal}, which says what was
 * achieved and what is desired, and the reward of a step is a pure function of these two after the
 * step. So hindsight experience replay can ask what a step would have earned under another goal.
 */
public interface GoalMdp extends Mdp {

  /**
   * The reward of a step.
   *
   * @param achieved the goal that the state after the step achieves; not modified
   * @param desired the goal that was to be achieved; not modified
   */
  double reward(float[] achieved, float[] desired);

  /**
   * Whether this goal, achieved, ends the episode; by default never. The flag of a step must agree.
   *
   * @param achieved the goal that a state achieves; not modified
   * @param desired the goal that was to be achieved; not modified
   */
  default boolean terminated(float[] achieved, float[] desired) {
    return false;
  }

  /**
   * {@link #reward} and {@link #terminated} of many steps at once, for environments where one call
   * is cheaper than many: row i of the results belongs to row i of the goals. By default it
   * computes one row after the other.
   *
   * @param count n, the number of steps
   * @param size floats of a goal
   * @param achieved begins with [n, size]; not modified
   * @param desired begins with [n, size]; not modified
   * @param rewards receives the rewards, in the first n elements. Modified.
   * @param terminated receives whether the goal ends the episode, in the first n. Modified.
   */
  default void judge(
      int count,
      int size,
      float[] achieved,
      float[] desired,
      double[] rewards,
      boolean[] terminated) {
    float[] one = new float[size];
    float[] other = new float[size];
    for (int i = 0; i < count; i++) {
      System.arraycopy(achieved, i * size, one, 0, size);
      System.arraycopy(desired, i * size, other, 0, size);
      rewards[i] = reward(one, other);
      terminated[i] = terminated(one, other);
    }
  }
}
