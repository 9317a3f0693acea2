package org.deeprl4j.algorithms.ppo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PpoTest {

  @ParameterizedTest(name = "r = {0}, A = {1}: L = {2}, dL/dlog π = {3}")
  @CsvSource({
    // inside the interval: the plain surrogate, either sign
    "1.1,  2,  2.2,  2.2",
    "0.9, -2, -1.8, -1.8",
    // gain beyond the interval: clipped, no incentive left
    "1.5,  2,  2.4,  0",
    "0.5, -2, -1.6,  0",
    // loss beyond the interval: the minimum is the unclipped, full gradient back
    "0.5,  2,  1.0,  1.0",
    "1.5, -2, -3.0, -3.0",
  })
  void clippedSurrogate_takesTheMinimum(
      double ratio, double advantage, double expected, double slope) {
    assertEquals(expected, Ppo.clippedSurrogate(ratio, advantage, 0.2), 1e-12);
    assertEquals(slope, Ppo.clippedSurrogateSlope(ratio, advantage, 0.2), 1e-12);
    // d/dlog π by central differences: r(log π + h) = r·eʰ
    double h = 1e-6;
    double numeric =
        (Ppo.clippedSurrogate(ratio * Math.exp(h), advantage, 0.2)
                - Ppo.clippedSurrogate(ratio * Math.exp(-h), advantage, 0.2))
            / (2 * h);
    assertEquals(numeric, slope, 1e-5);
  }

  @Test
  void penalty_adaptsToTheTarget() {
    assertEquals(0.5, Ppo.adaptation(0.0066, 0.01));
    assertEquals(1, Ppo.adaptation(0.0067, 0.01));
    assertEquals(1, Ppo.adaptation(0.0149, 0.01));
    assertEquals(2, Ppo.adaptation(0.0151, 0.01));
  }
}
