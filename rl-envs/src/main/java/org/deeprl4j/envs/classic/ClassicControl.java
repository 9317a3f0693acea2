package org.deeprl4j.envs.classic;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.StatefulMdp;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;

/**
 * What the systems of this package share: a state in double precision, one number as the action, the
 * life cycle of an episode and the checks. Stepping allocates nothing.
 */
abstract class ClassicControl implements StatefulMdp {
  /** The physical state; subclasses read and write it. */
  final double[] state;

  private final Space observationSpace;
  private final Space actionSpace;
  private final int observationSize;
  private final int choices;
  private boolean running;

  ClassicControl(int stateSize, Space observationSpace, Space actionSpace) {
    if (actionSpace.size() != 1) {
      throw new IllegalArgumentException("an action must be one number, not of " + actionSpace);
    }
    this.state = new double[stateSize];
    this.observationSpace = observationSpace;
    this.actionSpace = actionSpace;
    this.observationSize = observationSpace.size();
    this.choices = actionSpace instanceof Discrete discrete ? discrete.n() : 0;
  }

  /** Draws an initial state. */
  abstract void start(RandomGenerator random);

  /** Moves the state on by one step; sets the reward, and termination where reached. */
  abstract void advance(float action, Step next);

  /** Writes the observation of the state. */
  abstract void observe(float[] observation);

  @Override
  public final Space observationSpace() {
    return observationSpace;
  }

  @Override
  public final Space actionSpace() {
    return actionSpace;
  }

  @Override
  public final void reset(RandomGenerator random, float[] observation) {
    requireLength("the observation", observationSize, observation.length);
    start(random);
    running = true;
    observe(observation);
  }

  @Override
  public final void step(float[] action, Step next) {
    requireLength("the action", 1, action.length);
    requireLength("the step's observation", observationSize, next.observation().length);
    float a = action[0];
    // Both written so that NaN fails.
    if (choices > 0 ? !(a >= 0 && a < choices && a == (int) a) : Float.isNaN(a)) {
      throw new IllegalArgumentException(
          "%s: action[0] must be %s, not %s"
              .formatted(
                  name(),
                  choices > 0
                      ? "an integer in [0, " + choices + ")"
                      : "a number of " + actionSpace + " (values beyond its bounds are clipped)",
                  a));
    }
    if (!running) {
      throw new IllegalStateException(
          name() + ": the episode has ended or none was started: reset before the next step");
    }
    advance(a, next);
    observe(next.observation());
    running = !next.terminated();
  }

  @Override
  public final double[] state() {
    return state.clone();
  }

  @Override
  public final void setState(double[] values) {
    requireLength("the state", state.length, values.length);
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "%s: state[%d] must be finite, not %s".formatted(name(), i, values[i]));
      }
    }
    System.arraycopy(values, 0, state, 0, values.length);
    running = true;
  }

  private void requireLength(String what, int expected, int found) {
    if (found != expected) {
      throw new IllegalArgumentException(
          "%s: %s must have length %d, not %d".formatted(name(), what, expected, found));
    }
  }

  private String name() {
    return getClass().getSimpleName();
  }
}
