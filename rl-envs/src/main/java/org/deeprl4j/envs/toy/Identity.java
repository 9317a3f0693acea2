package org.deeprl4j.envs.toy;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;

/**
 * Name the symbol that is shown: the observation is the unit vector of one of four random symbols,
 * and the action that names it earns 1, any other 0. A new symbol is drawn at every step; actions
 * have no other effect. Never terminates: the best return of N steps is N, a random policy gets
 * N/4.
 */
public final class Identity extends Simulation {
  private static final int SYMBOLS = 4;

  /** The task before its first episode. */
  public Identity() {
    super(1, Box.of(0, 1, SYMBOLS), new Discrete(SYMBOLS));
  }

  @Override
  protected void start(RandomGenerator random) {
    state[0] = random.nextInt(SYMBOLS);
  }

  @Override
  protected void advance(float[] action, Step next) {
    next.setReward(action[0] == state[0] ? 1 : 0);
    start(random());
  }

  @Override
  protected void observe(float[] observation) {
    Arrays.fill(observation, 0);
    observation[(int) state[0]] = 1;
  }

  @Override
  protected void requirePossible(double[] values) {
    if (values[0] < 0 || values[0] >= SYMBOLS || values[0] != Math.rint(values[0])) {
      throw new IllegalArgumentException(
          "Identity: state[0] must be an integer in [0, %d), not %s".formatted(SYMBOLS, values[0]));
    }
  }
}
