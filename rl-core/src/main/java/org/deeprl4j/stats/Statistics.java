package org.deeprl4j.stats;

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
}
