package org.deeprl4j.distributions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

/**
 * Choices of 4 and of 3 where logits of −∞ forbid alternatives, against distributions over the
 * rest, renormalised by hand.
 */
class ForbiddenActionsTest extends ActionDistributionContract {
  private static final int[] COUNTS = {4, 3};
  private static final boolean[] FORBIDDEN = {false, true, false, false, true, false, false};

  @Override
  ActionDistribution create() {
    return new MultiCategorical(COUNTS);
  }

  @Override
  float parameter(Random random, int column) {
    float value = super.parameter(random, column);
    return FORBIDDEN[column] ? Float.NEGATIVE_INFINITY : value;
  }

  /**
   * The probabilities of all alternatives, of which the allowed ones add up to 1 in each choice.
   */
  private static double[] probabilities(double[] z) {
    double[] p = new double[z.length];
    for (int i = 0, from = 0; i < COUNTS.length; from += COUNTS[i], i++) {
      double sum = 0;
      for (int k = from; k < from + COUNTS[i]; k++) {
        sum += FORBIDDEN[k] ? 0 : Math.exp(z[k]);
      }
      for (int k = from; k < from + COUNTS[i]; k++) {
        p[k] = FORBIDDEN[k] ? 0 : Math.exp(z[k]) / sum;
      }
    }
    return p;
  }

  @Override
  double logProb(double[] z, double[] action) {
    double[] p = probabilities(z);
    return Math.log(p[(int) action[0]]) + Math.log(p[4 + (int) action[1]]);
  }

  @Override
  double entropy(double[] z) {
    double sum = 0;
    for (double p : probabilities(z)) {
      sum -= p == 0 ? 0 : p * Math.log(p);
    }
    return sum;
  }

  @Override
  double kl(double[] p, double[] q) {
    double[] pp = probabilities(p);
    double[] pq = probabilities(q);
    double sum = 0;
    for (int k = 0; k < pp.length; k++) {
      sum += pp[k] == 0 ? 0 : pp[k] * Math.log(pp[k] / pq[k]);
    }
    return sum;
  }

  @Test
  void noDraw_isForbidden() {
    for (int seed = 0; seed < 200; seed++) {
      float[] drawn = draw(z, seed);
      for (int b = 0; b < ROWS; b++) {
        assertTrue(!FORBIDDEN[(int) drawn[2 * b]] && !FORBIDDEN[4 + (int) drawn[2 * b + 1]]);
      }
    }
  }

  @Test
  void forbidAs_takesOverWhatIsForbidden_andNothingElse() {
    float[] other = {0.5f, -1, 2, 3, -2, 0, 1};
    Categorical.forbidAs(z, other, nz);
    float inf = Float.NEGATIVE_INFINITY;
    assertArrayEquals(new float[] {0.5f, inf, 2, 3, inf, 0, 1}, other);
  }

  @Test
  void uniform_drawsEachAllowedActionAlike() {
    float inf = Float.NEGATIVE_INFINITY;
    float[] values = {9, inf, 3, -4, inf, 7, inf, inf};
    int[] counts = new int[5];
    Rng random = new Rng(3);
    for (int i = 0; i < 30_000; i++) {
      counts[Categorical.uniform(values, 1, 5, random)]++;
    }
    assertEquals(0, counts[0]);
    assertEquals(0, counts[3]);
    for (int k : new int[] {1, 2, 4}) {
      assertEquals(10_000, counts[k], 400, "action " + k);
    }
    assertEquals(
        "cannot draw an action: all are forbidden",
        assertThrows(
                IllegalArgumentException.class, () -> Categorical.uniform(values, 6, 2, random))
            .getMessage());
  }
}
