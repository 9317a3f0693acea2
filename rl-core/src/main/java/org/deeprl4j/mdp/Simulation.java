package org.deeprl4j.mdp;

import java.util.random.RandomGenerator;
import org.deeprl4j.space.Space;
import org.jspecify.annotations.Nullable;

/**
 * A base class for simulations whose complete state is an array of doubles. It keeps the life cycle
 * of an episode, checks the {@link Mdp} contract, and reads and sets the state; a subclass says
 * where an episode starts, how the state moves, and what is observed of it. It allocates nothing in
 * a step.
 *
 * <p>Actions are checked before {@link #advance}, by an {@link ActionCheck}.
 */
public abstract class Simulation implements StatefulMdp {
  /** The complete state, for subclasses to read and write. */
  protected final double[] state;

  private final Space observationSpace;
  private final Space actionSpace;
  private final int observationSize;
  private final ActionCheck actionCheck;
  private @Nullable RandomGenerator random;
  private boolean running;

  /**
   * A simulation before its first episode, its state all zeros.
   *
   * @param stateSize the number of doubles in the state
   */
  protected Simulation(int stateSize, Space observationSpace, Space actionSpace) {
    this.state = new double[stateSize];
    this.observationSpace = observationSpace;
    this.actionSpace = actionSpace;
    this.observationSize = observationSpace.size();
    this.actionCheck = new ActionCheck(getClass().getSimpleName(), actionSpace);
  }

  /** Sets {@link #state} to an initial state. */
  protected abstract void start(RandomGenerator random);

  /**
   * Moves {@link #state} on by one step, and sets the reward, the flags and success on {@code
   * next}; not the observation.
   *
   * @param action checked; not modified
   */
  protected abstract void advance(float[] action, Step next);

  /** Writes what is observed of {@link #state}. */
  protected abstract void observe(float[] observation);

  /**
   * Rejects impossible states that {@link #setState} would otherwise accept, being finite; by
   * default none.
   *
   * @throws IllegalArgumentException if the state is impossible
   */
  protected void requirePossible(double[] values) {}

  /**
   * The generator of the last reset, for simulations that draw during an episode.
   *
   * @throws IllegalStateException before the first reset
   */
  protected final RandomGenerator random() {
    RandomGenerator r = random;
    if (r == null) {
      throw new IllegalStateException(
          name() + ": reset before the first step, since the simulation draws from that generator");
    }
    return r;
  }

  @Override
  public final Space observationSpace() {
    return observationSpace;
  }

  @Override
  public final Space actionSpace() {
    return actionSpace;
  }

  @Override
  public final void reset(RandomGenerator generator, float[] observation) {
    requireLength("the observation", observationSize, observation.length);
    random = generator;
    start(generator);
    running = true;
    observe(observation);
  }

  @Override
  public final void step(float[] action, Step next) {
    actionCheck.require(action);
    requireLength("the step's observation", observationSize, next.observation().length);
    if (!running) {
      throw new IllegalStateException(
          name() + ": the episode has ended or none was started: reset before the next step");
    }
    advance(action, next);
    observe(next.observation());
    running = !next.ended();
  }

  @Override
  public final double[] state() {
    return state.clone();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the length is not that of {@link #state()}, or a value is
   *     not finite, or the state is impossible
   */
  @Override
  public final void setState(double[] values) {
    requireLength("the state", state.length, values.length);
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "%s: state[%d] must be finite, not %s".formatted(name(), i, values[i]));
      }
    }
    requirePossible(values);
    System.arraycopy(values, 0, state, 0, values.length);
    running = true;
  }

  private void requireLength(String what, int expected, int found) {
    if (found != expected) {
      throw new IllegalArgumentException(
          "%s: %s must have length %d, not %d".formatted(name(), what, expected, found));
    }
  }
}
