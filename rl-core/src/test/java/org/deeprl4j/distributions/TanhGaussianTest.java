package org.deeprl4j.distributions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TanhGaussianTest extends ActionDistributionContract {
  private static final int N = 3;
  private final TanhGaussian tanh = (TanhGaussian) distribution;

  @Override
  ActionDistribution create() {
    return new TanhGaussian(N);
  }

  @Override
  float parameter(Random random, int column) {
    return (float) ((column < N ? 0.5 : 0.3) * random.nextGaussian());
  }

  /** The textbook form, without any rearrangement; good while |u| is moderate. */
  @Override
  double logProb(double[] z, double[] action) {
    double sum = 0;
    for (int i = 0; i < N; i++) {
      double a = action[i];
      double u = 0.5 * (Math.log1p(a) - Math.log1p(-a));
      sum += DiagonalGaussianTest.logDensity(u, z[i], z[N + i]) - Math.log(1 - a * a);
    }
    return sum;
  }

  @Override
  double entropy(double[] z) {
    throw new AssertionError("not offered");
  }

  @Override
  double kl(double[] p, double[] q) {
    return DiagonalGaussianTest.expectation(
        p,
        (i, x) ->
            DiagonalGaussianTest.logDensity(x, p[i], p[N + i])
                - DiagonalGaussianTest.logDensity(x, q[i], q[N + i]));
  }

  @Override
  @Test
  void entropy_isTheOracles() {
    assertThrows(UnsupportedOperationException.class, () -> tanh.entropy(z, ROWS, new float[ROWS]));
  }

  @Override
  @Test
  void entropyGradient_isTheFiniteDifferenceTimesWeightAdded() {
    assertThrows(
        UnsupportedOperationException.class,
        () -> tanh.addEntropyGradient(z, ROWS, new float[ROWS], new float[ROWS * nz]));
  }

  /** The mode here is the squashed mean by convention, not the maximum of the density. */
  @Override
  @Test
  void mode_isMoreProbableThanAnySample() {
    float[] mode = new float[ROWS * na];
    tanh.mode(z, ROWS, mode);
    for (int b = 0; b < ROWS; b++) {
      for (int i = 0; i < N; i++) {
        assertEquals(Math.tanh(z[b * nz + i]), mode[b * N + i], 1e-7);
      }
    }
  }

  /** μ = ε = 0: u = 0, and the product of the corrections, 2ⁿ, is no double. */
  @Test
  void rsample_ofVeryManyComponents_overflowsNowhere() {
    int n = 1200;
    float[] parameters = new float[2 * n];
    Arrays.fill(parameters, n, 2 * n, -1);
    float[] logProb = new float[1];
    new TanhGaussian(n).rsample(parameters, 1, new float[n], new float[n], new float[n], logProb);
    assertEquals(n * (1 - 0.5 * Math.log(2 * Math.PI)), logProb[0], 1e-3);
  }

  /** Of three components the last, then the first lies beyond the clamp. */
  @Test
  void clamp_isThatOfEachComponent() {
    for (int clamped : new int[] {0, 2}) {
      float[] parameters = {0.1f, 0.2f, 0.3f, -0.1f, -0.2f, -0.3f};
      parameters[N + clamped] = 2.5f;
      float[] eps = {0.4f, -0.5f, 0.6f};
      float[] action = new float[N];
      float[] gradient = new float[2 * N];
      tanh.rsample(parameters, 1, eps, action, new float[N], new float[1]);
      tanh.addReparameterizedGradient(
          parameters, eps, action, 1, new float[N], new float[] {1}, gradient);
      float[] logProbGradient = new float[2 * N];
      tanh.addLogProbGradient(parameters, action, 1, new float[] {1}, logProbGradient);
      float[] klGradient = new float[2 * N];
      tanh.addKlGradient(new float[2 * N], parameters, 1, new float[] {1}, klGradient);
      float[] product = new float[2 * N];
      tanh.fisherProduct(parameters, new float[] {1, 1, 1, 1, 1, 1}, 1, product);
      for (int i = 0; i < N; i++) {
        boolean free = i != clamped;
        assertEquals(free, gradient[N + i] != 0, "rsample, component " + i);
        assertEquals(free, logProbGradient[N + i] != 0, "log π, component " + i);
        assertEquals(free, klGradient[N + i] != 0, "KL, component " + i);
        assertEquals(free ? 2 : 0, product[N + i], "Fisher, component " + i);
      }
    }
  }

  /** μ = 0.3, log σ beyond the clamp on either side: the gradient by log σ, by differences. */
  @ParameterizedTest
  @ValueSource(floats = {-21, 2.5f, 4})
  void unclamped_keepsTheGradientOfEverySigma(float logStd) {
    float[] z = {0.3f, logStd};
    float[] eps = {0.4f};
    float[] action = new float[1];
    float[] u = new float[1];
    float[] logProb = new float[1];
    TanhGaussian free = TanhGaussian.unclamped(1);
    free.rsample(z, 1, eps, action, u, logProb);
    assertEquals(squashedLogProb(0.3f, logStd, 0.4f), logProb[0], 1e-4);
    float[] gradient = new float[2];
    free.addReparameterizedGradient(z, eps, action, 1, new float[1], new float[] {2}, gradient);
    double h = 1e-5;
    double slope =
        (squashedLogProb(0.3f, logStd + h, 0.4f) - squashedLogProb(0.3f, logStd - h, 0.4f)) / h;
    assertEquals(slope, gradient[1], 1e-4 * Math.abs(slope)); // twice the difference: w = 2
    float[] clamped = new float[2];
    new TanhGaussian(1)
        .addReparameterizedGradient(z, eps, action, 1, new float[1], new float[] {2}, clamped);
    assertEquals(0, clamped[1]);
  }

  /** log π(tanh(u)) with u = μ + σε, from its definition. */
  private static double squashedLogProb(double mean, double logStd, double eps) {
    double u = Math.abs(mean + Math.exp(logStd) * eps);
    double correction = 2 * (Math.log(2) - u - Math.log1p(Math.exp(-2 * u))); // log(1 − tanh² u)
    return -0.5 * eps * eps - logStd - 0.5 * Math.log(2 * Math.PI) - correction;
  }

  @Test
  void density_integratesTo1() {
    TanhGaussian one = new TanhGaussian(1);
    for (float[] parameters : new float[][] {{0, -0.2f}, {0.7f, -0.5f}, {-0.4f, -0.3f}}) {
      // Simpson's rule on (−1, 1); deviations small enough to leave nothing in the cells at ±1,
      // where the density is steepest.
      int cells = 20_000;
      float[] a = new float[1];
      float[] logProb = new float[1];
      double sum = 0;
      for (int k = 1; k < cells; k++) {
        a[0] = (float) (-1 + 2.0 * k / cells);
        one.logProb(parameters, a, 1, logProb);
        sum += Math.exp(logProb[0]) * (k % 2 == 0 ? 2 : 4);
      }
      assertEquals(1, sum * 2 / cells / 3, 1e-4);
    }
  }

  @Test
  void rsample_squashesAndAgreesWithLogProb() {
    float[] eps = gaussians(ROWS * N, 4);
    float[] a = new float[ROWS * N];
    float[] u = new float[ROWS * N];
    float[] logProb = new float[ROWS];
    tanh.rsample(z, ROWS, eps, a, u, logProb);
    float[] again = new float[ROWS];
    tanh.logProb(z, a, ROWS, again);
    for (int b = 0; b < ROWS; b++) {
      for (int i = 0; i < N; i++) {
        double expected = z[b * nz + i] + Math.exp(z[b * nz + N + i]) * eps[b * N + i];
        assertEquals(expected, u[b * N + i], 1e-6);
        assertEquals(Math.tanh(expected), a[b * N + i], 1e-7);
      }
      assertEquals(again[b], logProb[b], 2e-4); // through the rounding of a
      assertEquals(oracle(row(z, b, nz), row(eps, b, N)), logProb[b], 2e-6);
    }
  }

  /** log π of the action that noise gives, by the textbook form. */
  private static double oracle(double[] z, double[] eps) {
    double sum = 0;
    for (int i = 0; i < N; i++) {
      double u = z[i] + Math.exp(z[N + i]) * eps[i];
      sum += DiagonalGaussianTest.logDensity(u, z[i], z[N + i]);
      sum -= Math.log(1 - Math.pow(Math.tanh(u), 2));
    }
    return sum;
  }

  @Test
  void reparameterizedGradient_isTheFiniteDifference() {
    float[] eps = gaussians(ROWS * N, 4);
    float[] g = gaussians(ROWS * N, 14);
    float[] w = gaussians(ROWS, 15);
    float[] a = new float[ROWS * N];
    tanh.rsample(z, ROWS, eps, a, new float[ROWS * N], new float[ROWS]);
    float[] before = gaussians(ROWS * nz, 16);
    float[] gradient = before.clone();
    tanh.addReparameterizedGradient(z, eps, a, ROWS, g, w, gradient);
    double h = 1e-5;
    for (int b = 0; b < ROWS; b++) {
      for (int i = 0; i < nz; i++) {
        double[] loss = new double[2];
        for (int side = 0; side < 2; side++) {
          double[] at = row(z, b, nz);
          at[i] += side == 0 ? -h : h;
          double[] noise = row(eps, b, N);
          loss[side] = w[b] * oracle(at, noise);
          for (int k = 0; k < N; k++) {
            loss[side] += g[b * N + k] * Math.tanh(at[k] + Math.exp(at[N + k]) * noise[k]);
          }
        }
        double expected = before[b * nz + i] + (loss[1] - loss[0]) / (2 * h);
        assertClose(expected, gradient[b * nz + i], "row " + b + " column " + i);
      }
    }
  }

  @Test
  void farOut_everythingStaysFinite_andTheCorrectionExact() {
    TanhGaussian one = new TanhGaussian(1);
    for (float mean : new float[] {50, -50, 1e6f}) {
      float[] parameters = {mean, 0};
      float[] a = new float[1];
      float[] u = new float[1];
      float[] logProb = new float[1];
      one.rsample(parameters, 1, new float[1], a, u, logProb);
      assertEquals(Math.signum(mean), a[0]);
      // −½ log 2π − 2(log 2 − |u|), the rest vanishes.
      double expected = -0.9189385 - 2 * (Math.log(2) - Math.abs(mean));
      assertEquals(expected, logProb[0], 1e-6 * Math.abs(expected));
      float[] gradient = new float[2];
      one.addReparameterizedGradient(
          parameters, new float[1], a, 1, new float[] {3}, new float[] {1}, gradient);
      assertArrayEquals(new float[] {2 * Math.signum(mean), -1}, gradient, 1e-6f);
    }
    float[] out = new float[1];
    for (float edge : new float[] {1, -1}) {
      one.logProb(new float[2], new float[] {edge}, 1, out);
      assertTrue(Float.isFinite(out[0]));
    }
  }

  @Test
  void logStd_isClamped_andNoGradientPassesBeyond() {
    TanhGaussian one = new TanhGaussian(1);
    for (float[] pair : new float[][] {{5, 2}, {-30, -20}}) {
      float[] beyond = {0.3f, pair[0]};
      float[] bound = {0.3f, pair[1]};
      float[] eps = {0.7f};
      float[] a = new float[1];
      float[] expectedA = new float[1];
      float[] logProb = new float[1];
      float[] expected = new float[1];
      one.rsample(beyond, 1, eps, a, new float[1], logProb);
      one.rsample(bound, 1, eps, expectedA, new float[1], expected);
      assertArrayEquals(expectedA, a);
      assertArrayEquals(expected, logProb);
      one.kl(beyond, bound, 1, logProb);
      assertEquals(0, logProb[0]);
      float[] w = {1};
      float[] gradient = new float[2];
      one.addReparameterizedGradient(beyond, eps, a, 1, w, w, gradient);
      one.addLogProbGradient(beyond, new float[] {0.1f}, 1, w, gradient);
      one.addKlGradient(new float[] {1, 1}, beyond, 1, w, gradient);
      assertEquals(0, gradient[1]);
      assertTrue(gradient[0] != 0);
      float[] product = new float[2];
      one.fisherProduct(beyond, new float[] {1, 1}, 1, product);
      assertEquals(0, product[1]);
      // At the bound itself the gradient still passes.
      float[] atBound = new float[2];
      one.addReparameterizedGradient(bound, eps, a, 1, w, w, atBound);
      assertTrue(atBound[1] != 0);
    }
  }

  @Test
  void samples_haveTheStatedDensity() {
    // P(a ≤ x) = Φ((artanh x − μ)/σ): bins of equal probability, by quantiles of the normal.
    double[] quantiles = {-1.2815516, -0.5244005, 0, 0.5244005, 1.2815516};
    double[] mass = {0.1, 0.2, 0.2, 0.2, 0.2, 0.1};
    float[] parameters = {0.4f, -0.2f, 1, (float) Math.log(0.8), 0, -1};
    int draws = 100_000;
    int[] counts = new int[6];
    Rng random = new Rng(3);
    float[] a = new float[N];
    for (int k = 0; k < draws; k++) {
      tanh.sample(parameters, 1, random, a);
      int bin = 0;
      while (bin < 5 && a[0] > Math.tanh(0.4 + 0.8 * quantiles[bin])) {
        bin++;
      }
      counts[bin]++;
    }
    double chi2 = 0;
    for (int i = 0; i < 6; i++) {
      double d = counts[i] - draws * mass[i];
      chi2 += d * d / (draws * mass[i]);
    }
    assertTrue(chi2 < 20.52, "χ² with 5 degrees of freedom, 0.999 quantile 20.52: " + chi2);
  }
}
