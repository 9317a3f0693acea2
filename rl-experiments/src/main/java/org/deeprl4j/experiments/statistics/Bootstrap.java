package org.deeprl4j.experiments.statistics;

import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.descriptive.Quantile;
import org.deeprl4j.random.Rng;

/**
 * Confidence intervals by the stratified percentile bootstrap (Efron 1979; Agarwal et al. 2021,
 * "Deep reinforcement learning at the edge of the statistical precipice"): every stratum, the runs
 * of one variant in one environment, is drawn anew from itself with replacement, and the interval
 * holds the middle 95 % of the statistic's values. It says how much the figure would vary with
 * other seeds; that of fewer than about five runs is too narrow.
 *
 * <p>The draws depend on the sizes of the strata alone, so that the same numbers give the same
 * interval, and neighbouring points of a curve the same resamples.
 */
public final class Bootstrap {
  /** The part of the resamples within an interval. */
  public static final double CONFIDENCE = 0.95;

  /** For figures of merit. */
  public static final Bootstrap FIGURES = new Bootstrap(50_000);

  /** For curves and profiles, which have an interval at every point. */
  public static final Bootstrap CURVES = new Bootstrap(5_000);

  private static final long SEED = 20_210_830;

  // An order statistic, not a mean of two: values may be infinite.
  private static final Quantile QUANTILE =
      Quantile.withDefaults().withCopy(false).with(Quantile.EstimationMethod.HF1);

  private final int resamples;

  Bootstrap(int resamples) {
    this.resamples = resamples;
  }

  /** How often the runs are drawn anew. */
  public int resamples() {
    return resamples;
  }

  /**
   * A statistic of a single stratum, with its interval.
   *
   * @param values [runs], at least one
   * @param statistic is given [runs] numbers, which it may reorder
   */
  public Estimate estimate(double[] values, ToDoubleFunction<double[]> statistic) {
    return estimate(new double[][] {values}, strata -> statistic.applyAsDouble(strata[0]));
  }

  /**
   * A statistic with its interval.
   *
   * @param strata [stratum][runs], at least one run in each
   * @param statistic is given numbers of the same shape, which it may reorder; never NaN
   */
  public Estimate estimate(double[][] strata, ToDoubleFunction<double[][]> statistic) {
    double[][] drawn = new double[strata.length][];
    for (int s = 0; s < strata.length; s++) {
      if (strata[s].length == 0) {
        throw new IllegalArgumentException("stratum " + s + " has no runs");
      }
      drawn[s] = strata[s].clone();
    }
    double value = statistic.applyAsDouble(drawn);
    double[] values = new double[resamples];
    Rng random = new Rng(SEED);
    for (int r = 0; r < resamples; r++) {
      for (int s = 0; s < strata.length; s++) {
        draw(strata[s], drawn[s], random);
      }
      values[r] = statistic.applyAsDouble(drawn);
    }
    double tail = (1 - CONFIDENCE) / 2;
    double[] ends = QUANTILE.evaluate(values, tail, 1 - tail);
    return new Estimate(value, ends[0], ends[1]);
  }

  private static void draw(double[] from, double[] to, Rng random) {
    for (int i = 0; i < to.length; i++) {
      // Uniform but for one part in 2³² / n, and the same in every version of Java.
      to[i] = from[(int) (((random.nextLong() >>> 32) * from.length) >>> 32)];
    }
  }
}
