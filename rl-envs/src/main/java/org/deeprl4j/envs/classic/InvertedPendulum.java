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
 * Gymnasium's InvertedPendulum-v5: balance a pole of 5 kg on a cart of 10.5 kg by forces of 100 N
 * times an action in [−3, 3] (clipped).
 *
 * <p>State and observation [x m, θ rad, ẋ, θ̇]; all dampings 1; two Runge-Kutta steps of 0.02 s.
 * Reward 1 a step, 0 for the one that terminates: |θ| &gt; 0.2. Starts uniform in ±0.01 in all
 * four. The task's time limit of 1000 steps is a wrapper's. It moves as the original does unless
 * the slider hits a stop at ±1 m, which is a spring with a damper.
 */
public final class InvertedPendulum extends ChainSimulation {
  /** The mass of the cart, kg. */
  static final double CART = 10.471975512;

  private static final double POLE = 5.01859164136;
  private static final double POLE_INERTIA = 0.188749766873;
  private static final double DT = 0.02;
  private static final double GEAR = 100;
  private static final double ANGLE_LIMIT = 0.2;

  /** A pendulum before its first episode. */
  public InvertedPendulum() {
    super(model(), 4, 2, Box.unbounded(4), Box.of(-3, 3, 1));
  }

  private static Chain model() {
    Joint slider =
        Joint.of("slider", Joint.Type.PRISMATIC, Vec3.X)
            .withDrive(0, 1)
            .withStop(SoftStops.of(-1, 1, CART + POLE));
    Joint hinge =
        Joint.of("hinge", Joint.Type.REVOLUTE, Vec3.Y)
            .withDrive(0, 1)
            .withStop(SoftStops.of(-Math.PI / 2, Math.PI / 2, POLE_INERTIA + POLE * 0.09));
    return new Chain(
        "inverted pendulum",
        List.of(
            Body.of("cart", Vec3.ZERO, List.of(slider), CART, Vec3.ZERO, Vec3.ZERO),
            Body.of(
                "pole",
                Vec3.ZERO,
                List.of(hinge),
                POLE,
                new Vec3(0.0005, 0, 0.3),
                new Vec3(POLE_INERTIA, POLE_INERTIA, 0))),
        new Vec3(0, 0, 0.6),
        Chain.EARTH);
  }

  @Override
  protected void start(RandomGenerator random) {
    for (int i = 0; i < 4; i++) {
      state[i] = random.nextDouble(-0.01, 0.01);
    }
  }

  @Override
  protected void advance(float[] action, Step next) {
    readJoints();
    tau[0] = GEAR * clip(action[0], 3);
    for (int i = 0; i < 2; i++) {
      integrator.rungeKutta4(q, qd, tau, DT);
    }
    writeJoints();
    boolean fallen = Math.abs(q[1]) > ANGLE_LIMIT;
    next.setReward(fallen ? 0 : 1);
    next.setTerminated(fallen);
  }

  @Override
  protected void observe(float[] observation) {
    for (int i = 0; i < 4; i++) {
      observation[i] = (float) state[i];
    }
  }
}
