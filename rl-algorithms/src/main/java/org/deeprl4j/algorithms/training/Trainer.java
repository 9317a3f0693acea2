package org.deeprl4j.algorithms.training;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.state.Stateful;

/**
 * A training run in memory, advanced iteration by iteration; its state is everything that an exact
 * resume needs. There is one implementation per data regime.
 */
public interface Trainer extends Stateful, AutoCloseable {
  /**
   * The report of an iteration: named numbers in a fixed order, NaN if there is no value. No name
   * appears in both groups.
   *
   * @param rollout metrics of the episodes and the gathered experience
   * @param train metrics of the learner
   */
  record Metrics(Map<String, Double> rollout, Map<String, Double> train) {
    /**
     * Copies the maps, keeping their order.
     *
     * @throws IllegalArgumentException if a name appears in both groups
     */
    public Metrics {
      rollout = Collections.unmodifiableMap(new LinkedHashMap<>(rollout));
      train = Collections.unmodifiableMap(new LinkedHashMap<>(train));
      for (String name : train.keySet()) {
        if (rollout.containsKey(name)) {
          throw new IllegalArgumentException("metric '" + name + "' is reported twice");
        }
      }
    }

    /** Both groups, the rollout first. */
    public Map<String, Double> values() {
      Map<String, Double> values = new LinkedHashMap<>(rollout);
      values.putAll(train);
      return values;
    }
  }

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

  /**
   * Environment steps of an iteration; empty if the lengths of episodes decide. An iteration ends
   * with the step of all environments, or the segment of an actor-learner, that reaches a multiple
   * of it, and at the end of the run.
   */
  OptionalLong iterationSteps();

  /** Iterates until the run is done, without recording anything. */
  default void train() {
    while (!done()) {
      iterate();
    }
  }

  /**
   * How many environments began a new episode in the last {@link #load}, because their state cannot
   * be saved; 0 before the first load. Their previous episodes end there, truncated.
   */
  default int restarted() {
    return 0;
  }

  /**
   * Whether the state is complete after {@link #iterate} has thrown, so that a checkpoint can be
   * written. A synchronous regime stops within an iteration and resumes from its last checkpoint.
   */
  default boolean savesAfterFailure() {
    return false;
  }

  /** Its episodes, and who is told of them and of steps; a new log of nothing if it keeps none. */
  default EpisodeLog episodes() {
    return new EpisodeLog();
  }

  /** The current policy, live: it changes as training goes on. */
  Policy policy();

  @Override
  void close();
}
