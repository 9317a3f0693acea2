package org.deeprl4j.experiments.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

final class BootstrapTest {
  @Test
  void equalValues_haveNoWidth() {
    assertEquals(
        new Estimate(7, 7, 7), Bootstrap.FIGURES.estimate(new double[] {7, 7, 7}, Merit::mean));
  }

  /** A resample is one value twice with probability ¼ each, more than the tails hold. */
  @Test
  void twoValues_areTheEnds() {
    assertEquals(
        new Estimate(2, 1, 3), Bootstrap.FIGURES.estimate(new double[] {3, 1}, Merit::mean));
  }

  /**
   * The mean of {0, 0, 0, 1} drawn four times is distributed as Binomial(4, ¼)/4: P(0) = 0.316, P(≤
   * ½) = 0.949, P(≤ ¾) = 0.996, so the quantiles at 2.5 % and 97.5 % are 0 and ¾.
   */
  @Test
  void fourValues_haveTheBinomialsQuantiles() {
    assertEquals(
        new Estimate(0.25, 0, 0.75),
        Bootstrap.FIGURES.estimate(new double[] {0, 0, 1, 0}, Merit::mean));
  }

  @Test
  void draws_areUniform() {
    double[] counts = new double[5];
    Bootstrap.FIGURES.estimate(
        new double[] {0, 1, 2, 3, 4},
        drawn -> {
          for (double value : drawn) {
            counts[(int) value]++;
          }
          return 0;
        });
    for (double count : counts) { // of 50,001 · 5, standard deviation 200
      assertEquals(50_000, count, 1000);
    }
  }

  /** Strata never mix, and are drawn independently. */
  @Test
  void strata_areDrawnFromThemselves() {
    int[] equal = new int[1];
    Bootstrap.FIGURES.estimate(
        new double[][] {{1, 2}, {11, 12, 13}},
        drawn -> {
          assertEquals(2, drawn[0].length);
          assertEquals(3, drawn[1].length);
          for (double value : drawn[0]) {
            assertTrue(value == 1 || value == 2);
          }
          for (double value : drawn[1]) {
            assertTrue(value >= 11 && value <= 13);
          }
          equal[0] += drawn[0][0] + 10 == drawn[1][0] ? 1 : 0;
          return 0;
        });
    assertEquals(50_000 / 3.0, equal[0], 600); // standard deviation 105
  }

  @Test
  void sameNumbers_giveTheSameInterval_andAreNotModified() {
    double[] values = {3, 9, 1, 4};
    Estimate first = Bootstrap.FIGURES.estimate(values, Merit::interquartileMean);
    assertEquals(first, Bootstrap.FIGURES.estimate(values, Merit::interquartileMean));
    assertArrayEquals(new double[] {3, 9, 1, 4}, values);
  }

  @Test
  void infiniteValues_giveInfiniteEnds() {
    double never = Double.POSITIVE_INFINITY;
    assertEquals(
        new Estimate(never, 10, never),
        Bootstrap.FIGURES.estimate(new double[] {10, never, never}, Merit::median));
  }

  /**
   * Intervals of the means of 30 Gaussians hold the true mean about as often as they say; the
   * bootstrap's are known to be a little narrow. The standard deviation of 300 trials is 1.3 %.
   */
  @Test
  void intervals_coverTheTruth() {
    Rng random = new Rng(5);
    Bootstrap bootstrap = new Bootstrap(1000);
    int covered = 0;
    for (int trial = 0; trial < 300; trial++) {
      double[] values = new double[30];
      for (int i = 0; i < values.length; i++) {
        values[i] = 2 + random.nextGaussian();
      }
      Estimate mean = bootstrap.estimate(values, Merit::mean);
      covered += mean.low() <= 2 && 2 <= mean.high() ? 1 : 0;
    }
    assertTrue(covered >= 267 && covered <= 294, covered + " of 300");
  }

  @Test
  void emptyStratum_isRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Bootstrap.FIGURES.estimate(
                    new double[][] {{1}, {}}, (double[][] strata) -> Merit.mean(strata)));
    assertEquals("stratum 1 has no runs", e.getMessage());
  }
}
