package peers;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;

/** Of HalfCheetah's size: 17 observations, 6 actions, episodes of 1000 steps, and next to no work in a step. The same as in peers.py. */
public final class Cheap extends Simulation {
  private static final int SIZE = 17;

  public Cheap() {
    super(SIZE + 1, Box.unbounded(SIZE), Box.of(-1, 1, 6));
  }

  @Override
  protected void start(RandomGenerator random) {
    for (int i = 0; i < SIZE; i++) {
      state[i] = random.nextDouble(-0.1, 0.1);
    }
    state[SIZE] = 0;
  }

  @Override
  protected void advance(float[] action, Step next) {
    double effort = 0;
    for (float a : action) {
      effort += a * a;
    }
    for (int i = 0; i < SIZE; i++) {
      state[i] = 0.9 * state[i] + 0.1 * action[i % action.length];
    }
    state[SIZE]++;
    next.setReward(state[0] - 0.1 * effort);
    next.setTruncated(state[SIZE] == 1000);
  }

  @Override
  protected void observe(float[] observation) {
    for (int i = 0; i < SIZE; i++) {
      observation[i] = (float) state[i];
    }
  }
}
