package org.deeprl4j.envs.classic;

import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Discrete;

/**
 * Gymnasium's CartPole-v1: keep a pole upright by pushing its cart left (action 0) or right (action
 * 1) with 10 N.
 *
 * <p>State and observation [x m, ẋ m/s, θ rad, θ̇ rad/s], the observation in single precision.
 * Reward 1 a step, the last included; terminates when |x| &gt; 2.4 or |θ| &gt; 12°. Starts uniform
 * in ±0.05 in all four. The task's time limit of 500 steps is a wrapper's.
 */
public final class CartPole extends CartPoleDynamics {

  /** A cart-pole before its first episode. */
  public CartPole() {
    super(new Discrete(2));
  }

  @Override
  protected void advance(float[] action, Step next) {
    push(action[0] == 1 ? FORCE : -FORCE, next);
  }
}
