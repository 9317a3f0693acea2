package org.deeprl4j.envs.classic;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;

/**
 * Gymnasium's MountainCar-v0 (Moore 1990): drive an underpowered car out of a valley; actions 0, 1,
 * 2 push left, not at all, right.
 *
 * <p>State and observation [x, v]:
 *
 * <pre>
 *   v ← clip(v + 0.001 (a − 1) − 0.0025 cos 3x, ±0.07),   x ← clip(x + v, −1.2, 0.6)
 * </pre>
 *
 * with v = 0 where the car hits the left wall. Reward −1 a step; terminates at x ≥ 0.5 with v ≥ 0.
 * Starts with x uniform in [−0.6, −0.4], at rest. The task's time limit of 200 steps is a
 * wrapper's.
 */
public final class MountainCar extends Simulation {
  static final double MIN_X = -1.2;
  static final double MAX_X = 0.6;
  static final double MAX_SPEED = 0.07;
  private static final double GRAVITY = 0.0025;

  private static final double GOAL = 0.5;
  private static final double FORCE = 0.001;

  /** A car before its first episode. */
  public MountainCar() {
    super(2, observations(), new Discrete(3));
  }

  static Box observations() {
    return Box.of(
        new float[] {(float) MIN_X, (float) -MAX_SPEED},
        new float[] {(float) MAX_X, (float) MAX_SPEED});
  }

  @Override
  protected void start(RandomGenerator random) {
    startInValley(random, state);
  }

  static void startInValley(RandomGenerator random, double[] state) {
    state[0] = random.nextDouble(-0.6, -0.4);
    state[1] = 0;
  }

  @Override
  protected void advance(float[] action, Step next) {
    drive(state, (action[0] - 1) * FORCE);
    next.setReward(-1);
    next.setTerminated(state[0] >= GOAL && state[1] >= 0);
  }

  /** One step of the valley's dynamics under a push. */
  static void drive(double[] state, double push) {
    double v = state[1] + push - GRAVITY * Math.cos(3 * state[0]);
    v = Math.max(-MAX_SPEED, Math.min(MAX_SPEED, v));
    double x = Math.max(MIN_X, Math.min(MAX_X, state[0] + v));
    state[0] = x;
    state[1] = x == MIN_X && v < 0 ? 0 : v;
  }

  @Override
  protected void observe(float[] observation) {
    observation[0] = (float) state[0];
    observation[1] = (float) state[1];
  }
}
