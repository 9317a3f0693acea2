package org.deeprl4j.distributions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

class MultiCategoricalTest extends ActionDistributionContract {
  private static final int[] COUNTS = {3, 1, 4};

  @Override
  ActionDistribution create() {
    return new MultiCategorical(COUNTS);
  }

  /** The probability of each joint action, indexed 4i + k for factors 0 and 2. */
  private static double[] joint(double[] z) {
    double[] first = CategoricalTest.probabilities(Arrays.copyOfRange(z, 0, 3));
    double[] last = CategoricalTest.probabilities(Arrays.copyOfRange(z, 4, 8));
    double[] p = new double[12];
    for (int i = 0; i < 12; i++) {
      p[i] = first[i / 4] * last[i % 4];
    }
    return p;
  }

  @Override
  double logProb(double[] z, double[] action) {
    return Math.log(joint(z)[4 * (int) action[0] + (int) action[2]]);
  }

  @Override
  double entropy(double[] z) {
    return Arrays.stream(joint(z)).map(p -> -p * Math.log(p)).sum();
  }

  @Override
  double kl(double[] p, double[] q) {
    double[] jp = joint(p);
    double[] jq = joint(q);
    double sum = 0;
    for (int i = 0; i < 12; i++) {
      sum += jp[i] * Math.log(jp[i] / jq[i]);
    }
    return sum;
  }

  @Test
  void oneFactor_isACategorical() {
    Categorical categorical = new Categorical(5);
    MultiCategorical multi = new MultiCategorical(5);
    float[] logits = gaussians(40, 1);
    float[] expected = new float[8];
    float[] actual = new float[8];
    categorical.sample(logits, 8, new Rng(2), expected);
    multi.sample(logits, 8, new Rng(2), actual);
    assertArrayEquals(expected, actual);
    categorical.logProb(logits, expected.clone(), 8, expected);
    multi.logProb(logits, actual.clone(), 8, actual);
    assertArrayEquals(expected, actual);
  }

  @Test
  void sampleFrequencies_passChiSquare() {
    int draws = 200_000;
    double[] p = joint(row(z, 0, nz));
    int[] counts = new int[12];
    Rng random = new Rng(5);
    float[] a = new float[3];
    for (int i = 0; i < draws; i++) {
      distribution.sample(z, 1, random, a);
      assertEquals(0, a[1]);
      counts[4 * (int) a[0] + (int) a[2]]++;
    }
    double chi2 = 0;
    for (int i = 0; i < 12; i++) {
      double d = counts[i] - draws * p[i];
      chi2 += d * d / (draws * p[i]);
    }
    assertTrue(chi2 < 31.26, "χ² with 11 degrees of freedom, 0.999 quantile 31.26: " + chi2);
  }

  @Test
  void refusesBadCountsAndActions() {
    assertThrows(IllegalArgumentException.class, () -> new MultiCategorical());
    assertThrows(IllegalArgumentException.class, () -> new MultiCategorical(2, 0));
    float[] bad = {0, 1, 0};
    assertThrows(
        IllegalArgumentException.class,
        () -> distribution.logProb(new float[8], bad, 1, new float[1]));
  }
}
