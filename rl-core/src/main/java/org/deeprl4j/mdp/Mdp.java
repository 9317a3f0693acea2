package org.deeprl4j.mdp;

import java.util.random.RandomGenerator;
import org.deeprl4j.space.Space;

/**
 * A Markov decision process to learn in: the one interface a simulator implements.
 *
 * <p>Observations and actions are flat {@code float[]} in the order their {@link Space} defines, so
 * an environment needs no tensor library. All arrays are owned by the caller and reused from step
 * to step: an environment writes its observation and keeps no reference.
 *
 * <p>An environment is used by one thread at a time, not always the same one. Several of them are
 * stepped by several threads at once, so they must not share anything that changes.
 */
public interface Mdp extends AutoCloseable {

  /** The space of observations. Constant over the life of the environment. */
  Space observationSpace();

  /** The space of actions. Constant over the life of the environment. */
  Space actionSpace();

  /**
   * Starts an episode.
   *
   * @param random the source of all the environment's randomness, valid until the next reset: the
   *     same generator state gives the same episode under the same actions
   * @param observation receives the first observation, {@code [observationSpace().size()]}.
   *     Modified.
   */
  void reset(RandomGenerator random, float[] observation);

  /**
   * Advances one step.
   *
   * @param action {@code [actionSpace().size()]}; not modified
   * @param next receives observation, reward and flags; cleared by the caller beforehand. Modified.
   * @throws IllegalArgumentException if the action has the wrong length or holds a NaN
   * @throws IllegalStateException if the episode has ended, or none was started
   */
  void step(float[] action, Step next);

  /** What messages about the environment call it. */
  default String name() {
    String simple = getClass().getSimpleName();
    return simple.isEmpty() ? getClass().getName() : simple; // of an anonymous class
  }

  /** Releases what the environment holds; most hold nothing. */
  @Override
  default void close() {}
}
