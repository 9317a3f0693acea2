package org.deeprl4j.envs.gym;

import java.awt.image.BufferedImage;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.ActionCheck;
import org.deeprl4j.mdp.AnnouncedMdp;
import org.deeprl4j.mdp.MaskedMdp;
import org.deeprl4j.mdp.StatefulMdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Space;

/**
 * An environment that runs in Python, made by {@link GymEnvironments}. Each reset seeds it with a
 * number drawn from the generator, so the same generator gives the same episode. If it has a time
 * limit of its own, that limit is removed there and applied on this side.
 *
 * <p>Actions beyond a Box's bounds are passed on, except to a Box of integers, where they are
 * clipped. Where {@code unwrapped.state} is an array of numbers, the state can be read and set, for
 * traces. It is not assumed to be complete, so a resumed run starts a new episode.
 *
 * <p>One that has a method {@code action_masks()} has action masks.
 */
public sealed class GymEnv implements AnnouncedMdp, StatefulMdp, MaskedMdp permits GymGoalEnv {
  final GymProcess process;
  final GymProcess.Slot slot;
  private final ActionCheck actionCheck;
  private boolean running;
  private boolean closed;

  GymEnv(GymProcess process, GymProcess.Slot slot) {
    this.process = process;
    this.slot = slot;
    actionCheck = new ActionCheck("gym:" + process.id(), process.actionSpace());
  }

  /** The id that Gymnasium made it by. */
  public final String id() {
    return process.id();
  }

  @Override
  public final String name() {
    return GymEnvironments.PREFIX + process.id();
  }

  /** The rate at which its pictures are meant to be shown. */
  public final double framesPerSecond() {
    return process.framesPerSecond();
  }

  @Override
  public final Space observationSpace() {
    return process.observationSpace();
  }

  @Override
  public final Space actionSpace() {
    return process.actionSpace();
  }

  @Override
  public final void reset(RandomGenerator random, float[] observation) {
    requireLength("the observation", observation.length);
    int seed = random.nextInt() & Integer.MAX_VALUE; // Gymnasium's seeds are not negative
    process.reset(slot, seed, observation);
    running = true;
  }

  @Override
  public final void announce(float[] action) {
    if (running && actionCheck.accepts(action)) {
      process.announce(slot, action);
    }
  }

  @Override
  public final boolean isGone() {
    return process.ended();
  }

  @Override
  public final void step(float[] action, Step next) {
    actionCheck.require(action);
    requireLength("the step's observation", next.observation().length);
    if (!running) {
      throw new IllegalStateException(
          "gym:"
              + process.id()
              + ": the episode has ended or none was started: reset before the next step");
    }
    process.step(slot, action, next);
    running = !next.ended();
  }

  @Override
  public final boolean masksActions() {
    return process.maskSize() > 0;
  }

  @Override
  public final void actionMask(boolean[] legal) {
    process.actionMask(slot, legal);
  }

  /**
   * The environment's picture as it stands.
   *
   * @throws IllegalStateException if it was made without rendering
   */
  public final BufferedImage render() {
    return process.render(slot);
  }

  @Override
  public final double[] state() {
    return process.state(slot);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the environment has no such state, or one of another length
   */
  @Override
  public final void setState(double[] state) {
    for (int i = 0; i < state.length; i++) {
      if (!Double.isFinite(state[i])) {
        throw new IllegalArgumentException(
            "gym:%s: state[%d] must be finite, not %s".formatted(process.id(), i, state[i]));
      }
    }
    process.setState(slot, state);
    running = true;
  }

  @Override
  public final boolean stateIsComplete() {
    return false;
  }

  @Override
  public final void close() {
    if (!closed) {
      closed = true;
      running = false;
      process.release(slot);
    }
  }

  private void requireLength(String what, int found) {
    int expected = process.observationSpace().size();
    if (found != expected) {
      throw new IllegalArgumentException(
          "gym:%s: %s must have length %d, not %d".formatted(process.id(), what, expected, found));
    }
  }
}
