package org.deeprl4j.mdp;

import org.deeprl4j.space.Space;
import org.deeprl4j.state.Stateful;

/**
 * n environments of the same spaces stepped together, each with a generator of its own. Where an
 * episode ends, the next one starts by itself: {@link #nextObservations()} then holds the true
 * final observation, {@link #observations()} the first one of the new episode.
 *
 * <p>Every method that returns an array returns the live one, the same at every call, overwritten
 * by the next {@link #step}, {@link #reset} or {@link #load}: copy what must last, and write
 * nothing. An environment that breaks its contract (an observation or a reward that is not finite,
 * an exception) stops the whole with an {@link EnvironmentException}.
 *
 * <p>The state that is saved is the one between two steps: generators, environments, current
 * observations and the running episodes' returns and lengths. What the last step gave back is not
 * part of it.
 */
public interface VectorEnv extends Stateful, AutoCloseable {

  /** The number n of environments. */
  int count();

  /** The observation space of each. */
  Space observationSpace();

  /** The action space of each. */
  Space actionSpace();

  /** The i-th environment, to look at and not to step. */
  Mdp environment(int i);

  /** Starts a new episode in every environment. */
  void reset();

  /**
   * Advances every environment one step, and resets those whose episode ends.
   *
   * @param actions [n, actionSpace().size()]; not modified
   * @throws IllegalArgumentException if the length is another
   * @throws IllegalStateException before the first {@link #reset} or {@link #load}, after a fault,
   *     and after {@link #close}
   * @throws EnvironmentException if an environment fails
   */
  void step(float[] actions);

  /** The observations to act on, [n, observationSpace().size()]. */
  float[] observations();

  /** What the last step led to, [n, observationSpace().size()]: final observations included. */
  float[] nextObservations();

  /** The rewards of the last step, [n]. */
  double[] rewards();

  /** Which environments reached a terminal state in the last step, [n]. */
  boolean[] terminated();

  /** Which environments were cut off in the last step, [n]; may hold together with terminated. */
  boolean[] truncated();

  /** Which episodes ended in the last step, for either reason, [n]. */
  boolean[] ended();

  /** How many episodes ended in the last step. */
  int endedCount();

  /**
   * The undiscounted returns of the episodes that ended in the last step, [n], valid where {@link
   * #ended()}.
   */
  double[] episodeReturns();

  /** The lengths of the episodes that ended in the last step, [n], valid where {@link #ended()}. */
  int[] episodeLengths();

  /**
   * Whether the episodes that ended in the last step ended in success, [n], valid where {@link
   * #ended()}: 1, 0, or NaN if the environment has no such notion.
   */
  double[] episodeSuccesses();

  /**
   * Which environments the last {@link #load} had to start at a new episode because their state
   * cannot be saved, [n], none before the first load. Their running episodes are gone: whatever
   * holds steps of them beyond this vector must take the newest for the last of its episode, cut
   * off and not terminated.
   */
  boolean[] restarted();

  /** How many environments those are. */
  int restartedCount();

  /** Closes every environment. */
  @Override
  void close();
}
