package org.deeprl4j.algorithms.training;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/** Statistics of the last 100 finished episodes, raw rewards. */
final class EpisodeWindow implements Stateful {
  private static final int SIZE = 100;

  private final double[] returns = new double[SIZE];
  private final double[] lengths = new double[SIZE];
  private long count;

  /** Adds the episode that environment e has just finished. */
  void add(VectorEnv environment, int e) {
    int i = (int) (count % SIZE);
    returns[i] = environment.episodeReturns()[e];
    lengths[i] = environment.episodeLengths()[e];
    count++;
  }

  /** episodes, mean return and mean length; NaN before the first episode ends. */
  Map<String, Double> metrics() {
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
