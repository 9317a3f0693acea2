package org.deeprl4j.distributions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

/**
 * What holds for every family, against an oracle that a subclass writes in double from the
 * definition: log-probability, entropy and KL; gradients are the oracle's finite differences.
 */
abstract class ActionDistributionContract {
  static final int ROWS = 9;

  final ActionDistribution distribution = create();
  final int nz = distribution.parameterSize();
  final int na = distribution.actionSize();
  final float[] z = parameters(1);
  final float[] q = parameters(2);
  final float[] actions = draw(z, 3);

  abstract ActionDistribution create();

  abstract double logProb(double[] z, double[] action);

  abstract double entropy(double[] z);

  abstract double kl(double[] p, double[] q);

  /** A parameter to test at; overridden where not every real number will do. */
  float parameter(Random random, int column) {
    return (float) (0.8 * random.nextGaussian());
  }

  @Test
  void logProb_isTheOracles() {
    float[] out = new float[ROWS];
    distribution.logProb(z, actions, ROWS, out);
    for (int b = 0; b < ROWS; b++) {
      assertClose(logProb(row(z, b, nz), row(actions, b, na)), out[b], "row " + b);
    }
  }

  @Test
  void logProbGradient_isTheFiniteDifferenceTimesWeightAdded() {
    checkGradient(
        (weight, gradient) -> distribution.addLogProbGradient(z, actions, ROWS, weight, gradient),
        z,
        (b, at) -> logProb(at, row(actions, b, na)));
  }

  @Test
  void entropy_isTheOracles() {
    float[] out = new float[ROWS];
    distribution.entropy(z, ROWS, out);
    for (int b = 0; b < ROWS; b++) {
      assertClose(entropy(row(z, b, nz)), out[b], "row " + b);
    }
  }

  @Test
  void entropyGradient_isTheFiniteDifferenceTimesWeightAdded() {
    checkGradient(
        (weight, gradient) -> distribution.addEntropyGradient(z, ROWS, weight, gradient),
        z,
        (b, at) -> entropy(at));
  }

  @Test
  void kl_isTheOracles() {
    float[] out = new float[ROWS];
    distribution.kl(z, q, ROWS, out);
    for (int b = 0; b < ROWS; b++) {
      assertTrue(out[b] > 0);
      assertClose(kl(row(z, b, nz), row(q, b, nz)), out[b], "row " + b);
    }
  }

  @Test
  void kl_isZeroBetweenEquals() {
    float[] out = new float[ROWS];
    distribution.kl(z, z.clone(), ROWS, out);
    assertArrayEquals(new float[ROWS], out, 1e-7f);
  }

  @Test
  void klGradient_isTheFiniteDifferenceTimesWeightAdded() {
    checkGradient(
        (weight, gradient) -> distribution.addKlGradient(z, q, ROWS, weight, gradient),
        q,
        (b, at) -> kl(row(z, b, nz), at));
  }

  @Test
  void fisherProduct_isTheHessianOfKlTimesVector() {
    float[] v = gaussians(ROWS * nz, 5);
    float[] out = new float[ROWS * nz];
    distribution.fisherProduct(z, v, ROWS, out);
    double h = 1e-3;
    for (int b = 0; b < ROWS; b++) {
      double[] p = row(z, b, nz);
      double[] direction = row(v, b, nz);
      for (int i = 0; i < nz; i++) {
        double[] mixed = new double[4];
        for (int k = 0; k < 4; k++) {
          double[] at = p.clone();
          for (int j = 0; j < nz; j++) {
            at[j] += (k % 2 == 0 ? h : -h) * direction[j];
          }
          at[i] += k / 2 == 0 ? h : -h;
          mixed[k] = kl(p, at);
        }
        double expected = (mixed[0] - mixed[1] - mixed[2] + mixed[3]) / (4 * h * h);
        assertEquals(
            expected,
            out[b * nz + i],
            1e-4 * (1 + Math.abs(expected)),
            "row " + b + " column " + i);
      }
    }
  }

