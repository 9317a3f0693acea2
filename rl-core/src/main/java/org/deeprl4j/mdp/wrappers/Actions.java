package org.deeprl4j.mdp.wrappers;

import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.space.Box;

/** Checks that the wrappers of actions share. */
final class Actions {
  private Actions() {}

  /** The environment's action space, which must be a box with finite bounds. */
  static Box boundedBox(Mdp mdp, String wrapper) {
    if (mdp.actionSpace() instanceof Box box && box.bounded()) {
      return box;
    }
    throw new IllegalArgumentException(
        wrapper + " needs actions in a bounded Box, not in " + mdp.actionSpace());
  }

  /** Fails if the action is not of this length. */
  static void requireLength(float[] action, int expected) {
    if (action.length != expected) {
      throw new IllegalArgumentException(
          "the action must have length " + expected + ", not " + action.length);
    }
  }
}
