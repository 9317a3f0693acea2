package org.deeprl4j.distributions;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Independent normal variables, a_i ~ N(μ_i, σ_i²), with z = [μ_1 … μ_n | log σ_1 … log σ_n] and
 * unbounded actions [B, n]: log π(a) = Σ_i −½((a_i − μ_i)/σ_i)² − log σ_i − ½ log 2π.
 *
 * <p>log σ may be clamped to an interval: values outside count as the nearer bound, and no gradient
 * reaches them.
 *
 * <p>Computed in double. Instances keep scratch and belong to one thread.
 */
final class DiagonalGaussian implements ActionDistribution {
  static final double HALF_LOG_2_PI = 0.5 * Math.log(2 * Math.PI);

  private final int n;
  private final float leastLogStd;
  private final float mostLogStd;

  // 1/σ of the last row seen, by its log σ: policies often share one σ among all states, and an
  // exponential per column is then needed only when the parameter has changed.
  private final float[] knownLogStd;
  private final double[] inverse;

  /**
   * The family over ℝⁿ.
   *
   * @param n the number of action components, ≥ 1
   */
  public DiagonalGaussian(int n) {
    this(n, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
  }

  /**
   * The family over ℝⁿ with log σ clamped.
   *
   * @param n the number of action components, ≥ 1
   * @param leastLogStd the lower bound of log σ
   * @param mostLogStd the upper bound of log σ, not below the lower
   */
  public DiagonalGaussian(int n, float leastLogStd, float mostLogStd) {
    if (n < 1) {
      throw new IllegalArgumentException("a Gaussian needs at least 1 component, not " + n);
    }
    if (!(leastLogStd <= mostLogStd)) {
      throw new IllegalArgumentException(
          "the bounds of log σ must be ordered, not [" + leastLogStd + ", " + mostLogStd + "]");
    }
    this.n = n;
    this.leastLogStd = leastLogStd;
    this.mostLogStd = mostLogStd;
    knownLogStd = new float[n];
    inverse = new double[n];
    Arrays.fill(knownLogStd, Float.NaN); // equals nothing
  }

  @Override
  public int parameterSize() {
    return 2 * n;
  }

  @Override
  public int actionSize() {
    return n;
  }

  @Override
  public void sample(float[] z, int rows, RandomGenerator random, float[] actions) {
    for (int b = 0; b < rows; b++) {
      int at = 2 * n * b;
      double[] inv = inverses(z, at + n);
      for (int i = 0; i < n; i++) {
        actions[n * b + i] = (float) (z[at + i] + random.nextGaussian() / inv[i]);
      }
    }
  }

  @Override
  public void mode(float[] z, int rows, float[] actions) {
    for (int b = 0; b < rows; b++) {
      System.arraycopy(z, 2 * n * b, actions, n * b, n);
    }
  }

  @Override
  public void logProb(float[] z, float[] actions, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      int at = 2 * n * b;
      double[] inv = inverses(z, at + n);
      double sum = -n * HALF_LOG_2_PI;
      for (int i = 0; i < n; i++) {
        double d = ((double) actions[n * b + i] - z[at + i]) * inv[i];
        sum -= 0.5 * d * d + logStd(z[at + n + i]);
      }
      out[b] = (float) sum;
    }
  }

  /** {@inheritDoc} ∂ log π/∂μ = (a − μ)/σ², ∂ log π/∂log σ = ((a − μ)/σ)² − 1. */
  @Override
  public void addLogProbGradient(
      float[] z, float[] actions, int rows, float[] weight, float[] gradient) {
    for (int b = 0; b < rows; b++) {
      int at = 2 * n * b;
      double w = weight[b];
      double[] inv = inverses(z, at + n);
      for (int i = 0; i < n; i++) {
        double d = ((double) actions[n * b + i] - z[at + i]) * inv[i];
        gradient[at + i] += (float) (w * d * inv[i]);
        if (free(z[at + n + i])) {
          gradient[at + n + i] += (float) (w * (d * d - 1));
        }
      }
    }
  }

