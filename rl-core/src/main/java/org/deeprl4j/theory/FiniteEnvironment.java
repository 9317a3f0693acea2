package org.deeprl4j.theory;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Discrete;

/**
 * A {@link FiniteMdp} as an environment, so that what an algorithm learns can be compared with
 * exact values. Observations and actions are indices. A state that every action leads back to
 * without reward is terminal.
 */
public final class FiniteEnvironment extends Simulation {
  private final FiniteMdp mdp;

  /** An environment before its first episode. */
  public FiniteEnvironment(FiniteMdp mdp) {
    super(1, new Discrete(mdp.states()), new Discrete(mdp.actions()));
    this.mdp = mdp;
  }

  @Override
  protected void start(RandomGenerator random) {
    state[0] = draw(mdp.initial(), random);
  }

  @Override
  protected void advance(float[] action, Step next) {
    int s = (int) state[0];
    int a = (int) action[0];
    state[0] = draw(mdp.transition()[s][a], random());
    next.setReward(mdp.reward()[s][a]);
    next.setTerminated(terminal((int) state[0]));
  }

  @Override
  protected void observe(float[] observation) {
    observation[0] = (float) state[0];
  }

  @Override
  protected void requirePossible(double[] values) {
    if (!new Discrete(mdp.states()).contains(new float[] {(float) values[0]}, 0)) {
      throw new IllegalArgumentException(
          "the state must be an integer in [0, %d), not %s".formatted(mdp.states(), values[0]));
    }
  }

  /** Whether every action leads from a state back to it without reward. */
  private boolean terminal(int s) {
    for (int a = 0; a < mdp.actions(); a++) {
      if (mdp.transition()[s][a][s] != 1 || mdp.reward()[s][a] != 0) {
        return false;
      }
    }
    return true;
  }

  private static int draw(double[] p, RandomGenerator random) {
    double u = random.nextDouble();
    int last = 0;
    for (int i = 0; i < p.length; i++) {
      if (p[i] > 0) {
        last = i;
        u -= p[i];
        if (u < 0) {
          return i;
        }
      }
    }
    return last; // probabilities that add up to a little less than 1
  }
}
