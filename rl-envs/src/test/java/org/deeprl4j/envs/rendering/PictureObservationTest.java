package org.deeprl4j.envs.rendering;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.envs.toy.Catch;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.junit.jupiter.api.Test;

final class PictureObservationTest {
  @Test
  void picture_isDarkWhereBallAndPaddleAre() {
    Catch game = new Catch();
    Mdp mdp = new PictureObservation(game, 84, 84);
    assertEquals(Box.of(0, 255, 84, 84), mdp.observationSpace());
    Step step = new Step(84 * 84);
    mdp.reset(new Rng(1), step.observation());
    game.setState(new double[] {0.5, 0.55, 0, 0.25, 0, 0});
    mdp.step(new float[] {1}, step);
    float[] seen = step.observation();
    for (float shade : seen) {
      assertTrue(shade >= 0 && shade <= 255 && shade == Math.rint(shade));
    }
    assertEquals(255, seen[0]);
    // The middle of the world is the middle of the picture, 84 / 1.65 pixels a unit.
    assertEquals(0x2f * 0.299 + 0x6d * 0.587 + 0xb5 * 0.114, seen[42 * 84 + 42], 1);
    int row = (int) (42 + 0.5 * 84 / 1.65);
    int column = (int) (42 - 0.25 * 84 / 1.65);
    assertEquals(0x20 * 0.299 + 0x24 * 0.587 + 0x28 * 0.114, seen[row * 84 + column], 1);
    assertEquals(255, seen[row * 84 + 60]);
  }

  @Test
  void stackedPictures_showTheLastFour_oldestFirst() {
    try (Mdp mdp = Environments.make("CatchPictures")) {
      assertEquals(Box.of(0, 255, 4, 84, 84), mdp.observationSpace());
      Step step = new Step(4 * 84 * 84);
      mdp.reset(new Rng(1), step.observation());
      float[] first = Arrays.copyOf(step.observation(), 84 * 84);
      for (int i = 0; i < 3; i++) {
        mdp.step(new float[] {1}, step);
      }
      assertArrayEquals(first, Arrays.copyOf(step.observation(), 84 * 84));
      mdp.step(new float[] {1}, step);
      assertTrue(!Arrays.equals(first, Arrays.copyOf(step.observation(), 84 * 84)));
    }
  }

  @Test
  void impossibleSizes_areRefused() {
    assertThrows(IllegalArgumentException.class, () -> new PictureObservation(new Catch(), 0, 84));
  }
}
