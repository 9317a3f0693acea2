package org.deeprl4j.distributions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.junit.jupiter.api.Test;

class StateDependentGaussianTest extends ActionDistributionContract {
  private static final int N = 2;
  private static final int F = 3;

  @Override
  ActionDistribution create() {
    return new StateDependentGaussian(N, F, true);
  }

  /** [μ | log s] by the definition. */
  private static double[] gaussian(double[] z) {
    double[] g = new double[2 * N];
    for (int j = 0; j < N; j++) {
      double variance = 1e-6;
      for (int k = 0; k < F; k++) {
        variance += Math.pow(Math.exp(z[N + F + j * F + k]) * z[N + k], 2);
      }
      g[j] = z[j];
      g[N + j] = Math.log(variance) / 2;
    }
    return g;
  }

  @Override
  double logProb(double[] z, double[] action) {
    double[] g = gaussian(z);
    double sum = 0;
    for (int j = 0; j < N; j++) {
      sum += DiagonalGaussianTest.logDensity(action[j], g[j], g[N + j]);
    }
    return sum;
  }

  @Override
  double entropy(double[] z) {
    double[] g = gaussian(z);
    return -DiagonalGaussianTest.expectation(
        g, (j, x) -> DiagonalGaussianTest.logDensity(x, g[j], g[N + j]));
  }

  @Override
  double kl(double[] p, double[] q) {
    double[] gp = gaussian(p);
    double[] gq = gaussian(q);
    return DiagonalGaussianTest.expectation(
        gp,
        (j, x) ->
            DiagonalGaussianTest.logDensity(x, gp[j], gp[N + j])
                - DiagonalGaussianTest.logDensity(x, gq[j], gq[N + j]));
  }

  /** The noise is the same function of the state until it is drawn again. */
  @Test
  void explore_isLinearInTheFeatures_untilResampled() {
    StateDependentGaussian sde = new StateDependentGaussian(1, 2, false);
    assertThrows(IllegalStateException.class, () -> sde.explore(new float[5], 1, new float[1]));
    Rng random = new Rng(1);
    sde.resample(1, random);
    float[] along = new float[1];
    float[] across = new float[1];
    float[] both = new float[1];
    sde.explore(new float[] {10, 1, 0, 0.5f, -1}, 1, along);
    sde.explore(new float[] {10, 0, 1, 0.5f, -1}, 1, across);
    sde.explore(new float[] {10, 2, 3, 0.5f, -1}, 1, both);
    assertEquals(2 * (along[0] - 10) + 3 * (across[0] - 10), both[0] - 10, 1e-5);
    float[] again = new float[1];
    sde.explore(new float[] {10, 1, 0, 0.5f, -1}, 1, again);
    assertEquals(along[0], again[0]);
    sde.resample(1, random);
    sde.explore(new float[] {10, 1, 0, 0.5f, -1}, 1, again);
    assertFalse(along[0] == again[0]);
  }

  /** a_j = μ_j + Σ_k σ_jk ε_jk φ_k with the ε that is saved, row by row. */
  @Test
  void explore_usesItsOwnNoiseForEveryRowAndComponent() {
    StateDependentGaussian sde = new StateDependentGaussian(N, F, false);
    sde.resample(ROWS, new Rng(3));
    float[] explored = new float[ROWS * N];
    sde.explore(z, ROWS, explored);
    float[] noise = new float[ROWS * N * F];
    StateFile.fromBytes(
        StateFile.toBytes("noise", sde),
        "noise",
        new Stateful() {
          @Override
          public void save(StateWriter out) {}

          @Override
          public void load(StateReader in) {
            in.get("noise", noise);
          }
        });
    for (int b = 0; b < ROWS; b++) {
      double[] row = row(z, b, nz);
      for (int j = 0; j < N; j++) {
        double sum = row[j];
        for (int k = 0; k < F; k++) {
          sum += Math.exp(row[N + F + j * F + k]) * noise[(b * N + j) * F + k] * row[N + k];
        }
        assertClose(sum, explored[b * N + j], "row " + b + " component " + j);
      }
    }
    StateDependentGaussian loaded = new StateDependentGaussian(N, F, false);
    StateFile.fromBytes(StateFile.toBytes("noise", sde), "noise", loaded);
    float[] again = new float[ROWS * N];
    loaded.explore(z, ROWS, again);
    assertArrayEquals(explored, again);
    assertThrows(IllegalStateException.class, () -> sde.explore(z, ROWS - 1, explored));
  }

  @Test
  void fisherProduct_overwritesWhatWasThere() {
    float[] clean = new float[ROWS * nz];
    float[] dirty = new float[ROWS * nz];
    Arrays.fill(dirty, 7);
    float[] v = gaussians(ROWS * nz, 8);
    distribution.fisherProduct(z, v, ROWS, clean);
    distribution.fisherProduct(z, v, ROWS, dirty);
    assertArrayEquals(clean, dirty);
  }

  /** Over many noise matrices, actions have the mean and variance that log π counts with. */
  @Test
  void explore_hasTheDistributionsVariance() {
    StateDependentGaussian sde = new StateDependentGaussian(1, 2, false);
    float[] z = {1, 0.5f, -2, -0.3f, 0.2f};
    double variance = Math.pow(0.5 * Math.exp(-0.3), 2) + Math.pow(2 * Math.exp(0.2), 2);
    Rng random = new Rng(2);
    int draws = 40_000;
    double sum = 0;
    double squares = 0;
    float[] action = new float[1];
    for (int i = 0; i < draws; i++) {
      sde.resample(1, random);
      sde.explore(z, 1, action);
      sum += action[0] - 1;
      squares += (action[0] - 1) * (action[0] - 1);
    }
    // Four standard errors of each.
    assertEquals(0, sum / draws, 4 * Math.sqrt(variance / draws));
    assertEquals(variance, squares / draws, 4 * variance * Math.sqrt(2.0 / draws));
  }

  @Test
  void withoutLearningFeatures_theyGetNoGradient_andAllElseTheSame() {
    StateDependentGaussian without = new StateDependentGaussian(N, F, false);
    float[] weight = new float[ROWS];
    Arrays.fill(weight, 1);
    float[] full = new float[ROWS * nz];
    float[] part = new float[ROWS * nz];
    distribution.addLogProbGradient(z, actions, ROWS, weight, full);
    without.addLogProbGradient(z, actions, ROWS, weight, part);
    for (int b = 0; b < ROWS; b++) {
      Arrays.fill(full, b * nz + N, b * nz + N + F, 0);
    }
    assertArrayEquals(full, part);
  }
}
