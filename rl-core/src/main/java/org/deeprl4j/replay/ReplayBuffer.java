package org.deeprl4j.replay;

import java.util.random.RandomGenerator;
import org.deeprl4j.state.Stateful;

/**
 * A memory of the last transitions of several environments that are stepped together (Lin 1992).
 * Only termination stops the bootstrap; a truncated episode's last transition leads to its true
 * final observation. Not thread-safe.
 */
public interface ReplayBuffer extends Stateful {

  /** The most transitions it holds. */
  int capacity();

  /** The number of transitions it holds. */
  int size();

  /**
   * Adds one transition of every environment; the oldest ones make room.
   *
   * @param observations s, [n, observation]
   * @param actions a, [n, action]
   * @param rewards r, [n]
   * @param nextObservations s′, [n, observation], true final observations included
   * @param terminated whether s′ is terminal, [n]
   * @param ended whether the episode ends with this transition, for whichever reason, [n]
   */
  void add(
      float[] observations,
      float[] actions,
      double[] rewards,
      float[] nextObservations,
      boolean[] terminated,
      boolean[] ended);

  /**
   * Marks an environment's newest transition as the last of its episode, without termination: its
   * successor will belong to another one, as after a resume where the environment could not be
   * saved. Nothing happens in an empty buffer.
   */
  void endEpisode(int environment);

  /**
   * Draws transitions with replacement.
   *
   * @param batch every row is filled. Modified.
   * @throws IllegalStateException if the buffer is empty
   */
  void sample(RandomGenerator random, ReplayBatch batch);

  /**
   * Takes in what the learner found out about the rows of the last sample, {@link
   * ReplayBatch#errors()}; nothing happens where sampling is uniform.
   *
   * @throws org.deeprl4j.state.DivergenceException if an error is not finite
   */
  default void updatePriorities(ReplayBatch batch) {}

  /** The part of the run that is done, in [0, 1], for annealed quantities. */
  default void setProgress(double progress) {}
}
