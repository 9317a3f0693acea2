package org.deeprl4j.stats;

import java.util.Arrays;

/** Figures of merit over arrays, computed in double. */
public final class Statistics {
  private Statistics() {}

  /**
   * How much of the targets' variance predictions explain, 1 − Var(target −
   * prediction)/Var(target): 1 is perfect, 0 no better than a constant, negative worse.
   *
   * @param predictions [n]
   * @param targets [n]
   * @return the fraction, at most 1; NaN if the targets do not vary
   */
  public static double explainedVariance(float[] predictions, float[] targets, int n) {
    double meanTarget = 0;
    double meanError = 0;
    for (int i = 0; i < n; i++) {
      meanTarget += targets[i];
      meanError += (double) targets[i] - predictions[i];
    }
    meanTarget /= n;
    meanError /= n;
    double target = 0;
    double error = 0;
    for (int i = 0; i < n; i++) {
      double t = targets[i] - meanTarget;
      double e = (double) targets[i] - predictions[i] - meanError;
      target += t * t;
      error += e * e;
    }
    return target == 0 ? Double.NaN : 1 - error / target;
  }

  /**
   * The interquartile mean: the mean of what is left after a quarter of the values, rounded down,
   * is cut off at either end, as in Agarwal et al. 2021, "Deep reinforcement learning at the edge
   * of the statistical precipice". Less than four values lose none.
   *
   * @param values [n ≥ 1], in any order, finite; not modified
   * @throws IllegalArgumentException if there are none, or one is not finite
   */
  public static double interquartileMean(double[] values) {
    double[] sorted = sorted(values);
    int cut = sorted.length / 4;
    double sum = 0;
    for (int i = cut; i < sorted.length - cut; i++) {
      sum += sorted[i];
    }
    return sum / (sorted.length - 2 * cut);
  }

  private static double[] sorted(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("there must be at least one value");
    }
    double[] sorted = values.clone();
    for (double value : sorted) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("every value must be finite, not " + value);
      }
    }
    Arrays.sort(sorted);
    return sorted;
  }
}
