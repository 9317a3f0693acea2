package org.deeprl4j.envs.classic;

import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;

/**
 * {@link CartPole} with a continuous force: 10 N times an action in [−1, 1], clipped. All else is
 * CartPole-v1. There is no canonical form of this task; this one is the library's own.
 */
public final class ContinuousCartPole extends CartPoleDynamics {

  /** A cart-pole before its first episode. */
  public ContinuousCartPole() {
    super(Box.of(-1, 1, 1));
  }

  @Override
  protected void advance(float[] action, Step next) {
    push(FORCE * Math.max(-1, Math.min(1, action[0])), next);
  }
}
