package org.deeprl4j.mdp;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;

/**
 * Counts its steps; in step t an action's flag of number k is up where t + k is even. It terminates
 * after 5 steps and rejects illegal actions.
 */
final class MaskedToy extends Simulation implements MaskedMdp {
  private final boolean nothingAfterTwo;

  MaskedToy() {
    this(new Discrete(4), false);
  }

  /** Over an action space, and with masks that forbid everything from the third step on, or not. */
  MaskedToy(Space actions, boolean nothingAfterTwo) {
    super(1, Box.of(0, 5, 1), actions);
    this.nothingAfterTwo = nothingAfterTwo;
  }

  @Override
  public void actionMask(boolean[] legal) {
    for (int k = 0; k < legal.length; k++) {
      legal[k] = ((int) state[0] + k) % 2 == 0 && !(nothingAfterTwo && state[0] >= 2);
    }
  }

  @Override
  protected void start(RandomGenerator random) {
    state[0] = 0;
  }

  @Override
  protected void advance(float[] action, Step next) {
    int[] choices = actionSpace().choices();
    boolean[] legal = new boolean[Arrays.stream(choices).sum()];
    actionMask(legal);
    for (int i = 0, at = 0; i < choices.length; at += choices[i], i++) {
      if (!legal[at + (int) action[i]]) {
        throw new IllegalArgumentException("illegal: " + Arrays.toString(action));
      }
    }
    state[0]++;
    next.setReward(1);
    next.setTerminated(state[0] == 5);
  }

  @Override
  protected void observe(float[] observation) {
    observation[0] = (float) state[0];
  }
}
