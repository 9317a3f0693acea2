package org.deeprl4j.envs.arm;

import java.util.random.RandomGenerator;
import org.deeprl4j.envs.dynamics.ChainSimulation;
import org.deeprl4j.envs.dynamics.Joint;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.jspecify.annotations.Nullable;

/**
 * What the tasks of the arm share: 50 Hz control, five semi-implicit steps of 4 ms each (within 3
 * mm of a fine simulation after 1 s), actions in [−1, 1]⁷ times the joints' torques, and a target
 * for the fingertip. The state begins with q (7), q̇ (7) and the target (3).
 */
public abstract class ArmSimulation extends ChainSimulation {
  /** The distance in m from which on a target counts as reached. */
  public static final double REACHED = 0.05;

  /** Seconds from one action to the next. */
  static final double CONTROL_DT = 0.02;

  static final int N = ArmModel.JOINTS;

  /** Where the target is in the state. */
  static final int TARGET = 2 * N;

  /** The length of the state that all tasks share. */
  static final int SHARED_STATE = TARGET + 3;

  private static final int SUBSTEPS = 5;
  private static final double START_NOISE = 0.1;
  private static final double EFFORT_COST = 0.01;

  /** The joints' middle positions and ranges, rad. */
  final double[] middle = new double[N];

  final double[] range = new double[N];
  private final double[] torque = new double[N];
  private final double[] posture = new double[N];

  /** The joint forces of the action, before those of pushes. */
  private final double[] drive = new double[N];

  private double distance;

  ArmSimulation(ArmModel model, int stateSize, Space observationSpace) {
    super(model.chain(), stateSize, N, observationSpace, Box.of(-1, 1, N));
    for (int i = 0; i < N; i++) {
      Joint.@Nullable Stop stop = model.chain().joints().get(i).stop();
      if (stop == null) {
        throw new IllegalArgumentException("every joint of an arm must have stops");
      }
      middle[i] = (stop.lower() + stop.upper()) / 2;
      range[i] = stop.upper() - stop.lower();
      torque[i] = model.torque().get(i);
      posture[i] = model.posture().get(i);
    }
  }

  /**
   * The observations of the first 24 numbers, those of {@link #observeArm}, and more after them.
   */
  static Box observations(int size) {
    float[] high = new float[size];
    float[] low = new float[size];
    for (int i = 0; i < size; i++) {
      high[i] = i < 2 * N ? 1 : Float.POSITIVE_INFINITY;
      low[i] = -high[i];
    }
    return Box.of(low, high);
  }

  /** Puts the joints near the model's posture, at rest. */
  final void startAtPosture(RandomGenerator random) {
    for (int i = 0; i < N; i++) {
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
    for (int i = 0; i < N; i++) {
      tau[i] = middle[i] + 0.3 * range[i] * random.nextDouble(-1, 1);
    }
    targetAtTip(tau);
    started();
  }

  /** Puts the target where the fingertip is for these joint positions. */
  final void targetAtTip(double[] positions) {
    dynamics.kinematics(positions);
    for (int i = 0; i < 3; i++) {
      state[TARGET + i] = dynamics.tip(i);
    }
  }

  /** Finishes a start: the joints into the state. */
  final void started() {
    writeJoints();
    measure();
  }

  /** Sets the drives' torques to those of an action; returns ‖a‖² of the clipped action. */
  final double actuate(float[] action) {
    double effort = 0;
    for (int i = 0; i < N; i++) {
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
    System.arraycopy(drive, 0, tau, 0, N);
    for (int i = 0; i < SUBSTEPS; i++) {
      if (pushed) {
        dynamics.kinematics(q);
        System.arraycopy(drive, 0, tau, 0, N);
        dynamics.addTipForce(fx, fy, fz, tau);
      }
      integrator.semiImplicitEuler(q, qd, tau, CONTROL_DT / SUBSTEPS);
    }
    writeJoints();
  }

  /** Places the bodies at q and takes the distance between tip and target. */
  final double measure() {
    dynamics.kinematics(q);
    double x = dynamics.tip(0) - state[TARGET];
    double y = dynamics.tip(1) - state[TARGET + 1];
    double z = dynamics.tip(2) - state[TARGET + 2];
    distance = Math.sqrt(x * x + y * y + z * z);
    return distance;
  }

  /** The distance between tip and target as it was last measured. */
  final double distance() {
    return distance;
  }

  /** The dense reward −d − 0.01 ‖a‖², and success where the tip is at the target. */
  final void rewardDensely(double effort, Step next) {
    next.setReward(-distance - EFFORT_COST * effort);
    next.setSuccess(distance < REACHED);
  }

  /** Writes cos q (7), sin q (7), q̇/10 (7) and the fingertip (3), after {@link #measure}. */
  final void observeArm(float[] observation) {
    for (int i = 0; i < N; i++) {
      observation[i] = (float) Math.cos(state[i]);
      observation[N + i] = (float) Math.sin(state[i]);
      observation[2 * N + i] = (float) (state[N + i] / 10);
    }
    for (int i = 0; i < 3; i++) {
      observation[3 * N + i] = (float) dynamics.tip(i);
    }
  }

  /** Writes the target (3) and target − tip (3) after {@link #observeArm}'s. */
  final void observeTarget(float[] observation) {
    for (int i = 0; i < 3; i++) {
      observation[24 + i] = (float) state[TARGET + i];
      observation[27 + i] = (float) (state[TARGET + i] - dynamics.tip(i));
    }
  }
}
