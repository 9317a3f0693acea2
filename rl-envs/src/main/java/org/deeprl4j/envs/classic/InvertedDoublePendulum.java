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
 * Gymnasium's InvertedDoublePendulum-v5: balance two poles, one on the other, on a cart, by forces
 * of 500 N times an action in [−1, 1] (clipped).
 *
 * <p>State [x m, θ1, θ2 rad, ẋ, θ̇1, θ̇2], θ2 relative to the first pole; observation [x, sin θ1,
 * sin θ2, cos θ1, cos θ2, the three velocities and the force of the slider's stops, the last four
 * clipped to ±10]. All dampings 0.05; five Runge-Kutta steps of 0.01 s. With (X, Y) the tip, the
 * reward is
 *
 * <pre>
 *   10 − 0.01 X² − (Y − 2)² − 0.001 θ̇1² − 0.005 θ̇2²
 * </pre>
 *
 * without the 10 for the step that terminates: Y ≤ 1. Starts with positions uniform in ±0.1 and
 * velocities ~ N(0, 0.1). The task's time limit of 1000 steps is a wrapper's. It moves as the
 * original does unless the slider hits a stop at ±1 m, which is a spring with a damper; the
 * original's reward takes the tip's place at the last stage of its integrator, which differs by
 * less than 2e-5.
 */
public final class InvertedDoublePendulum extends ChainSimulation {
  private static final double POLE = 4.19873858152;
  private static final double POLE_INERTIA = 0.15497066975;
  private static final double LENGTH = 0.6;
  private static final double DT = 0.01;
  private static final double GEAR = 500;
  private static final double OBSERVED = 10;

  /** A double pendulum before its first episode. */
  public InvertedDoublePendulum() {
    super(model(), 6, 3, observations(), Box.of(-1, 1, 1));
  }

  private static Chain model() {
    Joint slider =
        Joint.of("slider", Joint.Type.PRISMATIC, Vec3.X)
            .withDrive(0, 0.05)
            .withStop(SoftStops.of(-1, 1, InvertedPendulum.CART + 2 * POLE));
    return new Chain(
        "inverted double pendulum",
        List.of(
            Body.of(
                "cart", Vec3.ZERO, List.of(slider), InvertedPendulum.CART, Vec3.ZERO, Vec3.ZERO),
            pole("lower", Vec3.ZERO),
            pole("upper", new Vec3(0, 0, LENGTH))),
        new Vec3(0, 0, LENGTH),
        new Vec3(1e-5, 0, -9.81));
  }

  private static Body pole(String name, Vec3 position) {
    Joint hinge = Joint.of(name + " hinge", Joint.Type.REVOLUTE, Vec3.Y).withDrive(0, 0.05);
    return Body.of(
        name,
        position,
        List.of(hinge),
        POLE,
        new Vec3(0, 0, LENGTH / 2),
        new Vec3(POLE_INERTIA, POLE_INERTIA, 0));
  }

  private static Box observations() {
    float free = Float.POSITIVE_INFINITY;
    float most = (float) OBSERVED;
    float[] high = {free, 1, 1, 1, 1, most, most, most, most};
    float[] low = {-free, -1, -1, -1, -1, -most, -most, -most, -most};
    return Box.of(low, high);
  }

  @Override
  protected void start(RandomGenerator random) {
    for (int i = 0; i < 3; i++) {
      state[i] = random.nextDouble(-0.1, 0.1);
      state[3 + i] = 0.1 * random.nextGaussian();
    }
  }

  @Override
  protected void advance(float[] action, Step next) {
    readJoints();
    tau[0] = GEAR * clip(action[0], 1);
    for (int i = 0; i < 5; i++) {
      integrator.rungeKutta4(q, qd, tau, DT);
    }
    writeJoints();
    dynamics.kinematics(q);
    double x = dynamics.tip(0);
    double y = dynamics.tip(2);
    boolean fallen = y <= 1;
    next.setReward(
        (fallen ? 0 : 10)
            - 0.01 * x * x
            - (y - 2) * (y - 2)
            - 1e-3 * qd[1] * qd[1]
            - 5e-3 * qd[2] * qd[2]);
    next.setTerminated(fallen);
  }

  @Override
  protected void observe(float[] observation) {
    observation[0] = (float) state[0];
    for (int i = 0; i < 2; i++) {
      observation[1 + i] = (float) Math.sin(state[1 + i]);
      observation[3 + i] = (float) Math.cos(state[1 + i]);
    }
    for (int i = 0; i < 3; i++) {
      observation[5 + i] = (float) clip(state[3 + i], OBSERVED);
    }
    observation[8] = (float) clip(integrator.stopForce(0, state[0], state[3]), OBSERVED);
  }
}
