package org.deeprl4j.mdp;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;

/**
 * A transparent environment for tests: observation [steps so far, first draw of the episode, last
 * draw]; draws at every step; reward steps · (1 + action); terminates after {@code length} steps,
 * in success if the last action was 1.
 */
class Counter implements Mdp {
  private final int length;
  private RandomGenerator random = new org.deeprl4j.random.Rng(0);
  int steps = -1;
  float first;
  float last;

  Counter(int length) {
    this.length = length;
  }

  @Override
  public Space observationSpace() {
    return Box.of(0, 1000, 3);
  }

  @Override
  public Space actionSpace() {
    return new Discrete(2);
  }

  @Override
  public void reset(RandomGenerator generator, float[] observation) {
    random = generator;
    steps = 0;
    first = random.nextFloat();
    last = first;
    write(observation);
  }

  @Override
  public void step(float[] action, Step next) {
    if (action.length != 1 || !(action[0] == 0 || action[0] == 1)) {
      throw new IllegalArgumentException("action must be 0 or 1, not " + Arrays.toString(action));
    }
    if (steps < 0 || steps >= length) {
      throw new IllegalStateException("the episode has ended");
    }
    steps++;
    last = random.nextFloat();
    next.setReward(steps * (1 + action[0]));
    next.setTerminated(steps == length);
    next.setSuccess(action[0] == 1);
    write(next.observation());
  }

  private void write(float[] observation) {
    observation[0] = steps;
    observation[1] = first;
    observation[2] = last;
  }

  /** A counter whose state can be read and set. */
  static final class Saved extends Counter implements StatefulMdp {
    Saved(int length) {
      super(length);
    }

    @Override
    public double[] state() {
      return new double[] {steps, first, last};
    }

    @Override
    public void setState(double[] state) {
      steps = (int) state[0];
      first = (float) state[1];
      last = (float) state[2];
    }
  }
}
