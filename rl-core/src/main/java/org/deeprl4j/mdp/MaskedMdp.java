package org.deeprl4j.mdp;

/**
 * An environment in which only some of the discrete actions are legal at a time. Its action space
 * is a {@link org.deeprl4j.space.Discrete} or a {@link org.deeprl4j.space.MultiDiscrete}.
 *
 * <p>Masks join the observations as their last entry: see {@link ActionMasks}, which training and
 * evaluation put around such an environment.
 */
public interface MaskedMdp extends Mdp {

  /**
   * Says which actions are legal in the current state: after a reset, or a step that did not
   * terminate. At least one alternative of each choice must be.
   *
   * @param legal receives a flag for each action of a Discrete space, or for each alternative of
   *     each choice of a MultiDiscrete one, one choice after the other; every element must be
   *     written. Modified.
   */
  void actionMask(boolean[] legal);

  /** Whether this environment has masks at all; by default it does. Constant over its life. */
  default boolean masksActions() {
    return true;
  }
}
