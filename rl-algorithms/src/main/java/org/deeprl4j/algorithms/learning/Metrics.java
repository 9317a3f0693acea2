package org.deeprl4j.algorithms.learning;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an iteration reports: named numbers in a fixed order, NaN where there is nothing to report.
 * No name stands in both groups.
 *
 * @param rollout about the episodes and the experience gathered
 * @param train about the learner
 */
public record Metrics(Map<String, Double> rollout, Map<String, Double> train) {
  /**
   * Copies, keeping the order.
   *
   * @throws IllegalArgumentException if a name stands in both groups
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

  /** Both groups, those of the rollout first. */
  public Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>(rollout);
    values.putAll(train);
    return values;
  }
}
