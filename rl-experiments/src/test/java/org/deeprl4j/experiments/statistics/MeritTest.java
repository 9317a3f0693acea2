package org.deeprl4j.experiments.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Known answers, by hand. */
final class MeritTest {
  private static final double[] FIVE = {10, 1, 3, 2, 4};

  @Test
  void mean_isTheSumOverTheNumber() {
    assertEquals(4, Merit.mean(FIVE));
  }

  @Test
  void median_isTheMiddle_orTheMeanOfTwo() {
    assertEquals(3, Merit.median(FIVE));
    assertEquals(2.5, Merit.median(new double[] {4, 1, 2, 3}));
    assertArrayEquals(new double[] {10, 1, 3, 2, 4}, FIVE, "the argument is not modified");
  }

  /** Runs that never reach a return count as infinitely many steps. */
  @Test
  void median_mayBeInfinite() {
    double never = Double.POSITIVE_INFINITY;
    assertEquals(never, Merit.median(new double[] {1, never}));
    assertEquals(never, Merit.median(new double[] {never, never}));
    assertEquals(2, Merit.median(new double[] {never, 1, 2}));
  }

  @Test
  void interquartileMean_cutsAQuarterRoundedDown() {
    assertEquals(3, Merit.interquartileMean(FIVE)); // of 2, 3, 4
  }

  /** 7 is above the target of 5, which does not make up for 1 and 3. */
  @Test
  void optimalityGap_countsNothingAboveTheTarget() {
    assertEquals((4 + 2 + 0) / 3.0, Merit.optimalityGap(new double[] {1, 3, 7}, 5));
  }

  @Test
  void above_isStrict() {
    assertEquals(0.4, Merit.above(FIVE, 3)); // 10 and 4
    assertEquals(1, Merit.above(FIVE, 0.5));
    assertEquals(0, Merit.above(FIVE, 10));
  }

  /** Of the six pairs, 4 wins against 1 and 2, and 1 ties with 1. */
  @Test
  void improvement_countsTiesAsHalf() {
    double[] one = {1, 4};
    double[] other = {1, 2, 9};
    assertEquals(2.5 / 6, Merit.improvement(one, other));
    assertEquals(3.5 / 6, Merit.improvement(other, one));
    assertEquals(0.5, Merit.improvement(one, one));
  }

  /** Two environments, of means 2 and 10. */
  @Test
  void overEnvironments() {
    double[][] scores = {{1, 2, 3}, {4, 10, 16}};
    assertEquals(6, Merit.mean(scores));
    assertEquals(6, Merit.median(scores));
    assertEquals((2 + 3 + 4 + 10) / 4.0, Merit.interquartileMean(scores)); // of all six
    assertEquals(((8 + 7 + 6) / 3.0 + 5 / 3.0) / 2, Merit.optimalityGap(scores, 9), 1e-15);
  }
}
