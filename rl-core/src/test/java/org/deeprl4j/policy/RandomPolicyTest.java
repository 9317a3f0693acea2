package org.deeprl4j.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;

class RandomPolicyTest {
  private static final int ROWS = 4000;

  private static float[] sample(Space observations, Space actions, float[] rows) {
    float[] drawn = new float[ROWS * actions.size()];
    new RandomPolicy(observations, actions).sample(rows, ROWS, new Rng(1), drawn);
    return drawn;
  }

  @Test
  void everyAction_isLegal_andNoneIsLeftOut() {
    for (Space actions :
        new Space[] {
          new Discrete(3), MultiDiscrete.of(2, 3), new MultiBinary(2), Box.of(-1, 3, 2)
        }) {
      float[] drawn = sample(Box.of(-1, 1, 1), actions, new float[ROWS]);
      float[] sums = new float[actions.size()];
      for (int row = 0; row < ROWS; row++) {
        assertTrue(actions.contains(drawn, row * actions.size()), actions.toString());
        for (int i = 0; i < sums.length; i++) {
          sums[i] += drawn[row * actions.size() + i] / ROWS;
        }
      }
      // The middle of {0, 1, 2} and of [-1, 3], or of {0, 1}.
      for (int i = 0; i < sums.length; i++) {
        boolean two =
            actions instanceof MultiBinary || (actions instanceof MultiDiscrete && i == 0);
        assertEquals(two ? 0.5 : 1, sums[i], 0.06, actions.toString());
      }
    }
  }

  @Test
  void forbiddenActions_areNotDrawn_andLegalOnesEqually() {
    Map<String, Space> parts = new LinkedHashMap<>();
    parts.put(Dict.OBSERVATION, Box.of(-1, 1, 1));
    parts.put(Dict.ACTION_MASK, new MultiBinary(4));
    float[] rows = new float[5 * ROWS];
    for (int row = 0; row < ROWS; row++) {
      rows[5 * row + 2] = 1; // actions 1 and 3
      rows[5 * row + 4] = 1;
    }
    float[] drawn = sample(new Dict(parts), new Discrete(4), rows);
    int ones = 0;
    for (float action : drawn) {
      assertTrue(action == 1 || action == 3, "drew " + action);
      ones += action == 1 ? 1 : 0;
    }
    assertEquals(ROWS / 2.0, ones, 150);
  }

  @Test
  void mode_isRefused() {
    RandomPolicy policy = new RandomPolicy(Box.of(-1, 1, 1), new Discrete(2));
    String message =
        assertThrows(IllegalArgumentException.class, () -> policy.act(new float[1])).getMessage();
    assertTrue(String.valueOf(message).contains("sample"), message);
  }
}
