package org.deeprl4j.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RolloutTest {
  /** Three steps in two environments, with something in every array. */
  private static Rollout filled() {
    Rollout rollout = new Rollout(3, 2, 4, 5, 7);
    float[][] arrays = {
      rollout.observations(),
      rollout.actions(),
      rollout.distribution(),
      rollout.logProbs(),
      rollout.values(),
      rollout.nextValues(),
      rollout.rewards()
    };
    for (int k = 0; k < arrays.length; k++) {
      for (int i = 0; i < arrays[k].length; i++) {
        arrays[k][i] = 10 * k + i + 1;
      }
    }
    rollout.terminated()[2] = true;
    rollout.ended()[2] = true;
    rollout.ended()[5] = true;
    return rollout;
  }

  @Test
  void sizes_areThoseOfItsRows() {
    Rollout rollout = new Rollout(3, 2, 4, 5, 7);
    assertEquals(3, rollout.capacity());
    assertEquals(3, rollout.steps());
    assertEquals(2, rollout.environments());
    assertEquals(6, rollout.rows());
    assertEquals(4, rollout.observationSize());
    assertEquals(5, rollout.actionSize());
    assertEquals(7, rollout.parameterSize());
    assertEquals(24, rollout.observations().length);
    assertEquals(30, rollout.actions().length);
    assertEquals(42, rollout.distribution().length);
  }

  /** Those that rows lead to and that are no row's, for this filling. */
  @Test
  void finalObservations_areKeptUntilTheNextFilling() {
    Rollout rollout = new Rollout(3, 2, 2, 1, 1);
    for (int filling = 0; filling < 2; filling++) {
      rollout.setSteps(3);
      assertEquals(0, rollout.finals());
      float[] x = {0, 1, 2, 3, 4, 5, 6};
      for (int row : new int[] {1, 4, 5}) {
        rollout.keepFinal(row, x, row);
      }
      assertEquals(3, rollout.finals());
      assertEquals(4, rollout.finalRow(1));
      assertEquals(4, rollout.finalObservations()[2]);
      assertEquals(6, rollout.finalObservations()[5]);
      assertEquals(5, rollout.withCapacity(9).finalRow(2));
    }
  }

  @Test
  void bootstrap_takesTheValueOfTheNextRow_unlessTheEpisodeEnded() {
    Rollout rollout = filled();
    float[] values = rollout.values();
    float[] next = rollout.nextValues().clone();
    rollout.bootstrap();
    assertArrayEquals(
        new float[] {values[2], values[3], next[2], values[5], next[4], next[5]},
        rollout.nextValues());
  }

  @Test
  void steps_mayBeFewerForAWhile_butNeverMore() {
    Rollout rollout = new Rollout(3, 2, 1, 1, 1);
    rollout.setSteps(1);
    assertEquals(1, rollout.steps());
    assertEquals(2, rollout.rows());
    assertEquals(3, rollout.capacity());
    rollout.setSteps(3);
    assertEquals(6, rollout.rows());
    assertThrows(IllegalArgumentException.class, () -> rollout.setSteps(0));
    String message =
        assertThrows(IllegalArgumentException.class, () -> rollout.setSteps(4)).getMessage();
    assertEquals("steps must be in [1, 3], not 4", message);
  }

  /** 10⁹ rows of 4·(3 + 1 + 2 + 6) + 2 bytes. */
  @Test
  void rolloutsBeyondTheHeap_areRefused_withWhatTheyNeed() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> new Rollout(1_000_000, 1000, 3, 1, 2))
            .getMessage();
    String start =
        "a rollout of 1000000 steps in 1000 environments, with 3 observed numbers and 2 parameters of the policy in each, needs 50000 MB, but";
    assertEquals(start, message.substring(0, Math.min(start.length(), message.length())));
    assertTrue(
        message.contains(
            "lower rolloutSteps, environments or episodesPerUpdate, or the episodes' time limit"),
        message);
  }

  @Test
  void advantages_areThoseOfTheStepsInUse() {
    Rollout rollout = filled();
    rollout.setSteps(2);
    float[] advantages = new float[6];
    float[] returns = new float[6];
    Advantages.gae(
        rollout.rewards(),
        rollout.values(),
        rollout.nextValues(),
        rollout.terminated(),
        rollout.ended(),
        2,
        2,
        0.9,
        0.8,
        advantages,
        returns);
    rollout.computeAdvantages(0.9, 0.8);
    assertArrayEquals(advantages, rollout.advantages());
    assertArrayEquals(returns, rollout.returns());
    assertTrue(returns[0] != 0 && returns[4] == 0);
  }

  @Test
  void withCapacity_beginsWithTheSameExperience() {
    Rollout rollout = filled();
    Rollout larger = rollout.withCapacity(5);
    assertEquals(5, larger.capacity());
    assertEquals(10, larger.rows());
    assertArrayEquals(rollout.observations(), Arrays.copyOf(larger.observations(), 24));
    assertArrayEquals(rollout.actions(), Arrays.copyOf(larger.actions(), 30));
    assertArrayEquals(rollout.distribution(), Arrays.copyOf(larger.distribution(), 42));
    assertArrayEquals(rollout.logProbs(), Arrays.copyOf(larger.logProbs(), 6));
    assertArrayEquals(rollout.values(), Arrays.copyOf(larger.values(), 6));
    assertArrayEquals(rollout.nextValues(), Arrays.copyOf(larger.nextValues(), 6));
    assertArrayEquals(rollout.rewards(), Arrays.copyOf(larger.rewards(), 6));
    assertArrayEquals(rollout.terminated(), Arrays.copyOf(larger.terminated(), 6));
    assertArrayEquals(rollout.ended(), Arrays.copyOf(larger.ended(), 6));
    assertEquals(0, larger.rewards()[6]);
  }
}
