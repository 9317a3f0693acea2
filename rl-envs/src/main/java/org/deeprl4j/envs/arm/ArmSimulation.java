package org.deeprl4j.envs.arm;

import java.util.random.RandomGenerator;
import org.deeprl4j.envs.dynamics.ChainSimulation;
import org.deeprl4j.envs.dynamics.Joint;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/**
 * What the arm tasks share: 50 Hz control, five semi-implicit steps of 4 ms each (within 3 mm of a
 * fine simulation after 1 s), actions in [−1, 1]ⁿ times the torques of the n joints, and a target
 * for the fingertip. The state begins with q (n), q̇ (n) and the target (3).
 */
public abstract class ArmSimulation extends ChainSimulation {
  /** A target counts as reached below this distance, m. */
  public static final double REACHED = 0.05;

  /** Seconds from one action to the next. */
  static final double CONTROL_DT = 0.02;

  private static final int SUBSTEPS = 5;
  private static final double START_NOISE = 0.1;
  private static final double EFFORT_COST = 0.01;

  /** The number of joints. */
  final int n;

  /** Where the target is in the state. */
  final int target;

  /** The joints' middle positions and ranges, rad; of those without stops ±π is the range. */
  final double[] middle;

  final double[] range;
  private final double[] torque;
  private final double[] posture;

  private final boolean holdsItself;

  /** The joint forces of the action, before those of pushes and against gravity. */
  private final double[] drive;

  private final double[] hold;
  private final double[] still;

  private double distance;

  /**
   * A task before its first episode.
   *
   * @param more the number of doubles that the task's state has after {@link #sharedState}
   */
  ArmSimulation(ArmModel model, int more, Space observationSpace) {
    super(
        model.chain(),
        sharedState(model) + more,
        joints(model),
        observationSpace,
        Box.of(-1, 1, joints(model)));
    n = joints(model);
    target = 2 * n;
    middle = new double[n];
    range = new double[n];
    torque = new double[n];
    posture = new double[n];
    holdsItself = model.holdsItself();
    drive = new double[n];
    hold = new double[n];
    still = new double[n];
    for (int i = 0; i < n; i++) {
      Joint joint = model.chain().joints().get(i);
      middle[i] = (ArmModel.lower(joint) + ArmModel.upper(joint)) / 2;
      range[i] = ArmModel.upper(joint) - ArmModel.lower(joint);
      torque[i] = model.torque().get(i);
      posture[i] = model.posture().get(i);
    }
  }

  static int joints(ArmModel model) {
    return model.chain().joints().size();
  }

  /** The length of the state that all tasks share. */
  static int sharedState(ArmModel model) {
    return 2 * joints(model) + 3;
  }

  /** The observations of {@link #observeArm}, 3 n + 3 numbers, and more after them. */
  static Box observations(ArmModel model, int more) {
    int n = joints(model);
    float[] high = new float[3 * n + 3 + more];
    float[] low = new float[high.length];
    for (int i = 0; i < high.length; i++) {
      high[i] = i < 2 * n ? 1 : Float.POSITIVE_INFINITY;
      low[i] = -high[i];
    }
    return Box.of(low, high);
  }

  /** Puts the joints near the model's posture, at rest. */
  final void startAtPosture(RandomGenerator random) {
    for (int i = 0; i < n; i++) {
      q[i] = posture[i] + random.nextDouble(-START_NOISE, START_NOISE);
      qd[i] = 0;
    }
  }

  /**
   * Starts to reach: near the model's posture, with the target where the fingertip is for joints in
   * the middle 60 % of their ranges.
   */
  final void startReaching(RandomGenerator random) {
    startAtPosture(random);
    for (int i = 0; i < n; i++) {
      tau[i] = middle[i] + 0.3 * range[i] * random.nextDouble(-1, 1);
    }
    targetAtTip(tau);
    started();
  }

  /** Puts the target where the fingertip is for these joint positions. */
  final void targetAtTip(double[] positions) {
    dynamics.kinematics(positions);
    for (int i = 0; i < 3; i++) {
      state[target + i] = dynamics.tip(i);
    }
  }

  /** Ends a start: writes the joints into the state and measures. */
  final void started() {
    writeJoints();
    measure();
  }

  /** Sets the drives' torques to those of an action; returns ‖a‖² of the clipped action. */
  final double actuate(float[] action) {
    double effort = 0;
    for (int i = 0; i < n; i++) {
      double a = clip(action[i], 1);
      drive[i] = torque[i] * a;
      effort += a * a;
    }
    return effort;
  }

  /** Moves the arm on by one action, under a force at its tip in N. */
  final void move(double fx, double fy, double fz) {
    readJoints();
    boolean pushed = fx != 0 || fy != 0 || fz != 0;
    for (int i = 0; i < SUBSTEPS; i++) {
      System.arraycopy(drive, 0, tau, 0, n);
      if (pushed) {
        dynamics.kinematics(q);
        dynamics.addTipForce(fx, fy, fz, tau);
      }
      if (holdsItself) {
        dynamics.inverse(q, still, still, hold);
        for (int k = 0; k < n; k++) {
          tau[k] += hold[k];
        }
      }
      integrator.semiImplicitEuler(q, qd, tau, CONTROL_DT / SUBSTEPS);
    }
    writeJoints();
  }

  /** Places the bodies at q and measures the distance between tip and target. */
  final double measure() {
    dynamics.kinematics(q);
    double x = dynamics.tip(0) - state[target];
    double y = dynamics.tip(1) - state[target + 1];
    double z = dynamics.tip(2) - state[target + 2];
    distance = Math.sqrt(x * x + y * y + z * z);
    return distance;
  }

  /** The distance between tip and target when it was last measured, m. */
  final double distance() {
    return distance;
  }

  /** The dense reward −d − 0.01 ‖a‖², and success where the tip is at the target. */
  final void rewardDensely(double effort, Step next) {
    next.setReward(-distance - EFFORT_COST * effort);
    next.setSuccess(distance < REACHED);
  }

  /** Writes cos q (n), sin q (n), q̇/10 (n) and the fingertip (3), after {@link #measure}. */
  final void observeArm(float[] observation) {
    for (int i = 0; i < n; i++) {
      observation[i] = (float) Math.cos(state[i]);
      observation[n + i] = (float) Math.sin(state[i]);
      observation[2 * n + i] = (float) (state[n + i] / 10);
    }
    for (int i = 0; i < 3; i++) {
      observation[3 * n + i] = (float) dynamics.tip(i);
    }
  }

  /** Writes the target (3) and target − tip (3) after {@link #observeArm}'s. */
  final void observeTarget(float[] observation) {
    for (int i = 0; i < 3; i++) {
      observation[3 * n + 3 + i] = (float) state[target + i];
      observation[3 * n + 6 + i] = (float) (state[target + i] - dynamics.tip(i));
    }
  }
}
