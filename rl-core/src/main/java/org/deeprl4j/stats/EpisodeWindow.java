package org.deeprl4j.stats;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/** Statistics of the last 100 finished episodes, raw rewards. */
public final class EpisodeWindow implements Stateful {
  private static final int SIZE = 100;

  private final double[] returns = new double[SIZE];
  private final double[] lengths = new double[SIZE];
  private long count;

  /**
   * Adds a finished episode.
   *
   * @param undiscounted the sum of its raw rewards
   * @param length its steps
   */
  public void add(double undiscounted, double length) {
    int i = (int) (count % SIZE);
    returns[i] = undiscounted;
    lengths[i] = length;
    count++;
  }

  /** episodes, mean return and mean length; NaN before the first episode ends. */
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("episodes", (double) count);
    metrics.put("mean_return", mean(returns));
    metrics.put("mean_length", mean(lengths));
    return metrics;
  }

  private double mean(double[] values) {
    int n = (int) Math.min(count, SIZE);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += values[i];
    }
    return sum / n;
  }

  @Override
  public void save(StateWriter out) {
    out.put("count", count);
    out.put("returns", returns);
    out.put("lengths", lengths);
  }

  @Override
  public void load(StateReader in) {
    count = in.getLong("count");
    in.get("returns", returns);
    in.get("lengths", lengths);
  }
}
