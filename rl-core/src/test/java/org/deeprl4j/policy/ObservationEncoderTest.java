package org.deeprl4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;

final class ObservationEncoderTest {
  private static final Dict SPACE =
      dict(
          "place", Box.of(-5, 5, 2),
          "category", new Discrete(3),
          "inner", dict("many", new MultiDiscrete(new int[] {2, 4}), "height", Box.of(0, 1, 1)));

  private static final float[] ROWS = {1, 2, 2, 0, 3, 0.5f, 3, -4, 0, 1, 0, 0.25f};

  private static Dict dict(Object... entries) {
    Map<String, Space> spaces = new LinkedHashMap<>();
    for (int i = 0; i < entries.length; i += 2) {
      spaces.put((String) entries[i], (Space) entries[i + 1]);
    }
    return new Dict(spaces);
  }

  @Test
  void categoriesInADictionary_areOneHot() {
    ObservationEncoder encoder = new ObservationEncoder(SPACE, false);
    assertEquals(12, encoder.size());
    float[] out = new float[24];
    encoder.encode(ROWS, 2, out);
    assertArrayEquals(
        new float[] {
          1, 2, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0.5f, //
          3, -4, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0.25f
        },
        out);
  }

  /** Whoever holds some of the rows hands them over, and the sum is that of one who held all. */
  @Test
  void whatIsHeld_countsOnceItIsReleased_whoeverHeldIt() {
    Space space = Box.of(-100, 100, 2);
    ObservationEncoder whole = new ObservationEncoder(space, true);
    ObservationEncoder main = new ObservationEncoder(space, true);
    ObservationEncoder part = new ObservationEncoder(space, true);
    float[] first = {1, 2, 3, 5, -4, 7};
    float[] second = {2, 9, 8, 6, -1, 0};
    float[] noise = {50, 60, 70, 80, 90, 10};
    for (ObservationEncoder one : List.of(whole, main, part)) {
      one.hold(3);
      one.observe(noise, 3);
      one.hold(3); // forgets
    }
    whole.observe(first, 3);
    whole.observe(second, 3);
    float[] out = new float[6];
    whole.encode(first, 3, out);
    assertArrayEquals(first, out, "as before any data");
    part.observe(first, 3);
    part.observe(second, 3);
    for (int e = 0; e < 3; e++) {
      StateFile.fromBytes(StateFile.toBytes("held", part.held(e, 1)), "held", main.held(e, 1));
    }
    whole.release();
    main.release();
    assertArrayEquals(StateFile.toBytes("all", whole), StateFile.toBytes("all", main));
    assertArrayEquals(new double[] {1.5, 29 / 6.0}, whole.means(), 1e-12);
    whole.release(); // nothing
    assertArrayEquals(StateFile.toBytes("all", whole), StateFile.toBytes("all", main));
    whole.observe(noise, 3); // counts at once
    assertEquals((9 + 210) / 9.0, whole.means()[0], 1e-12);
  }

  @Test
  void normalised_categoriesStayOneHot() {
    ObservationEncoder encoder = new ObservationEncoder(SPACE, true);
    encoder.observe(ROWS, 2);
    float[] out = new float[24];
    encoder.encode(ROWS, 2, out);
    // Of two different numbers one lies a deviation below the mean and one above.
    assertArrayEquals(
        new float[] {
          -1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, //
          1, -1, 1, 0, 0, 0, 1, 1, 0, 0, 0, -1
        },
        out,
        1e-5f);
  }

  @Test
  void plainObservations_areTakenAsTheyAre() {
    ObservationEncoder encoder = new ObservationEncoder(Box.of(-5, 5, 2), false);
    assertFalse(encoder.normalizes());
    encoder.observe(new float[] {1, 2}, 1);
    float[] out = new float[4];
    encoder.encode(new float[] {1, 2, 3, 4}, 2, out);
    assertArrayEquals(new float[] {1, 2, 3, 4}, out);
    assertEquals(
        "this encoder does not normalise",
        assertThrows(IllegalStateException.class, encoder::means).getMessage());
  }

  @Test
  void normalisedObservations_areClippedToTen() {
    ObservationEncoder encoder = new ObservationEncoder(Box.of(-5, 5, 1), true);
    assertTrue(encoder.normalizes());
    encoder.observe(new float[] {1, 3}, 2);
    assertArrayEquals(new double[] {2}, encoder.means(), 1e-4);
    assertArrayEquals(new double[] {1}, encoder.scales(), 1e-4);
    float[] out = new float[3];
    encoder.encode(new float[] {1.5f, 100, -100}, 3, out);
    assertArrayEquals(new float[] {-0.5f, 10, -10}, out, 1e-3f);
  }

