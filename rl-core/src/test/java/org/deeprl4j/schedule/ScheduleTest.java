package org.deeprl4j.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
  @ParameterizedTest
  @CsvSource({"0, 8", "0.25, 6", "0.5, 4", "1, 0", "-3, 8", "7, 0"})
  void linear_interpolatesAndClamps(double progress, double expected) {
    assertEquals(expected, Schedule.linear(8, 0).at(progress));
  }

  @Test
  void constant_isExactlyConstant() {
    for (double p = 0; p <= 1; p += 0.013) {
      assertEquals(0.1, Schedule.constant(0.1).at(p));
    }
  }

  @Test
  void linear_isExactAtBothEnds() {
    Schedule s = Schedule.linear(0.1, 0.3);
    assertEquals(0.1, s.at(0));
    assertEquals(0.3, s.at(1));
  }

  @Test
  void parse_readsNumbersAndLinear() {
    assertEquals(Schedule.constant(3e-4), Schedule.parse("3e-4"));
    assertEquals(Schedule.constant(-2), Schedule.parse("  -2 "));
    assertEquals(Schedule.linear(1e-3, 0), Schedule.parse("linear(1e-3, 0)"));
    assertEquals(Schedule.linear(1e-3, 0), Schedule.parse(" linear ( 1e-3 ,0 ) "));
    assertEquals(Schedule.constant(0), Schedule.parse("-0"));
    assertEquals(Schedule.parse("linear(1, 2)"), Schedule.valueOf("linear(1, 2)"));
    assertEquals(Schedule.constant(5), Schedule.valueOf(5));
  }

  @ParameterizedTest
  @CsvSource({"0.1, 0.30000000000000004", "3e-4, 3e-4", "1e300, -1e-300", "0, -0.0"})
  void toString_isReadBackBitForBit(double start, double end) {
    Schedule s = new Schedule(start, end);
    assertEquals(s, Schedule.parse(s.toString()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "abc", "linear", "linear()", "linear(1)", "linear(1,2,3)", "linear(1,)", "linear(1, x)",
        "linear 1, 2", "linear(1, 2", "linearly(1, 2)", "NaN", "Infinity", "1e999", "0x1p3", "1f",
        "1d", "linear(1f, 2)", "cosine(1, 0)", "1,5", "--1"
      })
  void parse_refusesAnythingElse(String text) {
    assertThrows(IllegalArgumentException.class, () -> Schedule.parse(text));
  }

  @Test
  void parse_saysWhatItGotAndWhatItWants() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Schedule.parse("fast")).getMessage();
    assertTrue(message.contains("\"fast\"") && message.contains("linear(1e-3, 0)"), message);
  }

  @Test
  void refusesNaN() {
    assertThrows(IllegalArgumentException.class, () -> Schedule.constant(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Schedule.constant(1).at(Double.NaN));
  }
}
