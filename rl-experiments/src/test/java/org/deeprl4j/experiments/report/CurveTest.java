package org.deeprl4j.experiments.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class CurveTest {
  private static final Curve CURVE = new Curve(new double[] {10, 20, 40}, new double[] {1, 5, 3});

  @Test
  void at_isLinearBetweenPoints_andConstantBeyond() {
    assertEquals(1, CURVE.at(0));
    assertEquals(1, CURVE.at(10));
    assertEquals(3, CURVE.at(15));
    assertEquals(5, CURVE.at(20));
    assertEquals(4, CURVE.at(30));
    assertEquals(3, CURVE.at(99));
  }

  @Test
  void firstAt_isTheFirstPoint_thatIsHighEnough() {
    assertEquals(10, CURVE.firstAt(1));
    assertEquals(20, CURVE.firstAt(1.5));
    assertEquals(20, CURVE.firstAt(5));
    assertEquals(Double.POSITIVE_INFINITY, CURVE.firstAt(5.1));
  }

  @Test
  void withoutPoints_thereIsNoReturn() {
    Curve none = new Curve(new double[0], new double[0]);
    assertEquals(Double.POSITIVE_INFINITY, none.firstAt(0));
    assertThrows(IllegalStateException.class, () -> none.at(1));
  }
}
