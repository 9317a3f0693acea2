package org.deeprl4j.envs.classic;

import java.util.List;
import java.util.random.RandomGenerator;
import org.deeprl4j.envs.dynamics.Body;
import org.deeprl4j.envs.dynamics.Chain;
import org.deeprl4j.envs.dynamics.ChainSimulation;
import org.deeprl4j.envs.dynamics.Joint;
import org.deeprl4j.envs.dynamics.Vec3;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;

/**
 * Gymnasium's Reacher-v5: bring the tip of a planar arm of two joints to a target, by torques of
 * 200 Nm times actions in [−1, 1]² (clipped) against an armature of 1 kg m².
 *
 * <p>State [q1, q2 rad, target x, y m, q̇1, q̇2, 0, 0], MuJoCo's own; observation [cos q (2), sin q
 * (2), target (2), q̇ (2), tip − target (2)]. All dampings 1; two Runge-Kutta steps of 0.01 s.
 * Reward, after the step and with the action as it was given, −‖tip − target‖ − ‖a‖². Starts with q
 * uniform in ±0.1, q̇ in ±0.005 and the target in a disc of radius 0.2. Never terminates; the
 * task's time limit of 50 steps is a wrapper's. It moves as the original does unless the second
 * joint hits a stop at ±3 rad, which is a spring with a damper; the original's reward takes the
 * tip's place at the last stage of its integrator, which differs by less than 3e-6.
 */
public final class Reacher extends ChainSimulation {
  private static final double LINK = 0.0356047167407;
  private static final double LINK_CENTRE = 0.05;
  private static final double LINK_INERTIA = 3.91756603903e-5;
  private static final double LENGTH = 0.1;
  private static final double FINGER = 0.00418879020479;
  private static final double FINGER_AT = 0.11;
  private static final double FINGER_INERTIA = 1.67551608191e-7;
  private static final double DT = 0.01;
  private static final double GEAR = 200;
  private static final double DISC = 0.2;

  /** An arm before its first episode. */
  public Reacher() {
    super(model(), 8, 4, observations(), Box.of(-1, 1, 2));
  }

  private static Chain model() {
    Joint first = Joint.of("joint 1", Joint.Type.REVOLUTE, Vec3.Z).withDrive(1, 1);
    Joint second =
        Joint.of("joint 2", Joint.Type.REVOLUTE, Vec3.Z)
            .withDrive(1, 1)
            .withStop(SoftStops.of(-3, 3, 1));
    // The second link and the fingertip as one body.
    double mass = LINK + FINGER;
    double centre = (LINK * LINK_CENTRE + FINGER * FINGER_AT) / mass;
    double inertia =
        LINK_INERTIA
            + LINK * (LINK_CENTRE - centre) * (LINK_CENTRE - centre)
            + FINGER_INERTIA
            + FINGER * (FINGER_AT - centre) * (FINGER_AT - centre);
    return new Chain(
        "reacher",
        List.of(
            link("link 1", Vec3.ZERO, first, LINK, LINK_CENTRE, LINK_INERTIA),
            link("link 2", new Vec3(LENGTH, 0, 0), second, mass, centre, inertia)),
        new Vec3(FINGER_AT, 0, 0),
        Chain.EARTH);
  }

  /** A link along x; only its moment about z matters. */
  private static Body link(
      String name, Vec3 position, Joint joint, double mass, double centre, double inertia) {
    return Body.of(
        name,
        position,
        List.of(joint),
        mass,
        new Vec3(centre, 0, 0),
        new Vec3(inertia, inertia, inertia));
  }

  private static Box observations() {
    float[] high = new float[10];
    float[] low = new float[10];
    for (int i = 0; i < 10; i++) {
      high[i] = i < 4 ? 1 : Float.POSITIVE_INFINITY;
      low[i] = -high[i];
    }
    return Box.of(low, high);
  }

  @Override
  protected void start(RandomGenerator random) {
    for (int i = 0; i < 2; i++) {
      state[i] = random.nextDouble(-0.1, 0.1);
      state[4 + i] = random.nextDouble(-0.005, 0.005);
    }
    double x;
    double y;
    do {
      x = random.nextDouble(-DISC, DISC);
      y = random.nextDouble(-DISC, DISC);
    } while (x * x + y * y >= DISC * DISC);
    state[2] = x;
    state[3] = y;
  }

  @Override
  protected void advance(float[] action, Step next) {
    readJoints();
    for (int i = 0; i < 2; i++) {
      tau[i] = GEAR * clip(action[i], 1);
    }
    for (int i = 0; i < 2; i++) {
      integrator.rungeKutta4(q, qd, tau, DT);
    }
    writeJoints();
    dynamics.kinematics(q);
    double distance = Math.hypot(dynamics.tip(0) - state[2], dynamics.tip(1) - state[3]);
    double effort = (double) action[0] * action[0] + (double) action[1] * action[1];
    next.setReward(-distance - effort);
  }

  @Override
  protected void observe(float[] observation) {
    System.arraycopy(state, 0, q, 0, joints);
    dynamics.kinematics(q);
    for (int i = 0; i < 2; i++) {
      observation[i] = (float) Math.cos(state[i]);
      observation[2 + i] = (float) Math.sin(state[i]);
      observation[4 + i] = (float) state[2 + i];
      observation[6 + i] = (float) state[4 + i];
      observation[8 + i] = (float) (dynamics.tip(i) - state[2 + i]);
    }
  }
}
