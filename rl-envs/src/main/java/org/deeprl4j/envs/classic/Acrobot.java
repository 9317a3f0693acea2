package org.deeprl4j.envs.classic;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;

/**
 * Gymnasium's Acrobot-v1: swing the tip of a two-link pendulum, driven only at the joint between
 * the links, above one link's length over the pivot. Actions 0, 1, 2 are torques −1, 0, 1 Nm.
 *
 * <p>State [θ1, θ2, θ̇1, θ̇2], θ1 = 0 hanging and θ2 relative to the first link; observation [cos
 * θ1, sin θ1, cos θ2, sin θ2, θ̇1, θ̇2]. The dynamics are those of Sutton and Barto's book (1998,
 * section 11.3) with m = l = I = 1, lc = 0.5, g = 9.8, one fourth-order Runge-Kutta step of 0.2 s.
 * Afterwards angles are wrapped into [−π, π] and speeds clipped to ±4π and ±9π.
 *
 * <p>Reward −1 a step, 0 for the one that terminates: −cos θ1 − cos(θ1 + θ2) &gt; 1. Starts uniform
 * in ±0.1, rounded to single precision. The task's time limit of 500 steps is a wrapper's.
 */
public final class Acrobot extends Simulation {
  private static final double GRAVITY = 9.8;
  private static final double DT = 0.2;
  private static final double MAX_SPEED_1 = 4 * Math.PI;
  private static final double MAX_SPEED_2 = 9 * Math.PI;
  // Half the length of a link, where its mass is; masses, lengths and moments are 1.
  private static final double LC = 0.5;

  // The four slopes and the point a slope is taken at, kept so that stepping allocates nothing.
  private final double[][] slope = new double[4][4];
  private final double[] point = new double[4];

  /** An acrobot before its first episode. */
  public Acrobot() {
    super(4, observations(), new Discrete(3));
  }

  private static Box observations() {
    float[] high = {1, 1, 1, 1, (float) MAX_SPEED_1, (float) MAX_SPEED_2};
    float[] low = {-1, -1, -1, -1, -high[4], -high[5]};
    return Box.of(low, high);
  }

  @Override
  protected void start(RandomGenerator random) {
    for (int i = 0; i < 4; i++) {
      state[i] = (float) random.nextDouble(-0.1, 0.1);
    }
  }

  @Override
  protected void advance(float[] action, Step next) {
    double torque = action[0] - 1;
    derivative(state, torque, slope[0]);
    slopeAhead(DT / 2, slope[0], torque, slope[1]);
    slopeAhead(DT / 2, slope[1], torque, slope[2]);
    slopeAhead(DT, slope[2], torque, slope[3]);
    for (int i = 0; i < 4; i++) {
      state[i] += DT / 6 * (slope[0][i] + 2 * slope[1][i] + 2 * slope[2][i] + slope[3][i]);
    }
    state[0] = wrapped(state[0]);
    state[1] = wrapped(state[1]);
    state[2] = clip(state[2], MAX_SPEED_1);
    state[3] = clip(state[3], MAX_SPEED_2);
    boolean up = -Math.cos(state[0]) - Math.cos(state[0] + state[1]) > 1;
    next.setReward(up ? 0 : -1);
    next.setTerminated(up);
  }

  /** The derivative at the state moved on by {@code dt} along a slope. */
  private void slopeAhead(double dt, double[] along, double torque, double[] out) {
    for (int i = 0; i < 4; i++) {
      point[i] = state[i] + dt * along[i];
    }
    derivative(point, torque, out);
  }

  /** The book's equations of motion. */
  private static void derivative(double[] s, double torque, double[] out) {
    double spin1 = s[2];
    double spin2 = s[3];
    double cos2 = Math.cos(s[1]);
    double sin2 = Math.sin(s[1]);
    double d1 = LC * LC + (1 + LC * LC + 2 * LC * cos2) + 2;
    double d2 = LC * LC + LC * cos2 + 1;
    double phi2 = LC * GRAVITY * Math.cos(s[0] + s[1] - Math.PI / 2);
    double phi1 =
        -LC * spin2 * spin2 * sin2
            - 2 * LC * spin2 * spin1 * sin2
            + (LC + 1) * GRAVITY * Math.cos(s[0] - Math.PI / 2)
            + phi2;
    double acceleration2 =
        (torque + d2 / d1 * phi1 - LC * spin1 * spin1 * sin2 - phi2) / (LC * LC + 1 - d2 * d2 / d1);
    out[0] = spin1;
    out[1] = spin2;
    out[2] = -(d2 * acceleration2 + phi1) / d1;
    out[3] = acceleration2;
  }

  private static double wrapped(double angle) {
    double turn = 2 * Math.PI;
    // A step moves an angle by a few turns at most; only a state set from outside can be farther
    // off, where subtracting turns one by one might never end.
    double wrapped = Math.abs(angle) < 1e3 ? angle : Math.IEEEremainder(angle, turn);
    while (wrapped > Math.PI) {
      wrapped -= turn;
    }
    while (wrapped < -Math.PI) {
      wrapped += turn;
    }
    return wrapped;
  }

  private static double clip(double value, double limit) {
    return Math.max(-limit, Math.min(limit, value));
  }

  @Override
  protected void observe(float[] observation) {
    observation[0] = (float) Math.cos(state[0]);
    observation[1] = (float) Math.sin(state[0]);
    observation[2] = (float) Math.cos(state[1]);
    observation[3] = (float) Math.sin(state[1]);
    observation[4] = (float) state[2];
    observation[5] = (float) state[3];
  }
}
