package org.deeprl4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiDiscrete;
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
}
