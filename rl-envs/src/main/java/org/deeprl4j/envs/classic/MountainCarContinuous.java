package org.deeprl4j.envs.classic;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;

/**
 * Gymnasium's MountainCarContinuous-v0: {@link MountainCar} with a force 0.0015·clip(a, ±1), the
 * goal at x ≥ 0.45 with v ≥ 0, and a reward of −0.1 a² each step, plus 100 at the goal, a
 * unclipped.
 *
 * <p>As in the original, goal and wall are tested in double precision and the state is then rounded
 * to single precision, after every step but not at the start. The task's time limit of 999 steps is
 * a wrapper's.
 */
public final class MountainCarContinuous extends Simulation {
  private static final double GOAL = 0.45;
  private static final double POWER = 0.0015;

  /** A car before its first episode. */
  public MountainCarContinuous() {
    super(2, MountainCar.observations(), Box.of(-1, 1, 1));
  }

  @Override
  protected void start(RandomGenerator random) {
    MountainCar.startInValley(random, state);
  }

  @Override
  protected void advance(float[] action, Step next) {
    float a = action[0];
    if (Float.isInfinite(a)) {
      throw new IllegalArgumentException(
          "MountainCarContinuous: action[0] must be finite, since its square is the cost, not "
              + a);
    }
    MountainCar.drive(state, POWER * Math.max(-1, Math.min(1, a)));
    boolean goal = state[0] >= GOAL && state[1] >= 0;
    next.setReward((goal ? 100 : 0) - 0.1 * a * a);
    next.setTerminated(goal);
    state[0] = (float) state[0];
    state[1] = (float) state[1];
  }

  @Override
  protected void observe(float[] observation) {
    observation[0] = (float) state[0];
    observation[1] = (float) state[1];
  }
}
