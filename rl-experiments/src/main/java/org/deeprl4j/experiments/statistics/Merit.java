package org.deeprl4j.experiments.statistics;

import java.util.Arrays;
import org.apache.commons.statistics.descriptive.Median;
import org.deeprl4j.stats.Statistics;

/**
 * Figures of merit of scores, as Agarwal et al. (2021) and their library rliable define them. Over
 * several environments scores are normalised first: (return − random) / (target − random).
 */
public final class Merit {
  private static final Median MEDIAN = Median.withDefaults().withCopy(true);

  private Merit() {}

  /** The mean. */
  public static double mean(double[] scores) {
    return Arrays.stream(scores).sum() / scores.length;
  }

  /** The middle value, or the mean of the two in the middle. */
  public static double median(double[] scores) {
    return MEDIAN.evaluate(scores);
  }

  /**
   * Interquartile mean: the mean without the ⌊n/4⌋ lowest and the ⌊n/4⌋ highest scores. It is
   * robust against outliers, and varies less than the median.
   */
  public static double interquartileMean(double[] scores) {
    return Statistics.interquartileMean(scores);
  }

  /** How far scores fall short of a target on average; what is above it does not count. */
  public static double optimalityGap(double[] scores, double target) {
    return Arrays.stream(scores).map(score -> Math.max(target - score, 0)).sum() / scores.length;
  }

  /** The part of the scores that are greater than a threshold: a point of a performance profile. */
  public static double above(double[] scores, double threshold) {
    return (double) Arrays.stream(scores).filter(score -> score > threshold).count()
        / scores.length;
  }

  /**
   * The probability that a run of one variant is better than a run of another: the part of all
   * pairs in which it is, ties counting half (Mann and Whitney's U over the number of pairs).
   */
  public static double improvement(double[] scores, double[] others) {
    double won = 0;
    for (double score : scores) {
      for (double other : others) {
        won += score > other ? 1 : score == other ? 0.5 : 0;
      }
    }
    return won / ((double) scores.length * others.length);
  }

  /** All strata in one array. */
  static double[] pooled(double[][] strata) {
    return Arrays.stream(strata).flatMapToDouble(Arrays::stream).toArray();
  }

  /** The mean over environments of the mean over runs. */
  public static double mean(double[][] scores) {
    return Arrays.stream(scores).mapToDouble(Merit::mean).sum() / scores.length;
  }

  /** The median over environments of the mean over runs. */
  public static double median(double[][] scores) {
    return median(Arrays.stream(scores).mapToDouble(Merit::mean).toArray());
  }

  /** The interquartile mean of all runs of all environments. */
  public static double interquartileMean(double[][] scores) {
    return interquartileMean(pooled(scores));
  }

  /** The mean over environments of how far runs fall short of a target. */
  public static double optimalityGap(double[][] scores, double target) {
    return Arrays.stream(scores).mapToDouble(one -> optimalityGap(one, target)).sum()
        / scores.length;
  }
}
