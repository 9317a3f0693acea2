package org.deeprl4j.envs.arm;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Step;

/**
 * Keep the fingertip of the human arm where it is, while it is pushed. Pushes come once a second on
 * average (Poisson), last 0.1 to 0.3 s and have 0 to 10 N in any direction; they are not observed.
 *
 * <p>State [q (7), q̇ (7), target (3), force (3) N, steps it still lasts]; observation and reward
 * those of {@link ArmReach}, whose start this is, with the target at the tip. Success: d &lt; 0.05
 * m. Never terminates; the task's time limit of 200 steps is a wrapper's.
 */
public final class ArmHold extends ArmSimulation {
  private static final int FORCE = SHARED_STATE;
  private static final int LEFT = FORCE + 3;
  private static final double PUSHES_PER_SECOND = 1;
  private static final double MOST_FORCE = 10;

  // In control steps: 0.1 to 0.3 s.
  private static final int SHORTEST = 5;
  private static final int LONGEST = 15;

  /** The task before its first episode. */
  public ArmHold() {
    super(ArmModel.human(), LEFT + 1, observations(30));
  }

  @Override
  protected void start(RandomGenerator random) {
    startAtPosture(random);
    targetAtTip(q);
    for (int i = FORCE; i <= LEFT; i++) {
      state[i] = 0;
    }
    started();
  }

  @Override
  protected void advance(float[] action, Step next) {
    RandomGenerator random = random();
    // A process of rate λ has an event in a step of dt with probability 1 − exp(−λ dt).
    boolean starts = random.nextDouble() < -Math.expm1(-PUSHES_PER_SECOND * CONTROL_DT);
    if (state[LEFT] == 0 && starts) {
      push(random);
    }
    double effort = actuate(action);
    move(state[FORCE], state[FORCE + 1], state[FORCE + 2]);
    if (state[LEFT] > 0 && --state[LEFT] == 0) {
      for (int i = 0; i < 3; i++) {
        state[FORCE + i] = 0;
      }
    }
    measure();
    rewardDensely(effort, next);
  }

  private void push(RandomGenerator random) {
    double force = random.nextDouble(0, MOST_FORCE);
    // Archimedes: on a sphere, height and longitude are uniform.
    double height = random.nextDouble(-1, 1);
    double longitude = random.nextDouble(0, 2 * Math.PI);
    double across = force * Math.sqrt(1 - height * height);
    state[FORCE] = across * Math.cos(longitude);
    state[FORCE + 1] = across * Math.sin(longitude);
    state[FORCE + 2] = force * height;
    state[LEFT] = random.nextInt(SHORTEST, LONGEST + 1);
  }

  @Override
  protected void observe(float[] observation) {
    observeArm(observation);
    observeTarget(observation);
  }
}
