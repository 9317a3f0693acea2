package org.deeprl4j.algorithms.training;

import org.deeprl4j.algorithms.learning.Metrics;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.state.Stateful;

/**
 * A training run in memory, advanced iteration by iteration; its state is everything an exact
 * resume needs. One implementation per data regime.
 */
public interface Trainer extends Stateful, AutoCloseable {

  /** Environment steps taken so far, over all environments. */
  long steps();

  /** Whether the total number of steps has been reached. */
  boolean done();

  /**
   * Gathers the next experience and learns from it.
   *
   * @return the metrics of this iteration, always with the same names
   */
  Metrics iterate();

  /** Iterates until the run is done, without recording anything. */
  default void train() {
    while (!done()) {
      iterate();
    }
  }

  /**
   * How many environments began a new episode in the last {@link #load}, because their state cannot
   * be saved; 0 before. The episodes that they were in end there, truncated.
   */
  default int restarted() {
    return 0;
  }

  /**
   * Whether the state is whole after {@link #iterate} threw, and worth a checkpoint. A synchronous
   * regime stops within an iteration then, and is resumed from its last checkpoint.
   */
  default boolean savesAfterFailure() {
    return false;
  }

  /** The current policy, live: it changes as training goes on. */
  Policy policy();

  @Override
  void close();
}
