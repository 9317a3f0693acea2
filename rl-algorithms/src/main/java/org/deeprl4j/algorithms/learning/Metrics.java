package org.deeprl4j.algorithms.learning;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Named numbers that a learner or driver returns, in a fixed order; NaN where there is nothing to
 * report.
 *
 * @param values name to value
 */
public record Metrics(Map<String, Double> values) {
  /** Copies, keeping the order. */
  public Metrics {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
