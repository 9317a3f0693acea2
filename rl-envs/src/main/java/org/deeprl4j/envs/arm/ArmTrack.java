package org.deeprl4j.envs.arm;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Step;

/**
 * Follow a moving point with the fingertip of an arm. The point is the fingertip of joints that
 * swing,
 *
 * <pre>
 *   q_ref,i(t) = middle_i + 0.3 · range_i / 2 · sin(2π f_i t + φ_i),   f_i ~ U(0.1, 0.3) Hz,  φ_i ~ U(0, 2π)
 * </pre>
 *
 * <p>State [q (n), q̇ (n), target (3), f (n), φ (n), steps taken, the sum of d over those after the
 * 100th]; observation (3 n + 12) that of {@link ArmReach} and the target's velocity in m/s.
 * Episodes start at q_ref(0), within ±0.05 rad and at rest. Reward −d − 0.01 ‖a‖². Success: the
 * mean of d since step 100 is below 0.05 m. Never terminates; the task's time limit of 200 steps is
 * a wrapper's.
 */
public final class ArmTrack extends ArmSimulation {
  private static final double START_NOISE = 0.05;

  /** Steps in which the arm may still catch up with the point. */
  private static final int CATCHING_UP = 100;

  // Where they are in the state.
  private final int frequency;
  private final int phase;
  private final int steps;
  private final int sum;

  private final double[] reference;
  private final double[] jacobian;
  private final double[] targetVelocity = new double[3];

  /** The task of an arm, before its first episode. */
  public ArmTrack(ArmModel model) {
    super(model, 2 * joints(model) + 2, observations(model, 9));
    frequency = sharedState(model);
    phase = frequency + n;
    steps = phase + n;
    sum = steps + 1;
    reference = new double[n];
    jacobian = new double[3 * n];
  }

  @Override
  protected void start(RandomGenerator random) {
    for (int i = 0; i < n; i++) {
      state[frequency + i] = random.nextDouble(0.1, 0.3);
      state[phase + i] = random.nextDouble(0, 2 * Math.PI);
    }
    state[steps] = 0;
    state[sum] = 0;
    moveTarget();
    for (int i = 0; i < n; i++) {
      q[i] = reference[i] + random.nextDouble(-START_NOISE, START_NOISE);
      qd[i] = 0;
    }
    started();
  }

  /** Moves the target to its place at the time of the state. */
  private void moveTarget() {
    double t = state[steps] * CONTROL_DT;
    for (int i = 0; i < n; i++) {
      double amplitude = 0.3 * range[i] / 2;
      reference[i] =
          middle[i]
              + amplitude * Math.sin(2 * Math.PI * state[frequency + i] * t + state[phase + i]);
    }
    targetAtTip(reference);
    dynamics.jacobian(jacobian);
    for (int row = 0; row < 3; row++) {
      targetVelocity[row] = 0;
    }
    for (int i = 0; i < n; i++) {
      double omega = 2 * Math.PI * state[frequency + i];
      double speed = 0.3 * range[i] / 2 * omega * Math.cos(omega * t + state[phase + i]);
      for (int row = 0; row < 3; row++) {
        targetVelocity[row] += jacobian[row * n + i] * speed;
      }
    }
  }

  @Override
  protected void advance(float[] action, Step next) {
    double effort = actuate(action);
    move(0, 0, 0);
    state[steps]++;
    moveTarget();
    double distance = measure();
    rewardDensely(effort, next);
    double counted = state[steps] - CATCHING_UP;
    if (counted > 0) {
      state[sum] += distance;
    }
    next.setSuccess(counted > 0 && state[sum] / counted < REACHED);
  }

  @Override
  protected void observe(float[] observation) {
    observeArm(observation);
    observeTarget(observation);
    for (int i = 0; i < 3; i++) {
      observation[3 * n + 9 + i] = (float) targetVelocity[i];
    }
  }
}
