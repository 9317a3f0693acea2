package org.deeprl4j.envs.toy;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.MaskedMdp;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;

/**
 * Of 200 actions a fifth is legal at a time: the observation is the unit vector of one of 20 random
 * symbols s, and action a is legal where 5 divides a + s. One of the 40 earns 1, any other 0. A new
 * symbol is drawn at every step; actions have no other effect. Never terminates: the best return of
 * N steps is N, that of random legal actions N/40. An illegal action is an {@link
 * IllegalArgumentException}.
 */
public final class LegalMoves extends Simulation implements MaskedMdp {
  /** The number of actions. */
  public static final int ACTIONS = 200;

  private static final int SYMBOLS = 20;
  private static final int PARTS = 5;

  /** The task before its first episode. */
  public LegalMoves() {
    super(1, Box.of(0, 1, SYMBOLS), new Discrete(ACTIONS));
  }

  @Override
  public void actionMask(boolean[] legal) {
    for (int a = 0; a < ACTIONS; a++) {
      legal[a] = isLegal(a);
    }
  }

  private boolean isLegal(int action) {
    return (action + (int) state[0]) % PARTS == 0;
  }

  /** The legal action that earns 1 at a symbol. */
  private static int best(int symbol) {
    int among = (11 * symbol + 3) % (ACTIONS / PARTS);
    return PARTS * among + Math.floorMod(-symbol, PARTS);
  }

  @Override
  protected void start(RandomGenerator random) {
    state[0] = random.nextInt(SYMBOLS);
  }

  @Override
  protected void advance(float[] action, Step next) {
    int chosen = (int) action[0];
    if (!isLegal(chosen)) {
      throw new IllegalArgumentException(
          "LegalMoves: action %d is not legal at symbol %d".formatted(chosen, (int) state[0]));
    }
    next.setReward(chosen == best((int) state[0]) ? 1 : 0);
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
          "LegalMoves: state[0] must be an integer in [0, %d), not %s"
              .formatted(SYMBOLS, values[0]));
    }
  }
}
