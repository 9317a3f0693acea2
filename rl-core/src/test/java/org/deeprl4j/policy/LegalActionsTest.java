package org.deeprl4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.DivergenceException;
import org.junit.jupiter.api.Test;

final class LegalActionsTest {
  /** Three components: of width 2, of width 10, and with a single value. */
  private static final Box BOX = Box.of(new float[] {-1, 0, 4}, new float[] {1, 10, 4});

  private static float[] of(LegalActions legal, float... drawn) {
    float[] actions = new float[drawn.length];
    float[] before = drawn.clone();
    legal.of(drawn, drawn.length / 3, actions);
    assertArrayEquals(before, drawn, "what was drawn stays");
    return actions;
  }

  @Test
  void clippedActions_stayInTheirUnits() {
    assertArrayEquals(
        new float[] {0.5f, 10, 4, -1, 0, 4}, of(LegalActions.clipped(BOX), 0.5f, 12, 3, -2, -7, 5));
  }

  @Test
  void scaledActions_fillTheBounds() {
    assertArrayEquals(
        new float[] {0.5f, 7.5f, 4, -1, 10, 4, 1, 0, 4},
        of(LegalActions.scaled(BOX), 0.5f, 0.5f, 0.5f, -1, 1, -1, 2, -2, 0));
  }

  @Test
  void units_areTheInverseOfScaling() {
    LegalActions legal = LegalActions.scaled(BOX);
    float[] units = new float[6];
    legal.toUnits(new float[] {0.5f, 7.5f, 4, -1, 10, 4}, 2, units);
    assertArrayEquals(new float[] {0.5f, 0.5f, 0, -1, 1, 0}, units, 1e-6f);
  }

  @Test
  void actionsOfOtherSpaces_areLegalAsTheyAre() {
    float[] actions = new float[2];
    LegalActions.scaled(new Discrete(9)).of(new float[] {8, 3}, 2, actions);
    assertArrayEquals(new float[] {8, 3}, actions);
    float[] pairs = new float[4];
    LegalActions.clipped(new MultiDiscrete(new int[] {3, 5}))
        .of(new float[] {2, 4, 1, 3}, 2, pairs);
    assertArrayEquals(new float[] {2, 4, 1, 3}, pairs);
    LegalActions.clipped(new Discrete(9)).of(new float[] {1, 5}, 2, actions);
    assertArrayEquals(new float[] {1, 5}, actions);
  }

  @Test
  void boundedBox_isFiniteOnBothSides() {
    assertSame(BOX, LegalActions.boundedBox(BOX));
    float infinity = Float.POSITIVE_INFINITY;
    for (Box open :
        new Box[] {
          Box.of(new float[] {0, 0}, new float[] {1, infinity}),
          Box.of(new float[] {0, -infinity}, new float[] {1, 1})
        }) {
      assertEquals(
          "this algorithm needs actions with finite bounds, but component 1 lies in [%s, %s]"
              .formatted(open.low(1), open.high(1)),
          assertThrows(IllegalArgumentException.class, () -> LegalActions.scaled(open))
              .getMessage());
    }
    assertEquals(
        "this algorithm needs continuous actions, a Box with finite bounds, not " + new Discrete(3),
        assertThrows(IllegalArgumentException.class, () -> LegalActions.boundedBox(new Discrete(3)))
            .getMessage());
  }

  @Test
  void actionThatIsNotFinite_endsTheRun() {
    LegalActions legal = LegalActions.clipped(BOX);
    assertThrows(
        DivergenceException.class,
        () -> legal.of(new float[] {0, 0, 0, 0, Float.NaN, 0}, 2, new float[6]));
  }

  @Test
  void draws_areUniform() {
    ObservationEncoder plain = new ObservationEncoder(Box.of(-1, 1, 2), false);
    float[] numbers = new float[6];
    LegalActions.scaled(BOX).draw(plain, new float[4], 2, new Rng(1), numbers);
    Rng random = new Rng(1);
    for (float drawn : numbers) {
      assertEquals(2 * random.nextFloat() - 1, drawn);
    }
    float[] pairs = new float[40];
    LegalActions.scaled(MultiDiscrete.of(3, 5)).draw(plain, new float[40], 20, random, pairs);
    Rng again = new Rng(1);
    for (int i = 0; i < 6; i++) {
      again.nextFloat();
    }
    for (int i = 0; i < pairs.length; i++) {
      assertEquals(again.nextInt(i % 2 == 0 ? 3 : 5), pairs[i]);
    }
  }

  @Test
  void draws_areUniformOverWhatTheMasksAllow() {
    Map<String, Space> entries = new LinkedHashMap<>();
    entries.put(Dict.OBSERVATION, Box.of(-1, 1, 1));
    entries.put(Dict.ACTION_MASK, new MultiBinary(8));
    ObservationEncoder encoder = new ObservationEncoder(new Dict(entries), false);
    LegalActions legal = LegalActions.scaled(MultiDiscrete.of(3, 5));
    float[] first = {9, 1, 0, 1, 0, 1, 1, 0, 1}; // 0 or 2; 1, 2 or 4
    float[] second = {9, 0, 1, 0, 1, 0, 0, 0, 1}; // 1; 0 or 4
    Rng random = new Rng(2);
    int[][] counts = new int[4][5];
    for (int rows : new int[] {1, 2, 2, 1}) { // room for another number of rows is made
      float[] observations = Arrays.copyOf(first, 9 * rows);
      if (rows == 2) {
        System.arraycopy(second, 0, observations, 9, 9);
      }
      float[] drawn = new float[2 * rows];
      for (int trial = 0; trial < 600; trial++) {
        legal.draw(encoder, observations, rows, random, drawn);
        for (int i = 0; i < drawn.length; i++) {
          counts[i][(int) drawn[i]]++;
        }
      }
    }
    float[] one = new float[2];
    for (int trial = 0; trial < 40; trial++) { // what was forbidden before may be legal now
      legal.draw(encoder, second, 1, random, one);
      assertEquals(1, one[0]);
      legal.draw(encoder, first, 1, random, one);
      assertTrue(one[0] != 1 && one[1] != 0 && one[1] != 3, Arrays.toString(one));
    }
    // Five standard deviations of a binomial number are 122 at most.
    assertCounts(counts[0], 1200, 0, 1200, 0, 0);
    assertCounts(counts[1], 0, 800, 800, 0, 800);
    assertCounts(counts[2], 0, 1200, 0, 0, 0);
    assertCounts(counts[3], 600, 0, 0, 0, 600);
  }

  private static void assertCounts(int[] counts, int... expected) {
    for (int k = 0; k < counts.length; k++) {
      assertEquals(expected[k], counts[k], expected[k] == 0 ? 0 : 122, Arrays.toString(counts));
    }
  }
}
