package org.deeprl4j.distributions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.DoubleUnaryOperator;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

class DiagonalGaussianTest extends ActionDistributionContract {
  private static final int N = 3;

  @Override
  ActionDistribution create() {
    return new DiagonalGaussian(N);
  }

  static double density(double x, double mean, double std) {
    double d = (x - mean) / std;
    return Math.exp(-d * d / 2) / (std * Math.sqrt(2 * Math.PI));
  }

  @Override
  double logProb(double[] z, double[] action) {
    double product = 1;
    for (int i = 0; i < N; i++) {
      product *= density(action[i], z[i], Math.exp(z[N + i]));
    }
    return Math.log(product);
  }

  @Override
  double entropy(double[] z) {
    return -expectation(z, (i, x) -> logDensity(x, z[i], z[N + i]));
  }

  @Override
  double kl(double[] p, double[] q) {
    return expectation(p, (i, x) -> logDensity(x, p[i], p[N + i]) - logDensity(x, q[i], q[N + i]));
  }

  static double logDensity(double x, double mean, double logStd) {
    double d = (x - mean) / Math.exp(logStd);
    return -d * d / 2 - logStd - Math.log(2 * Math.PI) / 2;
  }

  interface PerColumn {
    double at(int column, double x);
  }

  /** Σ_i E[f(i, x_i)] by the trapezoidal rule, which is exact to rounding for Gaussians. */
  static double expectation(double[] z, PerColumn f) {
    double sum = 0;
    int n = z.length / 2;
    for (int i = 0; i < n; i++) {
      int column = i;
      sum += gaussianMean(z[i], Math.exp(z[n + i]), x -> f.at(column, x));
    }
    return sum;
  }

  static double gaussianMean(double mean, double std, DoubleUnaryOperator f) {
    double step = 0.1;
    double sum = 0;
    for (int k = -100; k <= 100; k++) {
      double u = k * step;
      sum += density(u, 0, 1) * step * f.applyAsDouble(mean + std * u);
    }
    return sum;
  }

  @Test
  void knownAnswers() {
    DiagonalGaussian one = new DiagonalGaussian(1);
    float[] z = {1, (float) Math.log(2)};
    float[] out = new float[1];
    one.logProb(z, new float[] {3}, 1, out);
    assertEquals(-0.5 - Math.log(2) - 0.91893853, out[0], 1e-6);
    one.entropy(z, 1, out);
    assertEquals(1.41893853 + Math.log(2), out[0], 1e-6);
    one.kl(z, new float[2], 1, out);
    assertEquals(-Math.log(2) + 2.5 - 0.5, out[0], 1e-6); // (4 + 1)/2 − ½ − log 2
    float[] gradient = new float[2];
    one.addLogProbGradient(z, new float[] {5}, 1, new float[] {1}, gradient);
    assertArrayEquals(new float[] {1, 3}, gradient, 1e-6f);
    float[] mode = new float[1];
    one.mode(z, 1, mode);
    assertEquals(1, mode[0]);
  }

  @Test
  void logProb_isRight_whenStandardDeviationsRepeatAndChange() {
    // The instance remembers 1/σ per column: rows that repeat, change and change back must agree
    // with an instance that sees each row alone.
    float[] z = {0, 0, 0, 0, 0, -0.0f, 0, 1, 0, 1, 0, 0};
    float[] actions = {1, 1, 1, 1, 1, 1};
    float[] out = new float[6];
    new DiagonalGaussian(1).logProb(z, actions, 6, out);
    for (int b = 0; b < 6; b++) {
      double expected = logDensity(1, 0, z[2 * b + 1]);
      assertEquals(expected, out[b], 1e-6, "row " + b);
    }
  }

  @Test
  void nanIsSeen_evenAfterAGoodRow() {
    DiagonalGaussian one = new DiagonalGaussian(1);
    float[] out = new float[3];
    one.logProb(new float[] {0, 1, 0, Float.NaN, 0, 1}, new float[3], 3, out);
    assertArrayEquals(new float[] {out[0], Float.NaN, out[0]}, out);
    assertEquals(logDensity(0, 0, 1), out[2], 1e-6);
  }

  @Test
  void sampleMoments() {
    int draws = 200_000;
    float[] z = {2, -1, 0, (float) Math.log(0.5), 0, (float) Math.log(3)};
    double[] sum = new double[N];
    double[] squares = new double[N];
    double product = 0;
    Rng random = new Rng(7);
    float[] a = new float[N];
    for (int k = 0; k < draws; k++) {
      distribution.sample(z, 1, random, a);
      for (int i = 0; i < N; i++) {
        sum[i] += a[i];
        squares[i] += (double) a[i] * a[i];
      }
      product += (a[0] - 2.0) * (a[1] + 1.0);
    }
    for (int i = 0; i < N; i++) {
      double std = Math.exp(z[N + i]);
      double mean = sum[i] / draws;
      assertEquals(z[i], mean, 4 * std / Math.sqrt(draws));
      assertEquals(
          std * std, squares[i] / draws - mean * mean, 4 * std * std * Math.sqrt(2.0 / draws));
    }
    assertEquals(0, product / draws, 4 * 0.5 / Math.sqrt(draws));
  }

  /** With σ = e⁻³⁰ every sample is its row's mean. */
  @Test
  void sample_usesTheRowsOwnParameters() {
    float[] z = {1, 2, 3, -30, -30, -30, 4, 5, 6, -30, -30, -30, 7, 8, 9, -30, -30, -30};
    float[] a = new float[9];
    distribution.sample(z, 3, new Rng(8), a);
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, a, 1e-6f);
  }

  @Test
  void refusesNoComponents() {
    assertThrows(IllegalArgumentException.class, () -> new DiagonalGaussian(0));
  }
}
