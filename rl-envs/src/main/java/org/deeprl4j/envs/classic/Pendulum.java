package org.deeprl4j.envs.classic;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;

/**
 * Gymnasium's Pendulum-v1: swing a pendulum up and hold it, with a torque u in [−2, 2] Nm (clipped)
 * that is too weak to lift it directly.
 *
 * <p>State [θ, θ̇], θ = 0 upright and never wrapped; observation [cos θ, sin θ, θ̇]. With m = l =
 * 1, g = 10, dt = 0.05, and the speed clipped to ±8:
 *
 * <pre>
 *   reward = −(norm(θ)² + 0.1 θ̇² + 0.001 u²)      of the old state; norm maps into [−π, π)
 *   θ̇ ← clip(θ̇ + (3g/(2l) sin θ + 3/(m l²) u) dt),   θ ← θ + θ̇ dt
 * </pre>
 *
 * Starts with θ uniform in ±π and θ̇ in ±1. Never terminates; the task's time limit of 200 steps is
 * a wrapper's.
 */
public final class Pendulum extends Simulation {
  private static final double MAX_TORQUE = 2;
  private static final double MAX_SPEED = 8;
  private static final double DT = 0.05;

  /** A pendulum before its first episode. */
  public Pendulum() {
    super(
        2,
        Box.of(new float[] {-1, -1, -8}, new float[] {1, 1, 8}),
        Box.of((float) -MAX_TORQUE, (float) MAX_TORQUE, 1));
  }

  @Override
  protected void start(RandomGenerator random) {
    state[0] = random.nextDouble(-Math.PI, Math.PI);
    state[1] = random.nextDouble(-1, 1);
  }

  @Override
  protected void advance(float[] action, Step next) {
    double angle = state[0];
    double speed = state[1];
    double torque = clip(action[0], MAX_TORQUE);
    double error = normalized(angle);
    next.setReward(-(error * error + 0.1 * speed * speed + 0.001 * torque * torque));
    speed = clip(speed + (15 * Math.sin(angle) + 3 * torque) * DT, MAX_SPEED);
    state[0] = angle + speed * DT;
    state[1] = speed;
  }

  @Override
  protected void observe(float[] observation) {
    observation[0] = (float) Math.cos(state[0]);
    observation[1] = (float) Math.sin(state[0]);
    observation[2] = (float) state[1];
  }

  /** The angle in [−π, π): a floored remainder, where Java's {@code %} would truncate. */
  private static double normalized(double angle) {
    double turn = 2 * Math.PI;
    double shifted = angle + Math.PI;
    return shifted - turn * Math.floor(shifted / turn) - Math.PI;
  }

  private static double clip(double value, double limit) {
    return Math.max(-limit, Math.min(limit, value));
  }
}
