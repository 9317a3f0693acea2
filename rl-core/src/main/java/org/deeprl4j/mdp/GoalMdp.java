package org.deeprl4j.mdp;

/**
 * A task with goals: observations are a {@link org.deeprl4j.space.Dict#goal}, which says what was
 * achieved and what is desired, and the reward of a step is a pure function of the two after it. So
 * it can be asked what a step would have earned under another goal, which is what hindsight
 * experience replay does.
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
   * Whether achieving this goal ends the episode, by default never.
   *
   * @param achieved the goal that a state achieves; not modified
   * @param desired the goal that was to be achieved; not modified
   */
  default boolean terminated(float[] achieved, float[] desired) {
    return false;
  }
}
