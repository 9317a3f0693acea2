package org.deeprl4j.envs.classic;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/**
 * A pole hinged to a cart (Barto, Sutton and Anderson 1983, "Neuronlike adaptive elements that can
 * solve difficult learning control problems"), with the equations and constants of CartPole-v1:
 *
 * <pre>
 *   temp = (F + m l θ̇² sin θ) / M
 *   θ̈ = (g sin θ − cos θ · temp) / (l (4/3 − m cos² θ / M))
 *   ẍ = temp − m l θ̈ cos θ / M
 * </pre>
 *
 * with m = 0.1 the pole's mass, l = 0.5 half its length, M = 1.1 the total mass, g = 9.8; one
 * explicit Euler step of 0.02 s, in which positions use the old velocities.
 */
abstract class CartPoleDynamics extends Simulation {
  /** The magnitude of the full force, N. */
  static final double FORCE = 10;

  private static final double GRAVITY = 9.8;
  private static final double POLE_MASS = 0.1;
  private static final double TOTAL_MASS = POLE_MASS + 1.0;
  private static final double HALF_LENGTH = 0.5;
  private static final double POLE_MOMENT = POLE_MASS * HALF_LENGTH;
  private static final double DT = 0.02;
  private static final double X_LIMIT = 2.4;
  private static final double ANGLE_LIMIT = 24 * Math.PI / 360;

  CartPoleDynamics(Space actionSpace) {
    super(4, observations(), actionSpace);
  }

  /** Twice the range in which an episode goes on, so that the last observation lies inside. */
  private static Box observations() {
    float unbounded = Float.POSITIVE_INFINITY;
    float[] high = {(float) (2 * X_LIMIT), unbounded, (float) (2 * ANGLE_LIMIT), unbounded};
    float[] low = {-high[0], -unbounded, -high[2], -unbounded};
    return Box.of(low, high);
  }

  @Override
  protected final void start(RandomGenerator random) {
    for (int i = 0; i < 4; i++) {
      state[i] = random.nextDouble(-0.05, 0.05);
    }
  }

  /**
   * One Euler step under a force in N; reward 1, termination where cart or pole leave the range.
   */
  final void push(double force, Step next) {
    double[] s = state;
    double velocity = s[1];
    double spin = s[3];
    double cos = Math.cos(s[2]);
    double sin = Math.sin(s[2]);
    double temp = (force + POLE_MOMENT * spin * spin * sin) / TOTAL_MASS;
    double angularAcceleration =
        (GRAVITY * sin - cos * temp)
            / (HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * cos * cos / TOTAL_MASS));
    double acceleration = temp - POLE_MOMENT * angularAcceleration * cos / TOTAL_MASS;
    double x = s[0] + DT * velocity;
    double angle = s[2] + DT * spin;
    s[0] = x;
    s[1] = velocity + DT * acceleration;
    s[2] = angle;
    s[3] = spin + DT * angularAcceleration;
    next.setReward(1);
    next.setTerminated(Math.abs(x) > X_LIMIT || Math.abs(angle) > ANGLE_LIMIT);
  }

  @Override
  protected final void observe(float[] observation) {
    for (int i = 0; i < 4; i++) {
      observation[i] = (float) state[i];
    }
  }
}
