package org.deeprl4j.envs.toy;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;

/**
 * Catch balls with a paddle. A ball falls from the top of the unit square in {@value #FALL} steps,
 * drifting sideways and bouncing off the walls; the paddle below moves left, stays or moves right.
 * A ball that meets the paddle is worth 1, one that does not −1, and {@value #BALLS} balls make an
 * episode. Every ball can be reached by a paddle that moves at once, so the best return is {@value
 * #BALLS}.
 *
 * <p>State [ball x, ball y, ball's sideways speed, paddle x, balls that fell, balls caught].
 */
public final class Catch extends Simulation {
  /** Steps of a ball from the top to the paddle. */
  private static final int FALL = 20;

  /** Balls of an episode. */
  private static final int BALLS = 10;

  private static final double DRIFT = 0.03; // the fastest, a step
  private static final double MOVE = 0.05; // of the paddle, a step

  /** Half of the paddle's width. */
  public static final double REACH = 0.1;

  /** The game before its first episode. */
  public Catch() {
    super(
        6,
        Box.of(new float[] {0, 0, (float) -DRIFT, 0}, new float[] {1, 1, (float) DRIFT, 1}),
        new Discrete(3));
  }

  @Override
  protected void start(RandomGenerator random) {
    state[3] = 0.5;
    state[4] = 0;
    state[5] = 0;
    drop(random);
  }

  private void drop(RandomGenerator random) {
    state[0] = random.nextDouble();
    state[1] = 1;
    state[2] = random.nextDouble(-DRIFT, DRIFT);
  }

  @Override
  protected void advance(float[] action, Step next) {
    state[3] = Math.min(1, Math.max(0, state[3] + MOVE * (action[0] - 1)));
    state[0] += state[2];
    if (state[0] < 0 || state[0] > 1) {
      state[0] = state[0] < 0 ? -state[0] : 2 - state[0];
      state[2] = -state[2];
    }
    state[1] -= 1.0 / FALL;
    if (state[1] > 0.5 / FALL) {
      return;
    }
    boolean caught = Math.abs(state[0] - state[3]) <= REACH;
    next.setReward(caught ? 1 : -1);
    state[4]++;
    state[5] += caught ? 1 : 0;
    if (state[4] == BALLS) {
      next.setTerminated(true);
      next.setSuccess(state[5] == BALLS);
      state[1] = 0;
    } else {
      drop(random());
    }
  }

  @Override
  protected void observe(float[] observation) {
    for (int i = 0; i < 4; i++) {
      observation[i] = (float) state[i];
    }
  }

  @Override
  protected void requirePossible(double[] values) {
    boolean possible =
        values[0] >= 0
            && values[0] <= 1
            && values[1] >= 0
            && values[1] <= 1
            && Math.abs(values[2]) <= DRIFT
            && values[3] >= 0
            && values[3] <= 1
            && values[4] >= 0
            && values[4] < BALLS
            && values[5] >= 0
            && values[5] <= values[4];
    if (!possible) {
      throw new IllegalArgumentException(
          "Catch: ball and paddle must be in the unit square, with at most %s sideways a step, and fewer than %d balls fallen"
              .formatted(DRIFT, BALLS));
    }
  }
}
