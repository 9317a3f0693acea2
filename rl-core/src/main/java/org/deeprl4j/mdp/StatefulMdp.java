package org.deeprl4j.mdp;

/**
 * An environment whose physical state can be read and set, for traces and exact resume.
 *
 * <p>No environment has to offer this: a resumed run starts one that does not at a new episode, and
 * says so.
 */
public interface StatefulMdp extends Mdp {

  /**
   * The complete state between two steps, a new array. Whatever it omits (the elapsed steps of a
   * time limit, say) is kept by the wrapper that owns it.
   */
  double[] state();

  /**
   * Puts the environment into a state, as if an episode had reached it and had not ended. One that
   * draws during an episode goes on drawing from the generator of its last reset, and so must have
   * been reset before.
   *
   * @throws IllegalArgumentException if the length is not that of {@link #state()}
   */
  void setState(double[] state);

  /**
   * Whether the state is complete, so that a resumed run may go on from it; by default yes. One
   * that leaves something out only serves traces.
   */
  default boolean stateIsComplete() {
    return true;
  }
}
