package org.deeprl4j.policy;

import java.util.Arrays;
import org.deeprl4j.space.Dict;
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
   * S, the numbers of state that a policy with memory carries from step to step, and whoever acts
   * keeps; 0 without memory.
   */
  default int stateSize() {
    return 0;
  }

  /**
   * The deterministic action (the mode) of each row.
   *
   * @param observations [rows, observationSpace().size()]; not modified
   * @param actions receives [rows, actionSpace().size()]. Modified.
   * @throws IllegalArgumentException if the policy has a memory, whose state it needs
   */
  void act(float[] observations, int rows, float[] actions);

  /**
   * As {@link #act(float[], int, float[])}, also of a policy with memory.
   *
   * @param states [rows, stateSize()], 0 where an episode begins; receives those of the next step.
   *     Modified.
   */
  default void act(float[] observations, int rows, float[] states, float[] actions) {
    act(observations, rows, actions);
  }

  /** The deterministic action for one observation, a new array. */
  default float[] act(float[] observation) {
    float[] action = new float[actionSpace().size()];
    act(observation, 1, action);
    return action;
  }

  /**
   * The deterministic action for one observation of a policy with memory, a new array.
   *
   * @param state [stateSize()], 0 at the start of an episode; receives that of the next step.
   *     Modified.
   */
  default float[] act(float[] observation, float[] state) {
    float[] action = new float[actionSpace().size()];
    act(observation, 1, state, action);
    return action;
  }

  /**
   * The deterministic action for one observation of a policy that was trained with action masks, a
   * new array. The mask may also be the end of the observation, as {@link #observationSpace} has
   * it.
   *
   * @param observation without its mask; not modified
   * @param legal as {@link org.deeprl4j.mdp.MaskedMdp#actionMask} has it; not modified
   * @throws IllegalArgumentException if the policy knows no masks, a length is another, or the mask
   *     forbids every action
   */
  default float[] act(float[] observation, boolean[] legal) {
    int flags =
        observationSpace() instanceof Dict dict && dict.spaces().containsKey(Dict.ACTION_MASK)
            ? dict.space(Dict.ACTION_MASK).size()
            : 0;
    int numbers = observationSpace().size() - flags;
    if (observation.length != numbers || legal.length != flags) {
      throw new IllegalArgumentException(
          "this policy takes %d numbers and an action mask of %d flags, not %d and %d"
              .formatted(numbers, flags, observation.length, legal.length));
    }
    float[] both = Arrays.copyOf(observation, numbers + flags);
    for (int i = 0; i < flags; i++) {
      both[numbers + i] = legal[i] ? 1 : 0;
    }
    return act(both);
  }
}
