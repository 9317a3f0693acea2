package org.deeprl4j.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StatisticsTest {
  /**
   * By hand: one of five and one of seven is cut off at either end, two of eight, none of three.
   */
  @Test
  void interquartileMean_knownAnswers() {
    assertEquals(3, Statistics.interquartileMean(new double[] {100, 2, 4, 3, -50}));
    assertEquals(4, Statistics.interquartileMean(new double[] {7, 1, 6, 2, 5, 3, 4}));
    assertEquals(4.5, Statistics.interquartileMean(new double[] {8, 1, 2, 3, 4, 5, 6, 99}));
    assertEquals(4, Statistics.interquartileMean(new double[] {9, 1, 2}));
    assertEquals(7, Statistics.interquartileMean(new double[] {7}));
  }

  @Test
  void interquartileMean_leavesItsArgumentAlone() {
    double[] values = {3, 1, 2};
    Statistics.interquartileMean(values);
    Statistics.interquartileMeanInterval(values, 0.9, 10, new Rng(1));
    assertArrayEquals(new double[] {3, 1, 2}, values);
  }

  @Test
  void interval_ofOneValueOrEqualOnes_isAPoint() {
    for (double[] values : new double[][] {{5}, {5, 5, 5, 5, 5}}) {
      double[] interval = Statistics.interquartileMeanInterval(values, 0.95, 100, new Rng(1));
      assertArrayEquals(new double[] {5, 5}, interval);
    }
  }

  /**
   * Of Gaussian samples of 40 the interval at 80 % covers the true mean in about 80 % of the cases;
   * the binomial's standard deviation is 2 % for 400 of them.
   */
  @Test
  void interval_coversTheTruthAsOftenAsItSays() {
    Rng random = new Rng(3);
    int covered = 0;
    for (int trial = 0; trial < 400; trial++) {
      double[] values = random.doubles(40).map(u -> 2 + random.nextGaussian()).toArray();
      double[] interval = Statistics.interquartileMeanInterval(values, 0.8, 400, random);
      covered += interval[0] <= 2 && 2 <= interval[1] ? 1 : 0;
    }
    assertTrue(covered > 290 && covered < 350, covered + " of 400");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void valuesThatAreNotFinite_areRefused(double bad) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Statistics.interquartileMean(new double[] {1, bad}));
    assertEquals("every value must be finite, not " + bad, e.getMessage());
  }

  @Test
  void badInput() {
    assertEquals(
        "there must be at least one value",
        assertThrows(
                IllegalArgumentException.class, () -> Statistics.interquartileMean(new double[] {}))
            .getMessage());
    double[] one = {1};
    assertEquals(
        "level must be in (0, 1), not 95.0",
        assertThrows(
                IllegalArgumentException.class,
                () -> Statistics.interquartileMeanInterval(one, 95, 10, new Rng(1)))
            .getMessage());
    assertEquals(
        "samples must be at least 1, not 0",
        assertThrows(
                IllegalArgumentException.class,
                () -> Statistics.interquartileMeanInterval(one, 0.95, 0, new Rng(1)))
            .getMessage());
  }
}
