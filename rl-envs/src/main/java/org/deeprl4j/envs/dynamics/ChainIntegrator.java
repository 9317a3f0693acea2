package org.deeprl4j.envs.dynamics;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves a chain on in time under joint forces, with the joints' friction, springs and stops.
 * Nothing is allocated once it is made. Not thread-safe.
 *
 * <p>Dry friction is MuJoCo's: the accelerations a minimise Gauss's distance from those without it,
 * plus a cost,
 *
 * <pre>
 *   ½ (a − a₀)ᵀ M (a − a₀) + Σ_i s_i(a_i + v_i / 9.5 ms),
 *   s_i(x) = ½ D_i x² where D_i |x| ≤ η_i,  else η_i |x| − η_i² / (2 D_i)
 * </pre>
 *
 * so that joint i is slowed with the time constant of MuJoCo's default, 9.5 ms (or 0.95 dt, if that
 * is more), by a force of at most its loss η_i. D_i = 9 / (M⁻¹)_ii at the joints' references.
 */
public final class ChainIntegrator {
  private final ChainDynamics dynamics;
  private final int n;
  private final double[] damping;
  private final double[] lower;
  private final double[] upper;
  private final double[] springStiffness;
  private final double[] rest;
  private final double[] stiffness;
  private final double[] stopDamping;
  private final double[] force;
  private final double[] extra;
  private final double[] qdd;
  private final DryFriction dryFriction;
  // Of the four stages: the point, and the sums of the slopes.
  private final double[] stageQ;
  private final double[] stageQd;
  private final double[] sumQ;
  private final double[] sumQd;

  /** An integrator for the chain of these equations, which it uses as its workspace. */
  public ChainIntegrator(ChainDynamics dynamics) {
    this.dynamics = dynamics;
    n = dynamics.size();
    damping = new double[n];
    lower = new double[n];
    upper = new double[n];
    springStiffness = new double[n];
    rest = new double[n];
    stiffness = new double[n];
    stopDamping = new double[n];
    force = new double[n];
    extra = new double[n];
    qdd = new double[n];
    stageQ = new double[n];
    stageQd = new double[n];
    sumQ = new double[n];
    sumQd = new double[n];
    List<Joint> joints = dynamics.chain().joints();
    for (int i = 0; i < n; i++) {
      damping[i] = joints.get(i).damping();
      Joint.@Nullable Spring spring = joints.get(i).spring();
      springStiffness[i] = spring == null ? 0 : spring.stiffness();
      rest[i] = spring == null ? 0 : spring.rest();
      Joint.@Nullable Stop stop = joints.get(i).stop();
      lower[i] = stop == null ? Double.NEGATIVE_INFINITY : stop.lower();
      upper[i] = stop == null ? Double.POSITIVE_INFINITY : stop.upper();
      stiffness[i] = stop == null ? 0 : stop.stiffness();
      stopDamping[i] = stop == null ? 0 : stop.damping();
    }
    dryFriction = new DryFriction(dynamics);
  }

  /** The equations of motion. */
  ChainDynamics dynamics() {
    return dynamics;
  }

  /** How far beyond its range joint i is: negative below it, positive above, 0 within. */
  private double beyond(int i, double q) {
    return q < lower[i] ? q - lower[i] : q > upper[i] ? q - upper[i] : 0;
  }

  /**
   * One semi-implicit Euler step, q̇ += dt q̈, then q += dt q̇, in which viscous friction and stops
   * are linearly implicit: they act at the new velocity, which makes stiff stops stable. With f =
   * −β q̇ the friction and, beyond a stop by δ, also −K δ − C q̇, the accelerations solve
   *
   * <pre>
   *   (M + dt (β + C) + dt² K) q̈ + b = τ − β q̇ − K (δ + dt q̇) − C q̇
   * </pre>
   *
   * <p>Springs act as they are at the step's start, as in MuJoCo.
   *
   * @param q joint positions [n]. Modified.
   * @param qd joint velocities [n]. Modified.
   * @param tau joint forces [n], held over the step
   * @param dt s
   */
  public void semiImplicitEuler(double[] q, double[] qd, double[] tau, double dt) {
    dynamics.kinematics(q);
    for (int i = 0; i < n; i++) {
      double friction = damping[i];
      double delta = beyond(i, q[i]);
      double spring = 0;
      if (delta != 0) {
        spring = stiffness[i];
        friction += stopDamping[i];
      }
      force[i] = pulled(i, q[i], tau[i]) - friction * qd[i] - spring * (delta + dt * qd[i]);
      extra[i] = dt * friction + dt * dt * spring;
    }
    dynamics.solve(qd, force, extra, qdd);
    dryFriction.apply(qd, force, extra, dt, qdd);
    for (int i = 0; i < n; i++) {
      qd[i] += dt * qdd[i];
      q[i] += dt * qd[i];
    }
  }

  /**
   * One step of the classic fourth-order Runge-Kutta method. Stops push and never pull.
   *
   * @param q joint positions [n]. Modified.
   * @param qd joint velocities [n]. Modified.
   * @param tau joint forces [n], held over the step
   * @param dt s
   */
  public void rungeKutta4(double[] q, double[] qd, double[] tau, double dt) {
    accelerations(q, qd, tau, dt);
    for (int i = 0; i < n; i++) {
      sumQ[i] = qd[i];
      sumQd[i] = qdd[i];
      stageQ[i] = q[i] + dt / 2 * qd[i];
      stageQd[i] = qd[i] + dt / 2 * qdd[i];
    }
    for (int stage = 1; stage < 4; stage++) {
      accelerations(stageQ, stageQd, tau, dt);
      double weight = stage == 3 ? 1 : 2;
      double ahead = stage == 2 ? dt : dt / 2;
      for (int i = 0; i < n; i++) {
        double speed = stageQd[i];
        sumQ[i] += weight * speed;
        sumQd[i] += weight * qdd[i];
        stageQ[i] = q[i] + ahead * speed;
        stageQd[i] = qd[i] + ahead * qdd[i];
      }
    }
    for (int i = 0; i < n; i++) {
      q[i] += dt / 6 * sumQ[i];
      qd[i] += dt / 6 * sumQd[i];
    }
  }

  private void accelerations(double[] q, double[] qd, double[] tau, double dt) {
    for (int i = 0; i < n; i++) {
      force[i] = pulled(i, q[i], tau[i]) - damping[i] * qd[i] + stopForce(i, q[i], qd[i]);
      extra[i] = 0;
    }
    dynamics.forward(q, qd, force, qdd);
    dryFriction.apply(qd, force, extra, dt, qdd);
  }

  /** Joint i's force with that of its spring; to the last bit the same where there is none. */
  private double pulled(int i, double q, double tau) {
    return springStiffness[i] == 0 ? tau : tau - springStiffness[i] * (q - rest[i]);
  }

  /** The force of joint i's stops in {@link #rungeKutta4}, N m or N. */
  public double stopForce(int i, double q, double qd) {
    double delta = beyond(i, q);
    if (delta == 0) {
      return 0;
    }
    double push = -stiffness[i] * delta - stopDamping[i] * qd;
    return push * delta < 0 ? push : 0;
  }
}