  @Test
  void spacesOfCategoriesOnly_haveNothingToNormalise() {
    ObservationEncoder encoder = new ObservationEncoder(new MultiDiscrete(new int[] {2, 3}), true);
    assertFalse(encoder.normalizes());
    assertEquals(5, encoder.size());
    assertArrayEquals(new int[] {2, 3}, encoder.categories());
    float[] out = {9, 9, 9, 9, 9};
    encoder.encode(new float[] {1, 2}, 1, out);
    assertArrayEquals(new float[] {0, 1, 0, 0, 1}, out);
  }

  @Test
  void savedAndLoaded_encodesTheSame() {
    ObservationEncoder encoder = new ObservationEncoder(SPACE, true);
    encoder.observe(ROWS, 2);
    ObservationEncoder loaded = new ObservationEncoder(SPACE, true);
    StateFile.fromBytes(StateFile.toBytes("encoder", encoder), "encoder", loaded);
    float[] expected = new float[24];
    float[] actual = new float[24];
    encoder.encode(ROWS, 2, expected);
    loaded.encode(ROWS, 2, actual);
    assertArrayEquals(expected, actual);
  }

  private static Dict masked(Space observations, Space mask) {
    return dict(Dict.OBSERVATION, observations, Dict.ACTION_MASK, mask);
  }

  @Test
  void masks_areNotEncoded_andForbid() {
    for (boolean normalize : new boolean[] {false, true}) {
      ObservationEncoder plain = new ObservationEncoder(Box.of(-5, 5, 2), normalize);
      ObservationEncoder encoder =
          new ObservationEncoder(masked(Box.of(-5, 5, 2), new MultiBinary(3)), normalize);
      assertEquals(2, encoder.size());
      assertEquals(3, encoder.maskSize());
      float[] observations = {1, 2, -3, 4};
      float[] raw = {1, 2, 1, 0, 1, -3, 4, 0, 0, 1};
      plain.observe(observations, 2);
      encoder.observe(raw, 2);
      float[] expected = new float[4];
      float[] encoded = new float[4];
      plain.encode(observations, 2, expected);
      encoder.encode(raw, 2, encoded);
      assertArrayEquals(expected, encoded);
      float inf = Float.NEGATIVE_INFINITY;
      float[] z = {1, 2, 3, 4, 5, 6};
      encoder.forbid(raw, 2, z);
      assertArrayEquals(new float[] {1, inf, 3, inf, inf, 6}, z);
      assertEquals(2, encoder.legalActions(raw, 0));
      assertEquals(1, encoder.legalActions(raw, 1));
      plain.forbid(observations, 2, z); // knows no masks
      assertArrayEquals(new float[] {1, inf, 3, inf, inf, 6}, z);
    }
  }

  @Test
  void aMask_mustBeFlagsAtTheEnd() {
    for (Space space :
        List.of(
            dict(Dict.ACTION_MASK, new MultiBinary(3), Dict.OBSERVATION, Box.of(-5, 5, 2)),
            masked(Box.of(-5, 5, 2), Box.of(0, 1, 3)),
            dict(Dict.ACTION_MASK, new MultiBinary(3)))) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> new ObservationEncoder(space, false))
              .getMessage();
      assertTrue(message.startsWith("action_mask must be a MultiBinary and the last"), message);
    }
  }

  /** Each thread sees its own and what the others had handed over when it last did the same. */
  @Test
  void threads_keepStatisticsTogether() {
    ObservationEncoder common = new ObservationEncoder(Box.of(-9, 9, 1), true);
    ObservationEncoder one = common.sharing();
    ObservationEncoder other = common.sharing();
    assertTrue(one.normalizes());
    one.observe(new float[] {1}, 1);
    other.observe(new float[] {3}, 1);
    one.takeOver();
    assertEquals(1, one.means()[0], 1e-9);
    other.takeOver();
    assertEquals(2, other.means()[0], 1e-9);
    assertEquals(2, common.means()[0], 1e-9);
    assertEquals(1, one.means()[0], 1e-9);
    one.takeOver();
    assertEquals(2, one.means()[0], 1e-9);
    float[] out = new float[1];
    one.encode(new float[] {4}, 1, out);
    assertEquals(2, out[0], 1e-4); // of deviation 1
  }

  @Test
  void threads_encodeIndicesAndMasksAlike() {
    ObservationEncoder common = new ObservationEncoder(masked(SPACE, new MultiBinary(2)), false);
    ObservationEncoder own = common.sharing();
    assertEquals(12, own.size());
    assertEquals(2, own.maskSize());
    assertSame(common.space(), own.space());
    assertFalse(own.normalizes());
    float[] raw = Arrays.copyOf(ROWS, 8); // the first row, and a mask
    raw[6] = 0;
    raw[7] = 1;
    float[] out = new float[12];
    own.encode(raw, 1, out);
    assertArrayEquals(new float[] {1, 2, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0.5f}, out);
    assertThrows(IllegalStateException.class, own::takeOver);
  }
}
