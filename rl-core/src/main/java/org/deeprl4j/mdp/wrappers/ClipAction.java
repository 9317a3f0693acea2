package org.deeprl4j.mdp.wrappers;

import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;

/**
 * Clips every action to the bounds of the environment's Box, so that the environment, its reward
 * included, never sees one outside. NaN stays NaN, for the environment to reject.
 */
public final class ClipAction extends MdpWrapper {
  private final Box space;
  private final float[] clipped;

  /**
   * Clips the actions of {@code inner}.
   *
   * @throws IllegalArgumentException if its actions are not in a Box
   */
  public ClipAction(Mdp inner) {
    super(inner);
    if (!(inner.actionSpace() instanceof Box box)) {
      throw new IllegalArgumentException(
          "ClipAction needs actions in a Box, not in " + inner.actionSpace());
    }
    space = box;
    clipped = new float[box.size()];
  }

  @Override
  public void step(float[] action, Step next) {
    Actions.requireLength(action, clipped.length);
    for (int i = 0; i < clipped.length; i++) {
      clipped[i] = Math.max(space.low(i), Math.min(space.high(i), action[i]));
    }
    inner().step(clipped, next);
  }
}