  /** {@inheritDoc} H = Σ_i log σ_i + ½ log 2πe. */
  @Override
  public void entropy(float[] z, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      int at = 2 * n * b + n;
      double sum = n * (HALF_LOG_2_PI + 0.5);
      for (int i = 0; i < n; i++) {
        sum += logStd(z[at + i]);
      }
      out[b] = (float) sum;
    }
  }

  @Override
  public void addEntropyGradient(float[] z, int rows, float[] weight, float[] gradient) {
    for (int b = 0; b < rows; b++) {
      int at = 2 * n * b + n;
      for (int i = 0; i < n; i++) {
        if (free(z[at + i])) {
          gradient[at + i] += weight[b];
        }
      }
    }
  }

  /** {@inheritDoc} Σ_i log(σ_q/σ_p) + (σ_p² + (μ_p − μ_q)²)/(2σ_q²) − ½. */
  @Override
  public void kl(float[] p, float[] q, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      int at = 2 * n * b;
      double[] inv = inverses(q, at + n);
      double sum = 0;
      for (int i = 0; i < n; i++) {
        double d = ((double) p[at + i] - q[at + i]) * inv[i];
        double logRatio = (double) logStd(p[at + n + i]) - logStd(q[at + n + i]);
        sum += 0.5 * (squaredRatio(logRatio) - 1 + d * d) - logRatio;
      }
      out[b] = (float) Math.max(0, sum);
    }
  }

  /** {@inheritDoc} ∂KL/∂μ_q = (μ_q − μ_p)/σ_q², ∂KL/∂log σ_q = 1 − (σ_p² + (μ_p − μ_q)²)/σ_q². */
  @Override
  public void addKlGradient(float[] p, float[] q, int rows, float[] weight, float[] gradient) {
    for (int b = 0; b < rows; b++) {
      int at = 2 * n * b;
      double w = weight[b];
      double[] inv = inverses(q, at + n);
      for (int i = 0; i < n; i++) {
        double d = ((double) p[at + i] - q[at + i]) * inv[i];
        double logRatio = (double) logStd(p[at + n + i]) - logStd(q[at + n + i]);
        gradient[at + i] -= (float) (w * d * inv[i]);
        if (free(q[at + n + i])) {
          gradient[at + n + i] += (float) (w * (1 - squaredRatio(logRatio) - d * d));
        }
      }
    }
  }

  /** {@inheritDoc} F = diag(1/σ² | 2). */
  @Override
  public void fisherProduct(float[] z, float[] v, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      int at = 2 * n * b;
      double[] inv = inverses(z, at + n);
      for (int i = 0; i < n; i++) {
        out[at + i] = (float) (v[at + i] * inv[i] * inv[i]);
        out[at + n + i] = free(z[at + n + i]) ? 2 * v[at + n + i] : 0;
      }
    }
  }

  @Override
  public String toString() {
    return "DiagonalGaussian(" + n + ")";
  }

  /** σ_p²/σ_q² from log(σ_p/σ_q); equal scales, the usual case, need no exponential. */
  private static double squaredRatio(double logRatio) {
    return logRatio == 0 ? 1 : Math.exp(2 * logRatio);
  }

  float logStd(float value) {
    return Math.max(leastLogStd, Math.min(mostLogStd, value));
  }

  /** Whether a log σ lies within the clamp, so that its gradient passes. */
  boolean free(float value) {
    return value >= leastLogStd && value <= mostLogStd;
  }

  /** 1/σ for the log σ in {@code z[at .. at + n)}: the instance's scratch, until the next call. */
  double[] inverses(float[] z, int at) {
    for (int i = 0; i < n; i++) {
      float value = z[at + i];
      if (value != knownLogStd[i]) {
        knownLogStd[i] = value;
        inverse[i] = Math.exp(-logStd(value));
      }
    }
    return inverse;
  }
}
