package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;

final class TemperatureTest {
  @Test
  void fixedTemperature_isNotTuned() {
    Temperature fixed = new Temperature(0.3, 0.7, 1e-8);
    assertFalse(fixed.isTuned());
    assertEquals(0.3, fixed.alpha());
  }

  /** Adam's first step is the learning rate against the slope's sign, on log α. */
  @Test
  void descend_movesTheLogarithmAgainstTheSlope() {
    Temperature tuned = new Temperature(null, 0.2, 1e-12);
    assertTrue(tuned.isTuned());
    assertEquals(0.2, tuned.alpha(), 1e-7);
    tuned.descend(3, 0.1);
    assertEquals(0.2 * Math.exp(-0.1), tuned.alpha(), 1e-6);
    // The second: m/(1−β₁²) = (0.09·3 − 0.1·2)/0.19, v/(1−β₂²) = (0.000999·9 + 0.001·4)/0.001999.
    tuned.descend(-2, 0.1);
    double step = 0.1 * (0.07 / 0.19) / Math.sqrt(0.012991 / 0.001999);
    assertEquals(0.2 * Math.exp(-0.1 - step), tuned.alpha(), 1e-6);
  }

  @Test
  void savedAndLoaded_goesOn() {
    Temperature tuned = new Temperature(null, 0.2, 1e-8);
    tuned.descend(3, 0.1);
    Temperature loaded = new Temperature(null, 0.9, 1e-8);
    StateFile.fromBytes(StateFile.toBytes("temperature", tuned), "temperature", loaded);
    assertEquals(tuned.alpha(), loaded.alpha());
    tuned.descend(-2, 0.1);
    loaded.descend(-2, 0.1);
    assertEquals(tuned.alpha(), loaded.alpha());
  }
}
