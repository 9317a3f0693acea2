package org.deeprl4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
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
}
