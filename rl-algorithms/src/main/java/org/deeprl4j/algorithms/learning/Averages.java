package org.deeprl4j.algorithms.learning;

import java.util.HashMap;
import java.util.Map;

/** Running averages by name, for metrics over an iteration's minibatches. */
public final class Averages {
  private final Map<String, double[]> sums = new HashMap<>();

  /** Takes one value in. */
  public void add(String name, double value) {
    double[] sum = sums.computeIfAbsent(name, any -> new double[2]);
    sum[0] += value;
    sum[1]++;
  }

  /** Takes in all that another one holds. */
  public void addAll(Averages other) {
    other.sums.forEach(
        (name, more) -> {
          double[] sum = sums.computeIfAbsent(name, any -> new double[2]);
          sum[0] += more[0];
          sum[1] += more[1];
        });
  }

  /** The average of what was added under a name, NaN if nothing was. */
  public double of(String name) {
    double[] sum = sums.get(name);
    return sum == null ? Double.NaN : sum[0] / sum[1];
  }
}
