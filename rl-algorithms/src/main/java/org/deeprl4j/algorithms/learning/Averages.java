package org.deeprl4j.algorithms.learning;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.state.DivergenceException;

/**
 * A learner's metrics over an iteration: each name is declared once, and stands for the average of
 * what was added under it.
 */
public final class Averages {
  private final Map<String, double[]> sums = new LinkedHashMap<>(); // sum and count

  /**
   * Averages of nothing yet.
   *
   * @param names every name there will be, in the order of {@link #values}
   */
  public Averages(List<String> names) {
    for (String name : names) {
      sums.put(name, new double[2]);
    }
  }

  /** Takes one finite value in under a declared name; another ends the run. */
  public void add(String name, double value) {
    DivergenceException.check(name, value);
    addOrUndefined(name, value);
  }

  /** As {@link #add}, of a value that may be undefined, NaN; the average is then NaN as well. */
  public void addOrUndefined(String name, double value) {
    double[] sum = sum(name);
    sum[0] += value;
    sum[1]++;
  }

  private double[] sum(String name) {
    double[] sum = sums.get(name);
    if (sum == null) {
      throw new IllegalArgumentException(
          "metric '%s' is not declared; declared are %s"
              .formatted(name, String.join(", ", sums.keySet())));
    }
    return sum;
  }

  /** Takes in all that other averages of the same names hold. */
  public void addAll(Averages other) {
    other.sums.forEach(
        (name, more) -> {
          double[] sum = sum(name);
          sum[0] += more[0];
          sum[1] += more[1];
        });
  }

  /** The average of what was added under a declared name, NaN if nothing was. */
  public double of(String name) {
    double[] sum = sum(name);
    return sum[0] / sum[1];
  }

  /** Every declared name with its average, NaN where nothing was added. */
  public Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    sums.keySet().forEach(name -> values.put(name, of(name)));
    return values;
  }
}
