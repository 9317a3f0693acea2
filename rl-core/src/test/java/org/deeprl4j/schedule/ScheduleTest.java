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
    Schedule s = Schedule.linear(start, end);
    assertEquals(s, Schedule.parse(s.toString()));
  }

  /** b + (a − b)(1 + cos πp)/2: at a third of the way cos is a half. */
  @ParameterizedTest
  @CsvSource({"0, 8", "0.3333333333333333, 6.5", "0.5, 5", "0.6666666666666667, 3.5", "1, 2"})
  void cosine_isHalfAWave(double progress, double expected) {
    assertEquals(expected, Schedule.cosine(8, 2).at(progress), 1e-12);
  }

  /** a (b/a)^p. */
  @ParameterizedTest
  @CsvSource({"0, 8", "0.25, 4", "0.5, 2", "0.75, 1", "1, 0.5"})
  void exponential_fallsByTheSameFactor(double progress, double expected) {
    assertEquals(expected, Schedule.exponential(8, 0.5).at(progress), 1e-12);
  }

  /** Constant before the first point, linear between, a jump at 0.5, constant after the last. */
  @ParameterizedTest
  @CsvSource({
    "0, 4",
    "0.1, 4",
    "0.2, 3",
    "0.3, 2",
    "0.4, 2.5",
    "0.5, 7",
    "0.7, 5",
    "0.9, 3",
    "1, 3"
  })
  void piecewise_isLinearBetweenPoints(double progress, double expected) {
    Schedule s = Schedule.parse("piecewise(0.1: 4, 0.3: 2, 0.5: 3, 0.5: 7, 0.9: 3)");
    assertEquals(expected, s.at(progress), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.1",
        "linear(0.1, 0.3)",
        "cosine(3.0E-4, 1.0E-5)",
        "exponential(3.0E-4, 1.0E-5)",
        "piecewise(0.0: 3.0E-4, 0.5: 1.0E-4, 1.0: 1.0E-5)",
        "piecewise(0.0: 1.0, 0.1: 0.05)"
      })
  void everyForm_isWrittenAsItIsRead(String text) {
    Schedule s = Schedule.parse(text);
    assertEquals(text, s.toString());
    assertEquals(s, Schedule.parse(s.toString()));
    for (Schedule.Point point : s.points()) {
      assertEquals(point.value(), s.at(point.progress()), "exact at its points");
    }
  }

  /** One text for one schedule. */
  @Test
  void formsOfTheSameValues_areEqual() {
    assertEquals(Schedule.constant(2), Schedule.parse("cosine(2, 2)"));
    assertEquals(Schedule.constant(2), Schedule.parse("piecewise(0.2: 2, 0.3: 2)"));
    assertEquals(Schedule.linear(2, 1), Schedule.parse("piecewise(0: 2, 1: 1)"));
    assertEquals("2.0", Schedule.parse("exponential(2, 2)").toString());
  }

  @Test
  void extremes_areThoseOfThePoints() {
    Schedule s = Schedule.parse("piecewise(0.1: 4, 0.3: -2, 0.9: 3)");
    assertEquals(4, s.start());
    assertEquals(-2, s.least());
    assertEquals(4, s.largest());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "abc",
        "linear",
        "linear()",
        "linear(1)",
        "linear(1,2,3)",
        "linear(1,)",
        "linear(1, x)",
        "linear 1, 2",
        "linear(1, 2",
        "linearly(1, 2)",
        "NaN",
        "Infinity",
        "1e999",
        "0x1p3",
        "1f",
        "1d",
        "linear(1f, 2)",
        "cosine(1)",
        "cosine",
        "exponential(1, 0)",
        "exponential(-1, 1)",
        "piecewise",
        "piecewise()",
        "piecewise(0: 1, 1)",
        "piecewise(0.5: 1, 0.4: 2)",
        "piecewise(0: 1, 1.1: 2)",
        "piecewise(-0.1: 1, 1: 2)",
        "piecewise(0: 1: 2, 1: 2)",
        "piecewise(0: x, 1: 2)",
        "sine(1, 0)",
        "1,5",
        "--1"
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
