package org.deeprl4j.experiments.search;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much a setting matters by itself: the part of the variance of the trials' ranks that is
 * between groups of equal or similar values, the first order of a functional analysis of variance
 * (Hutter et al. 2014) in steps. What chance alone would give is subtracted (ε², Kelley 1935), so
 * that a setting without effect has 0 on average.
 */
public final class Importance {
  /** Groups into which numbers are divided, with equally many trials. */
  private static final int GROUPS = 4;

  private Importance() {}

  /**
   * The importance of a setting.
   *
   * @param coordinates [n], of the setting in each trial, NaN where it was not searched: these are
   *     left out
   * @param losses [n], of the trials
   * @param choices how many values the setting chooses from, 0 for numbers
   * @return in [0, 1]; NaN if there are too few trials
   */
  public static double of(double[] coordinates, double[] losses, int choices) {
    int[] trials =
        IntStream.range(0, coordinates.length)
            .filter(i -> !Double.isNaN(coordinates[i]))
            .boxed()
            .sorted(Comparator.comparingDouble(i -> losses[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    int n = trials.length;
    double[] values = Arrays.stream(trials).mapToDouble(i -> coordinates[i]).toArray();
    double[] ranks = ranks(Arrays.stream(trials).mapToDouble(i -> losses[i]).toArray());
    int[] groups = choices > 0 ? chosen(values, choices) : quantiles(values);
    int most = Arrays.stream(groups).max().orElse(0) + 1;
    double[] sums = new double[most];
    int[] counts = new int[most];
    double mean = Arrays.stream(ranks).average().orElse(Double.NaN);
    double total = 0;
    for (int i = 0; i < n; i++) {
      sums[groups[i]] += ranks[i];
      counts[groups[i]]++;
      total += (ranks[i] - mean) * (ranks[i] - mean);
    }
    int used = (int) Arrays.stream(counts).filter(count -> count > 0).count();
    if (n - used < 1 || used < 2 || total == 0) {
      return Double.NaN;
    }
    double between = 0;
    for (int g = 0; g < most; g++) {
      if (counts[g] > 0) {
        double difference = sums[g] / counts[g] - mean;
        between += counts[g] * difference * difference;
      }
    }
    double within = (total - between) / (n - used);
    return Math.max(0, (between - (used - 1) * within) / total);
  }

  /** Ranks of ascending values; equal ones share the mean of theirs. */
  private static double[] ranks(double[] ascending) {
    double[] ranks = new double[ascending.length];
    for (int from = 0, to; from < ranks.length; from = to) {
      to = from + 1;
      while (to < ranks.length && ascending[to] == ascending[from]) {
        to++;
      }
      Arrays.fill(ranks, from, to, (from + to - 1) / 2.0);
    }
    return ranks;
  }

  private static int[] chosen(double[] values, int choices) {
    return Arrays.stream(values)
        .mapToInt(u -> Math.min((int) (u * choices), choices - 1))
        .toArray();
  }

  /** Equally many trials a group; equal values are in one group. */
  private static int[] quantiles(double[] values) {
    List<Integer> order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> values[i]))
            .toList();
    int[] groups = new int[values.length];
    for (int place = 0; place < values.length; place++) {
      int i = order.get(place);
      int before = place == 0 ? i : order.get(place - 1);
      groups[i] =
          place > 0 && values[i] == values[before]
              ? groups[before]
              : place * GROUPS / values.length;
    }
    return groups;
  }
}
