package org.deeprl4j.envs.arm;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Step;

/**
 * Follow a moving point with the fingertip of the human arm. The point is the fingertip of joints
 * that swing,
 *
 * <pre>
 *   q_ref,i(t) = middle_i + 0.3 · range_i / 2 · sin(2π f_i t + φ_i),   f_i ~ U(0.1, 0.3) Hz,  φ_i ~ U(0, 2π)
 * </pre>
 *
 * <p>State [q (7), q̇ (7), target (3), f (7), φ (7), steps taken, the sum of d over those after the
 * 100th]; observation (33) that of {@link ArmReach} and the target's velocity in m/s. Episodes
 * start at q_ref(0), within ±0.05 rad and at rest. Reward −d − 0.01 ‖a‖². Success: the mean of d
 * since step 100 is below 0.05 m. Never terminates; the task's time limit of 200 steps is a
 * wrapper's.
 */
public final class ArmTrack extends ArmSimulation {
  private static final int FREQUENCY = SHARED_STATE;
  private static final int PHASE = FREQUENCY + N;
  private static final int STEPS = PHASE + N;
  private static final int SUM = STEPS + 1;
  private static final double START_NOISE = 0.05;

  /** Steps in which the arm may still catch up with the point. */
  private static final int CATCHING_UP = 100;

  private final double[] reference = new double[N];
  private final double[] jacobian = new double[3 * N];
  private final double[] targetVelocity = new double[3];

  /** The task before its first episode. */
  public ArmTrack() {
    super(ArmModel.human(), SUM + 1, observations(33));
  }

  @Override
  protected void start(RandomGenerator random) {
    for (int i = 0; i < N; i++) {
      state[FREQUENCY + i] = random.nextDouble(0.1, 0.3);
      state[PHASE + i] = random.nextDouble(0, 2 * Math.PI);
    }
    state[STEPS] = 0;
    state[SUM] = 0;
    moveTarget();
    for (int i = 0; i < N; i++) {
      q[i] = reference[i] + random.nextDouble(-START_NOISE, START_NOISE);
      qd[i] = 0;
    }
    started();
  }

  /** Puts the target to its place at the time of the state. */
  private void moveTarget() {
    double t = state[STEPS] * CONTROL_DT;
    for (int i = 0; i < N; i++) {
      double amplitude = 0.3 * range[i] / 2;
      reference[i] =
          middle[i]
              + amplitude * Math.sin(2 * Math.PI * state[FREQUENCY + i] * t + state[PHASE + i]);
    }
    targetAtTip(reference);
    dynamics.jacobian(jacobian);
    for (int row = 0; row < 3; row++) {
      targetVelocity[row] = 0;
    }
    for (int i = 0; i < N; i++) {
      double omega = 2 * Math.PI * state[FREQUENCY + i];
      double speed = 0.3 * range[i] / 2 * omega * Math.cos(omega * t + state[PHASE + i]);
      for (int row = 0; row < 3; row++) {
        targetVelocity[row] += jacobian[row * N + i] * speed;
      }
    }
  }

  @Override
  protected void advance(float[] action, Step next) {
    double effort = actuate(action);
    move(0, 0, 0);
    state[STEPS]++;
    moveTarget();
    double distance = measure();
    rewardDensely(effort, next);
    double counted = state[STEPS] - CATCHING_UP;
    if (counted > 0) {
      state[SUM] += distance;
    }
    next.setSuccess(counted > 0 && state[SUM] / counted < REACHED);
  }

  @Override
  protected void observe(float[] observation) {
    observeArm(observation);
    observeTarget(observation);
    for (int i = 0; i < 3; i++) {
      observation[30 + i] = (float) targetVelocity[i];
    }
  }
}
