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
 * The swing-up task of dm_control's cart-pole (Tassa et al. 2018, "DeepMind control suite"): a pole
 * hangs from a cart and must be swung up and held, by forces of 10 N times an action in [−1, 1]
 * (clipped) on the cart.
 *
 * <p>State [x m, θ rad, ẋ, θ̇], θ = 0 upright; observation [x, cos θ, sin θ, ẋ, θ̇]. Cart 1 kg,
 * pole 0.1 kg with its centre at 0.5 m, slider damping 5e-4 and hinge damping 2e-6, one Runge-Kutta
 * step of 0.01 s. The reward, of the new state and the action as it was given, is in [0, 1]:
 *
 * <pre>
 *   (1 + cos θ)/2 · (4 + max(0, 1 − a²))/5 · (1 + g(θ̇/5))/2 · (1 + g(x/2))/2,   g(d) = 0.1^(d²)
 * </pre>
 *
 * Starts with x ~ N(0, 0.01), θ ~ π + N(0, 0.01), velocities ~ N(0, 0.01) (standard deviations).
 * Never terminates; the task's time limit of 1000 steps is a wrapper's. The stops of the slider at
 * ±1.8 m are springs with dampers.
 */
public final class CartPoleSwingUp extends ChainSimulation {
  private static final double DT = 0.01;
  private static final double FORCE = 10;
  private static final double POLE_INERTIA = 0.0094245927673;

  /** The task before its first episode. */
  public CartPoleSwingUp() {
    super(model(), 4, 2, observations(), Box.of(-1, 1, 1));
  }

  private static Chain model() {
    Joint slider =
        Joint.of("slider", Joint.Type.PRISMATIC, Vec3.X)
            .withDrive(0, 5e-4)
            .withStop(SoftStops.of(-1.8, 1.8, 1.1));
    Joint hinge = Joint.of("hinge", Joint.Type.REVOLUTE, Vec3.Y).withDrive(0, 2e-6);
    return new Chain(
        "cart-pole",
        List.of(
            Body.of("cart", Vec3.ZERO, List.of(slider), 1, Vec3.ZERO, Vec3.ZERO),
            Body.of(
                "pole",
                Vec3.ZERO,
                List.of(hinge),
                0.1,
                new Vec3(0, 0, 0.5),
                new Vec3(POLE_INERTIA, POLE_INERTIA, 0))),
        new Vec3(0, 0, 1),
        Chain.EARTH);
  }

  private static Box observations() {
    float free = Float.POSITIVE_INFINITY;
    return Box.of(new float[] {-free, -1, -1, -free, -free}, new float[] {free, 1, 1, free, free});
  }

  @Override
  protected void start(RandomGenerator random) {
    state[0] = 0.01 * random.nextGaussian();
    state[1] = Math.PI + 0.01 * random.nextGaussian();
    state[2] = 0.01 * random.nextGaussian();
    state[3] = 0.01 * random.nextGaussian();
  }

  @Override
  protected void advance(float[] action, Step next) {
    readJoints();
    tau[0] = FORCE * clip(action[0], 1);
    integrator.rungeKutta4(q, qd, tau, DT);
    writeJoints();
    double a = action[0];
    double upright = (1 + Math.cos(q[1])) / 2;
    double effort = (4 + Math.max(0, 1 - a * a)) / 5;
    double calm = (1 + tolerance(qd[1] / 5)) / 2;
    double centred = (1 + tolerance(q[0] / 2)) / 2;
    next.setReward(upright * effort * calm * centred);
  }

  /** 1 at 0, 0.1 at the margin, 1. */
  private static double tolerance(double distance) {
    return Math.exp(Math.log(0.1) * distance * distance);
  }

  @Override
  protected void observe(float[] observation) {
    observation[0] = (float) state[0];
    observation[1] = (float) Math.cos(state[1]);
    observation[2] = (float) Math.sin(state[1]);
    observation[3] = (float) state[2];
    observation[4] = (float) state[3];
  }
}
