package org.deeprl4j.envs.dynamics;

import java.util.List;

/**
 * Dry friction as {@link ChainIntegrator} defines it, by Newton's method: while it is known which
 * joints stick (their cost is quadratic) and which slide (it is linear), the accelerations are
 * those of a chain with D_i more inertia at the sticking joints and a constant force at the sliding
 * ones.
 */
final class DryFriction {
  // MuJoCo's defaults: impedances 0.9 at the least and 0.95 at the most, time constant 0.02 s.
  private static final double IMPEDANCE = 0.9;
  private static final double LARGEST_IMPEDANCE = 0.95;
  private static final double TIME_CONSTANT = 0.02;

  /** Newton's method ends after a few steps, since there are finitely many pieces. */
  private static final int MOST_STEPS = 100;

  private static final int BISECTIONS = 60;

  private final ChainDynamics dynamics;
  private final int n;
  private final boolean none;
  private final double[] loss;
  private final double[] stiffness; // D
  private final double[] target; // the accelerations that the joints would stick with
  private final double[] force; // of the friction's fixed part
  private final double[] extra;
  private final double[] next;
  private final double[] here; // M q̈ + b − τ at the current accelerations
  private final double[] there; // and at the next ones

  DryFriction(ChainDynamics dynamics) {
    this.dynamics = dynamics;
    n = dynamics.size();
    loss = new double[n];
    stiffness = new double[n];
    target = new double[n];
    force = new double[n];
    extra = new double[n];
    next = new double[n];
    here = new double[n];
    there = new double[n];
    List<Joint> joints = dynamics.chain().joints();
    double[] references = joints.stream().mapToDouble(Joint::reference).toArray();
    double[] rest = new double[n];
    dynamics.forward(references, new double[n], new double[n], rest);
    boolean any = false;
    for (int i = 0; i < n; i++) {
      loss[i] = joints.get(i).frictionLoss();
      if (loss[i] > 0) {
        any = true;
        double[] unit = new double[n];
        unit[i] = 1;
        dynamics.forward(references, new double[n], unit, next);
        stiffness[i] = IMPEDANCE / (1 - IMPEDANCE) / (next[i] - rest[i]);
      }
    }
    none = !any;
  }

  /**
   * Adds friction to accelerations, at the positions of the last {@link ChainDynamics#kinematics}.
   *
   * @param tau the joint forces without it
   * @param inertia more inertia at the joints, as {@link ChainDynamics#solve} takes it
   * @param qdd the accelerations without it. Modified.
   */
  void apply(double[] qd, double[] tau, double[] inertia, double dt, double[] qdd) {
    if (none) {
      return;
    }
    double rate = 2 / (LARGEST_IMPEDANCE * Math.max(TIME_CONSTANT, 2 * dt));
    for (int i = 0; i < n; i++) {
      target[i] = -rate * qd[i];
      here[i] = 0;
    }
    for (int step = 0; step < MOST_STEPS; step++) {
      for (int i = 0; i < n; i++) {
        double x = qdd[i] - target[i];
        boolean sticks = Math.abs(stiffness[i] * x) < loss[i];
        extra[i] = inertia[i] + (sticks ? stiffness[i] : 0);
        force[i] = tau[i] + (sticks ? stiffness[i] * target[i] : -Math.copySign(loss[i], x));
        there[i] = sticks ? stiffness[i] : 0;
      }
      dynamics.solve(qd, force, extra, next);
      boolean same = true;
      for (int i = 0; i < n; i++) {
        // The pieces that the step began with, as forces at its end.
        boolean sticks = there[i] != 0;
        double piece = sticks ? -stiffness[i] * (next[i] - target[i]) : force[i] - tau[i];
        there[i] = piece;
        same &= piece == friction(i, next[i]);
      }
      double length = same ? 1 : descent(qdd);
      for (int i = 0; i < n; i++) {
        qdd[i] = length == 1 ? next[i] : qdd[i] + length * (next[i] - qdd[i]);
        here[i] += length * (there[i] - here[i]);
      }
      if (same) {
        return;
      }
    }
  }

  /** The friction force at an acceleration: minus the cost's derivative. */
  private double friction(int i, double acceleration) {
    double f = -stiffness[i] * (acceleration - target[i]);
    return Math.max(-loss[i], Math.min(loss[i], f));
  }

  /** How far to go towards {@link #next} so that the cost is least on the way. */
  private double descent(double[] qdd) {
    if (slope(qdd, 1) <= 0) {
      return 1;
    }
    double low = 0;
    double high = 1;
    for (int i = 0; i < BISECTIONS; i++) {
      double middle = (low + high) / 2;
      if (slope(qdd, middle) <= 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /** The cost's derivative along the way; M q̈ + b − τ is affine in q̈. */
  private double slope(double[] qdd, double t) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double d = next[i] - qdd[i];
      double inertial = here[i] + t * (there[i] - here[i]);
      sum += d * (inertial - friction(i, qdd[i] + t * d));
    }
    return sum;
  }
}
