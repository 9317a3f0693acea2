package org.deeprl4j.algorithms.learning;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The report of an iteration: named numbers in a fixed order, NaN if there is no value. No name
 * appears in both groups.
 *
 * @param rollout metrics of the episodes and the gathered experience
 * @param train metrics of the learner
 */
public record Metrics(Map<String, Double> rollout, Map<String, Double> train) {
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
