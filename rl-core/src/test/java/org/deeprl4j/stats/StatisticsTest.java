package org.deeprl4j.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
    assertArrayEquals(new double[] {3, 1, 2}, values);
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
  }
}
