package org.deeprl4j.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.deeprl4j.nn.Tensor;
import org.junit.jupiter.api.Test;

final class LineSearchTest {
  private static Tensor vector(float... values) {
    Tensor tensor = Tensor.host(1, values.length);
    System.arraycopy(values, 0, tensor.floatsForWriting(), 0, values.length);
    return tensor;
  }

  @Test
  void takesTheFirstStepThatWillDo() {
    Tensor theta = vector(1, -2);
    List<Float> tried = new ArrayList<>();
    LineSearch.Result result =
        new LineSearch(theta)
            .search(
                theta,
                vector(8, 16),
                0.5,
                10,
                () -> {
                  tried.add(theta.floats()[0]);
                  return theta.floats()[0] < 3.5f;
                });
    assertEquals(List.of(9f, 5f, 3f), tried);
    assertEquals(new LineSearch.Result(0.25, 3), result);
    assertTrue(result.accepted());
    assertArrayEquals(new float[] {3, 2}, theta.floats());
  }

  @Test
  void restoresEveryBit_whenNoStepWillDo() {
    float[] start = {0.1f, 1e-20f, -3e7f, -0f};
    Tensor theta = vector(start);
    LineSearch.Result result =
        new LineSearch(theta).search(theta, vector(1, 1, 1, 1), 0.8, 10, () -> false);
    assertEquals(new LineSearch.Result(0, 10), result);
    assertFalse(result.accepted());
    assertArrayEquals(start, theta.floats());
  }

  @Test
  void restores_whenTheConditionThrows() {
    Tensor theta = vector(1, 2);
    assertThrows(
        ArithmeticException.class,
        () ->
            new LineSearch(theta)
                .search(
                    theta,
                    vector(1, 1),
                    0.8,
                    10,
                    () -> {
                      throw new ArithmeticException("NaN");
                    }));
    assertArrayEquals(new float[] {1, 2}, theta.floats());
  }

  @Test
  void badArguments_areNamed() {
    Tensor theta = vector(1);
    LineSearch search = new LineSearch(theta);
    assertTrue(
        assertThrows(
                IllegalArgumentException.class, () -> search.search(theta, theta, 1, 3, () -> true))
            .getMessage()
            .contains("shrink"));
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> search.search(theta, theta, 0.5, 0, () -> true))
            .getMessage()
            .contains("mostTries"));
  }
}
