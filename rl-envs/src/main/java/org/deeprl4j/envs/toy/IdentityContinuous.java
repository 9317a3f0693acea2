package org.deeprl4j.envs.toy;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;

/**
 * {@link Identity} with numbers: the observation is a random x in [−1, 1], and the reward of an
 * action a in [−1, 1] (clipped) is −(a − x)². A new x is drawn at every step; actions have no other
 * effect. Never terminates: the best return is 0, a constant action of 0 gives −1/3 a step on
 * average.
 */
public final class IdentityContinuous extends Simulation {

  /** The task before its first episode. */
  public IdentityContinuous() {
    super(1, Box.of(-1, 1, 1), Box.of(-1, 1, 1));
  }

  @Override
  protected void start(RandomGenerator random) {
    state[0] = random.nextDouble(-1, 1);
  }

  @Override
  protected void advance(float[] action, Step next) {
    double miss = Math.max(-1, Math.min(1, action[0])) - state[0];
    next.setReward(-miss * miss);
    start(random());
  }

  @Override
  protected void observe(float[] observation) {
    observation[0] = (float) state[0];
  }
}
