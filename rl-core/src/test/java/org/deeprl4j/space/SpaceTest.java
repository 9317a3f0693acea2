package org.deeprl4j.space;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class SpaceTest {
  private static final float INF = Float.POSITIVE_INFINITY;
  private static final float NAN = Float.NaN;

  static Stream<Space> spaces() {
    Map<String, Space> nested = new LinkedHashMap<>();
    nested.put("inner", Dict.goal(Box.of(0, 1, 3), Box.of(-1, 1, 2)));
    nested.put("choice", new Discrete(5));
    return Stream.of(
        Box.of(-2, 3, 2, 2),
        Box.of(-Float.MAX_VALUE, Float.MAX_VALUE, 2),
        Box.of(new float[] {-INF, 1, -INF}, new float[] {INF, INF, -1}),
        new Discrete(3),
        new Discrete(Discrete.MAX),
        MultiDiscrete.of(2, 3, 1),
        new MultiBinary(4),
        new Dict(nested));
  }

  @ParameterizedTest
  @MethodSource("spaces")
  void samples_areContained_andTouchNothingElse(Space space) {
    Rng random = new Rng(3);
    float[] values = new float[space.size() + 2];
    for (int i = 0; i < 200; i++) {
      values[0] = 77;
      values[values.length - 1] = 78;
      space.sample(random, values, 1);
      assertTrue(space.contains(values, 1));
      assertEquals(77, values[0]);
      assertEquals(78, values[values.length - 1]);
    }
  }

  @ParameterizedTest
  @MethodSource("spaces")
  void nan_isNeverContained(Space space) {
    float[] values = new float[space.size()];
    space.sample(new Rng(5), values, 0);
    for (int i = 0; i < values.length; i++) {
      float kept = values[i];
      values[i] = NAN;
      assertFalse(space.contains(values, 0), space + " element " + i);
      values[i] = kept;
    }
  }

  @ParameterizedTest
  @MethodSource("spaces")
  void contains_rejectsShortArrays(Space space) {
    float[] values = new float[space.size()];
    space.sample(new Rng(5), values, 0);
    float[] shorter = java.util.Arrays.copyOf(values, values.length - 1);
    assertThrows(IndexOutOfBoundsException.class, () -> space.contains(shorter, 0));
  }

  private static double average(Space space, ToDoubleFunction<float[]> of) {
    Rng random = new Rng(11);
    float[] values = new float[space.size()];
    double sum = 0;
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      space.sample(random, values, 0);
      sum += of.applyAsDouble(values);
    }
    return sum / n;
  }

  @Test
  void boxSamples_haveTheDocumentedDistribution() {
    // Uniform on [2, 6]: mean 4, variance 16/12.
    Box uniform = Box.of(2, 6, 1);
    assertEquals(4, average(uniform, v -> v[0]), 0.05);
    assertEquals(16 / 12.0, average(uniform, v -> (v[0] - 4) * (v[0] - 4)), 0.05);
    // Low bound 3 plus a standard exponential: mean 4, E[(x − 3)²] = 2.
    Box above = Box.of(3, INF, 1);
    assertEquals(4, average(above, v -> v[0]), 0.05);
    assertEquals(2, average(above, v -> (v[0] - 3) * (v[0] - 3)), 0.2);
    assertEquals(-4, average(Box.of(-INF, -3, 1), v -> v[0]), 0.05);
    // Standard normal: E[x²] = 1, E[x⁴] = 3.
    Box free = Box.of(-INF, INF, 1);
    assertEquals(1, average(free, v -> v[0] * v[0]), 0.05);
    assertEquals(3, average(free, v -> Math.pow(v[0], 4)), 0.4);
  }

  @Test
  void discreteSamples_areUniform() {
    for (int k = 0; k < 3; k++) {
      int index = k;
      assertEquals(1 / 3.0, average(new Discrete(3), v -> v[0] == index ? 1 : 0), 0.02);
      assertEquals(1 / 3.0, average(MultiDiscrete.of(2, 3), v -> v[1] == index ? 1 : 0), 0.02);
    }
    assertEquals(0.5, average(new MultiBinary(2), v -> v[1]), 0.02);
  }

  @Test
  void contains_knowsTheBorders() {
    Box box = Box.of(new float[] {-1, 0}, new float[] {1, INF});
    assertTrue(box.contains(new float[] {-1, INF}, 0));
    assertFalse(box.contains(new float[] {Math.nextUp(1f), 0}, 0));
    assertFalse(box.contains(new float[] {0, -Float.MIN_VALUE}, 0));
    assertTrue(new Discrete(2).contains(new float[] {9, 1}, 1));
    assertFalse(new Discrete(2).contains(new float[] {2}, 0));
    assertFalse(new Discrete(2).contains(new float[] {-1}, 0));
    assertFalse(new Discrete(2).contains(new float[] {0.5f}, 0));
    assertFalse(new Discrete(2).contains(new float[] {INF}, 0));
    assertFalse(MultiDiscrete.of(2, 3).contains(new float[] {2, 0}, 0));
    assertTrue(MultiDiscrete.of(2, 3).contains(new float[] {0, 2}, 0));
    assertFalse(new MultiBinary(2).contains(new float[] {0, 0.5f}, 0));
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        Arguments.of((Runnable) () -> Box.of(1, -1, 2), "[1.0, -1.0]"),
        Arguments.of((Runnable) () -> Box.of(NAN, 1, 1), "NaN"),
        Arguments.of((Runnable) () -> Box.of(0, NAN, 1), "NaN"),
        Arguments.of((Runnable) () -> Box.of(INF, INF, 1), "Infinity"),
        Arguments.of((Runnable) () -> Box.of(0, 1, 2, 0), "[2, 0]"),
        Arguments.of((Runnable) () -> Box.of(0, 1, -2), "[-2]"),
        Arguments.of(
            (Runnable) () -> new Box(new float[2], new float[2], new int[] {3}), "2 lower"),
        Arguments.of(
            (Runnable) () -> new Box(new float[2], new float[3], new int[] {2}), "3 upper"),
        Arguments.of(
            (Runnable)
                () -> new Box(new float[2], new float[2], new int[] {1 << 30, 1 << 30, 1 << 30}),
            "2 lower"),
        Arguments.of((Runnable) () -> new Discrete(0), "not 0"),
        Arguments.of((Runnable) () -> new Discrete(Discrete.MAX + 1), "16777217"),
        Arguments.of((Runnable) () -> MultiDiscrete.of(), "at least one"),
        Arguments.of((Runnable) () -> MultiDiscrete.of(3, 0), "choice 1"),
        Arguments.of((Runnable) () -> new MultiBinary(-3), "-3"),
        Arguments.of((Runnable) () -> new Dict(Map.of()), "at least one"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void badArguments_areNamed(Runnable construction, String named) {
    String message = assertThrows(IllegalArgumentException.class, construction::run).getMessage();
    assertTrue(message.contains(named), message);
  }

  @Test
  void boxes_areValues() {
    float[] low = {0, 1};
    float[] high = {2, 3};
    int[] shape = {2};
    Box box = new Box(low, high, shape);
    Box same = new Box(low.clone(), high.clone(), shape.clone());
    low[0] = high[0] = 9;
    shape[0] = 9;
    box.low()[1] = 9;
    box.high()[1] = 9;
    box.shape()[0] = 9;
    assertEquals(same, box);
    assertEquals(same.hashCode(), box.hashCode());
    assertEquals("Box([0.0, 1.0], [2.0, 3.0], [2])", box.toString());
    assertEquals("Box(-1.0, 1.0, [2, 3])", Box.of(-1, 1, 2, 3).toString());
    assertNotEquals(Box.of(-1, 1, 6), Box.of(-1, 1, 2, 3));
    assertNotEquals(Box.of(-1, 1, 6), Box.of(-1, 2, 6));
    assertEquals(1, box.low(1));
    assertEquals(3, box.high(1));
    assertEquals(1, Box.of(-1, 1).size());
    int[] counts = {2, 3};
    MultiDiscrete choices = new MultiDiscrete(counts);
    counts[0] = 7;
    choices.counts()[1] = 7;
    assertEquals(MultiDiscrete.of(2, 3), choices);
    assertEquals(MultiDiscrete.of(2, 3).hashCode(), choices.hashCode());
    assertNotEquals(MultiDiscrete.of(3, 2), choices);
  }

  @Test
  void bounded_needsEveryBound() {
    assertTrue(Box.of(-1, 1, 3).bounded());
    assertFalse(Box.of(new float[] {0, 0}, new float[] {1, INF}).bounded());
    assertFalse(Box.of(new float[] {0, -INF}, new float[] {1, 1}).bounded());
  }

  @Test
  void dictionaries_areLaidOutInTheirOrder() {
    Dict goal = Dict.goal(Box.of(0, 1, 3), Box.of(-1, 1, 2));
    assertEquals(7, goal.size());
    assertEquals(0, goal.offset("observation"));
    assertEquals(3, goal.offset("achieved_goal"));
    assertEquals(5, goal.offset("desired_goal"));
    assertEquals(Box.of(-1, 1, 2), goal.space("desired_goal"));
    assertEquals(
        List.of("observation", "achieved_goal", "desired_goal"),
        List.copyOf(goal.spaces().keySet()));
    float[] values = {9, .5f, .5f, .5f, -1, -1, 1, 1};
    assertTrue(goal.contains(values, 1));
    values[3] = -.5f; // an observation must be in [0, 1], a goal need not
    assertFalse(goal.contains(values, 1));
    assertThrows(IllegalArgumentException.class, () -> goal.offset("goal"));
    assertThrows(IllegalArgumentException.class, () -> goal.space("goal"));
    assertThrows(UnsupportedOperationException.class, () -> goal.spaces().clear());
  }

  @Test
  void dictionaries_ofAnotherOrder_differ() {
    Map<String, Space> ab = new LinkedHashMap<>();
    ab.put("a", new Discrete(2));
    ab.put("b", new Discrete(2));
    Map<String, Space> ba = new LinkedHashMap<>();
    ba.put("b", new Discrete(2));
    ba.put("a", new Discrete(2));
    assertNotEquals(new Dict(ab), new Dict(ba));
    Dict copy = new Dict(ab);
    ab.clear();
    assertEquals(2, copy.size());
    float[] values = new float[2];
    copy.sample(new Rng(0), values, 0);
    float[] again = new float[2];
    copy.sample(new Rng(0), again, 0);
    assertArrayEquals(values, again);
  }
}
