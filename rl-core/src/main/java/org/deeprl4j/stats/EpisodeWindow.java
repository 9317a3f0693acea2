package org.deeprl4j.stats;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/** Statistics of the last 100 finished episodes, raw rewards. */
public final class EpisodeWindow implements Stateful {
  private static final int SIZE = 100;
  private static final int UNDEFINED = -1;

  private final double[] returns = new double[SIZE];
  private final double[] lengths = new double[SIZE];
  private final int[] successes = new int[SIZE]; // 0, 1 or UNDEFINED
  private long count;

  /**
   * Adds a finished episode.
   *
   * @param undiscounted the sum of its raw rewards
   * @param length its steps
   * @param successDefined whether its last step said whether it was a success
   * @param success what it said
   */
  public void add(double undiscounted, double length, boolean successDefined, boolean success) {
    int i = (int) (count % SIZE);
    returns[i] = undiscounted;
    lengths[i] = length;
    successes[i] = !successDefined ? UNDEFINED : success ? 1 : 0;
    count++;
  }

  /**
   * episodes, mean return, mean length and success rate; NaN before the first episode ends, and
   * where there is no such notion as success.
   */
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("episodes", (double) count);
    metrics.put("mean_return", mean(returns));
    metrics.put("mean_length", mean(lengths));
    metrics.put("success_rate", successRate());
    return metrics;
  }

  private int size() {
    return (int) Math.min(count, SIZE);
  }

  private double mean(double[] values) {
    double sum = 0;
    for (int i = 0; i < size(); i++) {
      sum += values[i];
    }
    return sum / size();
  }

  private double successRate() {
    int defined = 0;
    int sum = 0;
    for (int i = 0; i < size(); i++) {
      if (successes[i] != UNDEFINED) {
        defined++;
        sum += successes[i];
      }
    }
    return (double) sum / defined;
  }

  @Override
  public void save(StateWriter out) {
    out.put("count", count);
    out.put("returns", returns);
    out.put("lengths", lengths);
    out.put("successes", successes);
  }

  @Override
  public void load(StateReader in) {
    count = in.getLong("count");
    in.get("returns", returns);
    in.get("lengths", lengths);
    in.get("successes", successes);
  }
}
