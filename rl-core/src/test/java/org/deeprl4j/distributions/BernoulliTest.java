package org.deeprl4j.distributions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

class BernoulliTest extends ActionDistributionContract {
  @Override
  ActionDistribution create() {
    return new Bernoulli(4);
  }

  private static double probability(double z) {
    return 1 / (1 + Math.exp(-z));
  }

  @Override
  double logProb(double[] z, double[] action) {
    double product = 1;
    for (int i = 0; i < z.length; i++) {
      double p = probability(z[i]);
      product *= action[i] == 1 ? p : 1 - p;
    }
    return Math.log(product);
  }

  @Override
  double entropy(double[] z) {
    double sum = 0;
    for (double value : z) {
      double p = probability(value);
      sum -= p * Math.log(p) + (1 - p) * Math.log(1 - p);
    }
    return sum;
  }

  @Override
  double kl(double[] p, double[] q) {
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      double a = probability(p[i]);
      double b = probability(q[i]);
      sum += a * Math.log(a / b) + (1 - a) * Math.log((1 - a) / (1 - b));
    }
    return sum;
  }

  @Test
  void twoLogitsOfACategorical_areOneOfABernoulli() {
    float[] out = new float[1];
    float[] expected = new float[1];
    Bernoulli coin = new Bernoulli(1);
    Categorical two = new Categorical(2);
    for (float logit : new float[] {-30, -1, 0, 0.5f, 90}) {
      coin.logProb(new float[] {logit}, new float[] {1}, 1, out);
      two.logProb(new float[] {0, logit}, new float[] {1}, 1, expected);
      assertEquals(expected[0], out[0], 1e-7f * Math.abs(expected[0]));
      coin.entropy(new float[] {logit}, 1, out);
      two.entropy(new float[] {0, logit}, 1, expected);
      assertEquals(expected[0], out[0], 1e-7f);
    }
  }

  @Test
  void infiniteLogits_areCertainty() {
    float inf = Float.POSITIVE_INFINITY;
    float[] certain = {inf, -inf, inf, -inf};
    float[] a = new float[4];
    float[] out = new float[1];
    distribution.sample(certain, 1, new Rng(1), a);
    assertArrayEquals(new float[] {1, 0, 1, 0}, a);
    distribution.logProb(certain, a, 1, out);
    assertEquals(0, out[0]);
    distribution.entropy(certain, 1, out);
    assertEquals(0, out[0]);
    distribution.kl(certain, certain, 1, out);
    assertEquals(0, out[0]);
    distribution.kl(certain, new float[4], 1, out);
    assertEquals(4 * Math.log(2), out[0], 1e-6);
    distribution.kl(new float[4], certain, 1, out);
    assertEquals(inf, out[0]);
    float[] gradient = new float[4];
    distribution.addEntropyGradient(certain, 1, new float[] {1}, gradient);
    distribution.addLogProbGradient(certain, a, 1, new float[] {1}, gradient);
    assertArrayEquals(new float[4], gradient);
  }

  @Test
  void manyComponents_doNotOverflow() {
    int n = 5000;
    float[] out = new float[1];
    new Bernoulli(n).logProb(new float[n], new float[n], 1, out);
    assertEquals(-n * Math.log(2), out[0], 1e-3);
  }

  @Test
  void sampleFrequencies() {
    int draws = 100_000;
    float[] logits = {-2, 0, 0.5f, 3};
    int[] ones = new int[4];
    Rng random = new Rng(8);
    float[] a = new float[4];
    for (int k = 0; k < draws; k++) {
      distribution.sample(logits, 1, random, a);
      for (int i = 0; i < 4; i++) {
        ones[i] += (int) a[i];
      }
    }
    for (int i = 0; i < 4; i++) {
      double p = probability(logits[i]);
      assertEquals(p, ones[i] / (double) draws, 4 * Math.sqrt(p * (1 - p) / draws));
    }
  }

  @Test
  void refusesWhatIsNeither0Nor1_andNaN() {
    assertThrows(IllegalArgumentException.class, () -> new Bernoulli(0));
    float[] half = {0, 0.5f, 1, 1};
    assertThrows(
        IllegalArgumentException.class,
        () -> distribution.logProb(new float[4], half, 1, new float[1]));
    float[] nan = {0, Float.NaN, 0, 0};
    assertThrows(
        IllegalArgumentException.class,
        () -> distribution.sample(nan, 1, new Rng(1), new float[4]));
  }
}
