package org.deeprl4j.envs.arm;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Step;

/**
 * Keep the fingertip of an arm where it is, while it is pushed. Pushes come once a second on
 * average (Poisson), last 0.1 to 0.3 s and have 0 to 10 N in any direction; they are not observed.
 *
 * <p>State [q (n), q̇ (n), target (3), force (3) N, steps it still lasts]; observation and reward
 * those of {@link ArmReach}. Episodes start as there, with the target at the tip. Success: d &lt;
 * 0.05 m. Never terminates; the task's time limit of 200 steps is a wrapper's.
 */
public final class ArmHold extends ArmSimulation {
  private static final double PUSHES_PER_SECOND = 1;
  private static final double MOST_FORCE = 10;

  // In control steps: 0.1 to 0.3 s.
  private static final int SHORTEST = 5;
  private static final int LONGEST = 15;

  /** Where the push's force and the steps that it still lasts are in the state. */
  private final int force;

  private final int left;

  /** The task of an arm, before its first episode. */
  public ArmHold(ArmModel model) {
    super(model, 4, observations(model, 6));
    force = sharedState(model);
    left = force + 3;
  }

  @Override
  protected void start(RandomGenerator random) {
    startAtPosture(random);
    targetAtTip(q);
    for (int i = force; i <= left; i++) {
      state[i] = 0;
    }
    started();
  }

  @Override
  protected void advance(float[] action, Step next) {
    RandomGenerator random = random();
    // A process of rate λ has an event in a step of dt with probability 1 − exp(−λ dt).
    boolean starts = random.nextDouble() < -Math.expm1(-PUSHES_PER_SECOND * CONTROL_DT);
    if (state[left] == 0 && starts) {
      push(random);
    }
    double effort = actuate(action);
    move(state[force], state[force + 1], state[force + 2]);
    if (state[left] > 0 && --state[left] == 0) {
      for (int i = 0; i < 3; i++) {
        state[force + i] = 0;
      }
    }
    measure();
    rewardDensely(effort, next);
  }

  private void push(RandomGenerator random) {
    double size = random.nextDouble(0, MOST_FORCE);
    // Archimedes: on a sphere, height and longitude are uniform.
    double height = random.nextDouble(-1, 1);
    double longitude = random.nextDouble(0, 2 * Math.PI);
    double across = size * Math.sqrt(1 - height * height);
    state[force] = across * Math.cos(longitude);
    state[force + 1] = across * Math.sin(longitude);
    state[force + 2] = size * height;
    state[left] = random.nextInt(SHORTEST, LONGEST + 1);
  }

  @Override
  protected void observe(float[] observation) {
    observeArm(observation);
    observeTarget(observation);
  }
}
