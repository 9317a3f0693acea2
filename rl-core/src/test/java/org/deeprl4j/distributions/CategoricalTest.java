package org.deeprl4j.distributions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CategoricalTest extends ActionDistributionContract {
  @Override
  ActionDistribution create() {
    return new Categorical(5);
  }

  static double[] probabilities(double[] z) {
    double sum = 0;
    double[] p = new double[z.length];
    for (int k = 0; k < z.length; k++) {
      p[k] = Math.exp(z[k]);
      sum += p[k];
    }
    for (int k = 0; k < z.length; k++) {
      p[k] /= sum;
    }
    return p;
  }

  @Override
  double logProb(double[] z, double[] action) {
    return Math.log(probabilities(z)[(int) action[0]]);
  }

  @Override
  double entropy(double[] z) {
    double sum = 0;
    for (double p : probabilities(z)) {
      sum -= p * Math.log(p);
    }
    return sum;
  }

  @Override
  double kl(double[] p, double[] q) {
    double[] pp = probabilities(p);
    double[] pq = probabilities(q);
    double sum = 0;
    for (int k = 0; k < pp.length; k++) {
      sum += pp[k] * Math.log(pp[k] / pq[k]);
    }
    return sum;
  }

  @Test
  void knownAnswers() {
    // Probabilities 1/6, 2/6, 3/6.
    float[] z = {(float) Math.log(1), (float) Math.log(2), (float) Math.log(3)};
    Categorical three = new Categorical(3);
    float[] out = new float[1];
    three.logProb(z, new float[] {2}, 1, out);
    assertEquals(Math.log(0.5), out[0], 1e-6);
    three.entropy(z, 1, out);
    assertEquals(1.0114043, out[0], 1e-6); // ½ log 2 + ⅓ log 3 + ⅙ log 6
    three.kl(z, new float[3], 1, out);
    assertEquals(Math.log(3) - 1.0114043, out[0], 1e-6);
    float[] gradient = new float[3];
    three.addLogProbGradient(z, new float[] {1}, 1, new float[] {6}, gradient);
    assertArrayEquals(new float[] {-1, 4, -3}, gradient, 1e-5f);
    float[] mode = new float[1];
    three.mode(z, 1, mode);
    assertEquals(2, mode[0]);
  }

  @Test
  void hugeLogits_areExact() {
    Categorical two = new Categorical(2);
    float[] z = {3e38f, -3e38f, 1000, 999};
    float[] out = new float[2];
    two.logProb(z, new float[] {0, 1}, 2, out);
    assertEquals(0, out[0]);
    assertEquals(-1 - Math.log1p(Math.exp(-1)), out[1], 1e-6);
    two.entropy(z, 2, out);
    assertEquals(0, out[0]);
    assertEquals(0.5822031, out[1], 1e-6);
  }

  @Test
  void minusInfinity_forbidsAnActionEverywhere() {
    Categorical three = new Categorical(3);
    Categorical two = new Categorical(2);
    float inf = Float.NEGATIVE_INFINITY;
    float[] masked = {0.3f, inf, -0.4f};
    float[] maskedOther = {-0.1f, inf, 0.2f};
    float[] plain = {0.3f, -0.4f};
    float[] plainOther = {-0.1f, 0.2f};
    float[] one = {1};
    float[] expected = new float[1];
    float[] out = new float[1];
    three.entropy(masked, 1, out);
    two.entropy(plain, 1, expected);
    assertEquals(expected[0], out[0]);
    three.kl(masked, maskedOther, 1, out);
    two.kl(plain, plainOther, 1, expected);
    assertEquals(expected[0], out[0]);
    float[] g3 = new float[3];
    float[] g2 = new float[2];
    three.addLogProbGradient(masked, new float[] {2}, 1, one, g3);
    three.addEntropyGradient(masked, 1, one, g3);
    three.addKlGradient(masked, maskedOther, 1, one, g3);
    two.addLogProbGradient(plain, one, 1, one, g2);
    two.addEntropyGradient(plain, 1, one, g2);
    two.addKlGradient(plain, plainOther, 1, one, g2);
    assertArrayEquals(new float[] {g2[0], 0, g2[1]}, g3, 1e-7f);
    Rng random = new Rng(1);
    for (int i = 0; i < 1000; i++) {
      three.sample(masked, 1, random, out);
      assertTrue(out[0] != 1);
    }
    three.kl(new float[3], masked, 1, out);
    assertEquals(Float.POSITIVE_INFINITY, out[0]);
  }

  @Test
  void sampleFrequencies_passChiSquare() {
    float[] z = {0.5f, -1, 2, 0, -3};
    double[] p = probabilities(row(z, 0, 5));
    int draws = 200_000;
    int[] counts = new int[5];
    Rng random = new Rng(42);
    float[] action = new float[1];
    for (int i = 0; i < draws; i++) {
      distribution.sample(z, 1, random, action);
      counts[(int) action[0]]++;
    }
    double chi2 = 0;
    for (int k = 0; k < 5; k++) {
      double d = counts[k] - draws * p[k];
      chi2 += d * d / (draws * p[k]);
    }
    assertTrue(chi2 < 18.47, "χ² with 4 degrees of freedom, 0.999 quantile 18.47: " + chi2);
  }

  @Test
  void sample_coversBothEndsOfTheUniform() {
    double[] scratch = new double[3];
    float[] z = {Float.NEGATIVE_INFINITY, 0, 0};
    assertEquals(1, Categorical.sample(z, 0, 3, 0.0, scratch));
    assertEquals(1, Categorical.sample(z, 0, 3, 0.4999, scratch));
    assertEquals(2, Categorical.sample(z, 0, 3, 0.5, scratch));
    assertEquals(2, Categorical.sample(z, 0, 3, Math.nextDown(1.0), scratch));
  }

  @Test
  void sample_refusesWhatIsNoDistribution() {
    float inf = Float.POSITIVE_INFINITY;
    for (float[] z :
        new float[][] {
          {Float.NaN, 0, 0, 0, 0}, {inf, 0, 0, 0, 0}, {-inf, -inf, -inf, -inf, -inf}
        }) {
      assertThrows(
          IllegalArgumentException.class,
          () -> distribution.sample(z, 1, new Rng(1), new float[1]));
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {-1, 5, 1.5f, Float.NaN, Float.POSITIVE_INFINITY})
  void logProb_refusesWhatIsNoIndex(float action) {
    float[] actions = {action};
    assertThrows(
        IllegalArgumentException.class,
        () -> distribution.logProb(new float[5], actions, 1, new float[1]));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -3, (1 << 24) + 1})
  void refusesSizes(int n) {
    assertThrows(IllegalArgumentException.class, () -> new Categorical(n));
  }

  /** p is certain of one action, q of the other: KL = log p_0 − log q_0 = 0 + 800. */
  @Test
  void kl_ofLogitsBeyondExponentials_isFinite() {
    float[] kl = new float[1];
    new Categorical(2).kl(new float[] {800, 0}, new float[] {0, 800}, 1, kl);
    assertEquals(800, kl[0], 1e-3);
  }
}