  @Test
  void mode_isMoreProbableThanAnySample() {
    float[] mode = new float[ROWS * na];
    float[] atMode = new float[ROWS];
    float[] atSample = new float[ROWS];
    distribution.mode(z, ROWS, mode);
    distribution.logProb(z, mode, ROWS, atMode);
    for (int seed = 0; seed < 20; seed++) {
      distribution.logProb(z, draw(z, seed), ROWS, atSample);
      for (int b = 0; b < ROWS; b++) {
        assertTrue(atMode[b] >= atSample[b] - 1e-6f, "row " + b);
      }
    }
  }

  @Test
  void sample_isDecidedByTheSeed() {
    assertArrayEquals(draw(z, 11), draw(z, 11));
    Rng random = new Rng(11);
    float[] first = new float[ROWS * na];
    float[] second = new float[ROWS * na];
    distribution.sample(z, ROWS, random, first);
    distribution.sample(z, ROWS, random, second);
    assertArrayEquals(draw(z, 11), first);
    assertTrue(!Arrays.equals(first, second));
  }

  @Test
  void rowsAreIndependent_andElementsBeyondThemAreLeft() {
    float[] batch = new float[ROWS];
    distribution.logProb(z, actions, ROWS, batch);
    for (int b = 0; b < ROWS; b++) {
      float[] out = {0, -7};
      distribution.logProb(
          Arrays.copyOfRange(z, b * nz, z.length),
          Arrays.copyOfRange(actions, b * na, actions.length),
          1,
          out);
      assertArrayEquals(new float[] {batch[b], -7}, out);
    }
    float[] gradient = new float[ROWS * nz];
    float[] weight = new float[ROWS];
    Arrays.fill(weight, 1);
    distribution.addLogProbGradient(z, actions, ROWS - 1, weight, gradient);
    for (int i = (ROWS - 1) * nz; i < gradient.length; i++) {
      assertEquals(0, gradient[i]);
    }
  }

  @Test
  void argumentsAreNotModified() {
    float[] zBefore = z.clone();
    float[] qBefore = q.clone();
    float[] actionsBefore = actions.clone();
    logProbGradient_isTheFiniteDifferenceTimesWeightAdded();
    klGradient_isTheFiniteDifferenceTimesWeightAdded();
    fisherProduct_isTheHessianOfKlTimesVector();
    assertArrayEquals(zBefore, z);
    assertArrayEquals(qBefore, q);
    assertArrayEquals(actionsBefore, actions);
  }

  interface AddsGradient {
    void add(float[] weight, float[] gradient);
  }

  interface RowFunction {
    double at(int row, double[] z);
  }

  final void checkGradient(AddsGradient method, float[] at, RowFunction function) {
    float[] weight = gaussians(ROWS, 6);
    float[] before = gaussians(ROWS * nz, 7);
    float[] gradient = before.clone();
    method.add(weight, gradient);
    double h = 1e-5;
    for (int b = 0; b < ROWS; b++) {
      for (int i = 0; i < nz; i++) {
        double[] high = row(at, b, nz);
        double[] low = row(at, b, nz);
        high[i] += h;
        low[i] -= h;
        double derivative = (function.at(b, high) - function.at(b, low)) / (2 * h);
        double expected = before[b * nz + i] + weight[b] * derivative;
        assertClose(expected, gradient[b * nz + i], "row " + b + " column " + i);
      }
    }
  }

  final float[] draw(float[] parameters, long seed) {
    float[] out = new float[ROWS * na];
    distribution.sample(parameters, ROWS, new Rng(seed), out);
    return out;
  }

  final float[] parameters(long seed) {
    Random random = new Random(seed);
    float[] values = new float[ROWS * nz];
    for (int i = 0; i < values.length; i++) {
      values[i] = parameter(random, i % nz);
    }
    return values;
  }

  static float[] gaussians(int n, long seed) {
    float[] values = new float[n];
    new Rng(seed).fillGaussian(values, 0, n);
    return values;
  }

  static double[] row(float[] values, int b, int n) {
    double[] row = new double[n];
    for (int i = 0; i < n; i++) {
      row[i] = values[b * n + i];
    }
    return row;
  }

  static void assertClose(double expected, double actual, String message) {
    assertEquals(expected, actual, 2e-6 * (1 + Math.abs(expected)), message);
  }
}
