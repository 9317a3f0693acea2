package org.deeprl4j.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AdvantagesTest {
  // Two environments, four steps, γ = λ = ½; columns are the environments.
  private static final int STEPS = 4;
  private static final int ENVIRONMENTS = 2;
  private static final float[] REWARDS = {1, 2, 3, 4, 5, 6, 7, 8};
  private static final float[] VALUES = {2, 4, 6, 8, 1, 3, 5, 7};
  // Environment 0 terminates at step 1; environment 1 is truncated at step 2 in a state worth 10.
  private static final float[] NEXT = {6, 8, 99, 3, 5, 10, 2, 4};
  private static final boolean[] TERMINATED = {
    false, false, true, false, false, false, false, false
  };
  private static final boolean[] ENDED = {false, false, true, false, false, true, false, false};

  @Test
  void gae_byHand_withTerminationAndTruncation() {
    float[] advantages = new float[8];
    float[] returns = new float[8];
    Advantages.gae(
        REWARDS,
        VALUES,
        NEXT,
        TERMINATED,
        ENDED,
        STEPS,
        ENVIRONMENTS,
        0.5,
        0.5,
        advantages,
        returns);
    // Environment 0: δ = 1 + 3 − 2 = 2; 3 + 0 − 6 = −3; 5 + 2.5 − 1 = 6.5; 7 + 1 − 5 = 3.
    // Environment 1: δ = 2 + 4 − 4 = 2; 4 + 1.5 − 8 = −2.5; 6 + 5 − 3 = 8; 8 + 2 − 7 = 3.
    float[] expected = {
      2 - 0.75f, 2 + 0.25f * (-2.5f + 2), -3, -2.5f + 2, 6.5f + 0.75f, 8, 3, 3,
    };
    assertArrayEquals(expected, advantages);
    for (int i = 0; i < 8; i++) {
      assertEquals(expected[i] + VALUES[i], returns[i]);
    }
  }

  @Test
  void gae_terminatedCountsAsEnded() {
    float[] expected = new float[8];
    float[] actual = new float[8];
    float[] returns = new float[8];
    Advantages.gae(
        REWARDS, VALUES, NEXT, TERMINATED, ENDED, STEPS, ENVIRONMENTS, 0.9, 0.9, expected, returns);
    boolean[] truncatedOnly = ENDED.clone();
    truncatedOnly[2] = false;
    Advantages.gae(
        REWARDS,
        VALUES,
        NEXT,
        TERMINATED,
        truncatedOnly,
        STEPS,
        ENVIRONMENTS,
        0.9,
        0.9,
        actual,
        returns);
    assertArrayEquals(expected, actual);
  }

  @Test
  void gae_withLambda0_isTheTemporalDifference() {
    float[] advantages = new float[8];
    Advantages.gae(
        REWARDS,
        VALUES,
        NEXT,
        TERMINATED,
        ENDED,
        STEPS,
        ENVIRONMENTS,
        0.5,
        0,
        advantages,
        new float[8]);
    assertArrayEquals(new float[] {2, 2, -3, -2.5f, 6.5f, 8, 3, 3}, advantages);
  }

  @Test
  void gae_withLambda1_isTheMonteCarloReturn() {
    Rollout r = new Rollout(50, 3, 5);
    float[] advantages = new float[150];
    float[] returns = new float[150];
    float[] expected = new float[150];
    Advantages.gae(
        r.rewards, r.values, r.next, r.terminated, r.ended, 50, 3, 0.97, 1, advantages, returns);
    Advantages.discountedReturns(r.rewards, r.next, r.terminated, r.ended, 50, 3, 0.97, expected);
    assertArrayEquals(expected, returns, 1e-4f);
    for (int i = 0; i < 150; i++) {
      assertEquals(returns[i] - r.values[i], advantages[i], 1e-4f);
    }
  }

  @Test
  void gae_isTheWeightedSumOfNStepAdvantages() {
    // Equation 16's derivation: Â = (1 − λ) Σ_{n ≥ 1} λ^{n−1} (G^{(n)} − V), here cut off far out.
    Rollout r = new Rollout(30, 2, 9);
    double lambda = 0.6;
    float[] advantages = new float[60];
    Advantages.gae(
        r.rewards,
        r.values,
        r.next,
        r.terminated,
        r.ended,
        30,
        2,
        0.9,
        lambda,
        advantages,
        new float[60]);
    double[] sum = new double[60];
    float[] g = new float[60];
    for (int n = 1; n < 120; n++) {
      nStepReturns(r, 30, 2, n, 0.9, g);
      for (int i = 0; i < 60; i++) {
        sum[i] += (1 - lambda) * Math.pow(lambda, n - 1) * (g[i] - r.values[i]);
      }
    }
    for (int i = 0; i < 60; i++) {
      assertEquals(sum[i], advantages[i], 1e-4, "row " + i);
    }
  }

  @Test
  void discountedReturns_byHand_evenInPlace() {
    float[] r = REWARDS.clone();
    Advantages.discountedReturns(r, NEXT, TERMINATED, ENDED, STEPS, ENVIRONMENTS, 0.5, r);
    assertArrayEquals(
        new float[] {2.5f, 2 + 0.5f * 9.5f, 3, 4 + 5.5f, 5 + 4, 6 + 5, 7 + 1, 8 + 2}, r);
  }

  @Test
  void normalize_givesMean0AndUnbiasedStandardDeviation1() {
    float[] a = {1, 2, 3, 4, 100};
    Advantages.normalize(a, 4);
    float s = (float) Math.sqrt(5.0 / 3.0);
    assertArrayEquals(new float[] {-1.5f / s, -0.5f / s, 0.5f / s, 1.5f / s, 100}, a, 1e-6f);
  }

  @Test
  void normalize_gathersByIndex() {
    float[] all = {9, 1, 3, 9};
    float[] out = {0, 0, 7};
    Advantages.normalize(all, new int[] {0, 2, 1}, 1, 2, out);
    float s = (float) Math.sqrt(0.5);
    assertArrayEquals(new float[] {s, -s, 7}, out, 1e-6f);
    assertArrayEquals(new float[] {9, 1, 3, 9}, all);
  }

  @Test
  void normalize_leavesOneAlone_andEqualOnesBecome0() {
    float[] one = {5};
    Advantages.normalize(one, 1);
    assertArrayEquals(new float[] {5}, one);
    float[] equal = {5, 5, 5};
    Advantages.normalize(equal, 3);
    assertArrayEquals(new float[3], equal);
  }

  @Test
  void refusesSettingsOutOfRange() {
    float[] f = new float[1];
    boolean[] b = new boolean[1];
    for (double bad : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> Advantages.gae(f, f, f, b, b, 1, 1, bad, 0.5, f, f));
      assertThrows(
          IllegalArgumentException.class,
          () -> Advantages.gae(f, f, f, b, b, 1, 1, 0.5, bad, f, f));
      assertThrows(
          IllegalArgumentException.class,
          () -> Advantages.discountedReturns(f, f, b, b, 1, 1, bad, f));
    }
    assertThrows(
        IllegalArgumentException.class, () -> Advantages.gae(f, f, f, b, b, -1, 1, 1, 1, f, f));
    assertThrows(
        IllegalArgumentException.class,
        () -> Advantages.discountedReturns(f, f, b, b, 1, 0, 0.5, f));
  }

  /** r = 1, V(s) = 2, V(s′) = 3, not terminal. */
  @Test
  void discounts_mayBe0And1_andARolloutEmpty() {
    float[] reward = {1};
    float[] value = {2};
    float[] next = {3};
    boolean[] no = {false};
    float[] advantage = new float[1];
    float[] returns = new float[1];
    Advantages.gae(reward, value, next, no, no, 1, 1, 1, 1, advantage, returns);
    assertEquals(2, advantage[0]);
    Advantages.gae(reward, value, next, no, no, 1, 1, 0, 0, advantage, returns);
    assertEquals(-1, advantage[0]);
    Advantages.discountedReturns(reward, next, no, no, 1, 1, 1, returns);
    assertEquals(4, returns[0]);
    Advantages.discountedReturns(reward, next, no, no, 1, 1, 0, returns);
    assertEquals(1, returns[0]);
    Advantages.gae(reward, value, next, no, no, 0, 1, 0, 0, advantage, returns);
    assertEquals(1, returns[0], "nothing is written");
  }

  /** G⁽ⁿ⁾ of Sutton and Barto (2018), equation 7.1, row by row. */
  private static void nStepReturns(
      Rollout r, int steps, int environments, int n, double gamma, float[] returns) {
    int rows = steps * environments;
    for (int t = 0; t < rows; t++) {
      double sum = 0;
      double discount = 1;
      int i = t;
      for (int k = 1; ; k++) {
        sum += discount * r.rewards[i];
        discount *= gamma;
        if (k == n || r.terminated[i] || r.ended[i] || i + environments >= rows) {
          break;
        }
        i += environments;
      }
      returns[t] = (float) (r.terminated[i] ? sum : sum + discount * r.next[i]);
    }
  }

  /** A random rollout whose next values follow from its values where no episode ends. */
  private static final class Rollout {
    final float[] rewards;
    final float[] values;
    final float[] next;
    final boolean[] terminated;
    final boolean[] ended;

    Rollout(int steps, int environments, long seed) {
      int rows = steps * environments;
      rewards = new float[rows];
      values = new float[rows];
      next = new float[rows];
      terminated = new boolean[rows];
      ended = new boolean[rows];
      Random random = new Random(seed);
      for (int i = 0; i < rows; i++) {
        rewards[i] = (float) random.nextGaussian();
        values[i] = (float) random.nextGaussian();
        terminated[i] = random.nextInt(8) == 0;
        ended[i] = terminated[i] || random.nextInt(8) == 0;
      }
      for (int i = 0; i < rows; i++) {
        next[i] =
            ended[i] || i + environments >= rows
                ? (float) random.nextGaussian()
                : values[i + environments];
      }
    }
  }
}
