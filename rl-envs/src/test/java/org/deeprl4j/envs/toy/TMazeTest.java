package org.deeprl4j.envs.toy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

final class TMazeTest {
  private static final float[] FORWARD = {0};
  private static final float[] LEFT = {1};
  private static final float[] BACK = {2};
  private static final float[] RIGHT = {3};

  @Test
  void sign_isSeenAtTheStartOnly_andTheTurnDecides() {
    for (int side : new int[] {1, -1}) {
      for (boolean towards : new boolean[] {true, false}) {
        TMaze maze = new TMaze(3);
        Step step = new Step(2);
        maze.reset(new Rng(1), step.observation());
        maze.setState(new double[] {0, side, 0});
        maze.step(BACK, step); // against the wall, where the sign is still seen
        assertArrayEquals(new float[] {side, 0}, step.observation());
        assertEquals(-0.1, step.reward(), 1e-9);
        for (int k = 1; k <= 3; k++) {
          step.clear();
          maze.step(FORWARD, step);
          assertArrayEquals(new float[] {0, k == 3 ? 1 : 0}, step.observation());
          assertEquals(0, step.reward());
          assertFalse(step.ended());
        }
        step.clear();
        maze.step(towards == (side == 1) ? LEFT : RIGHT, step);
        assertTrue(step.terminated());
        assertEquals(towards, step.success());
        assertEquals(towards ? 4 : -0.1, step.reward(), 1e-9);
      }
    }
  }

  @Test
  void walls_cost() {
    TMaze maze = new TMaze(2);
    Step step = new Step(2);
    maze.reset(new Rng(1), step.observation());
    double side = maze.state()[1];
    float[][] actions = {LEFT, RIGHT, BACK, FORWARD, LEFT, FORWARD, FORWARD, BACK};
    double[] rewards = {-0.1, -0.1, -0.1, 0, -0.1, 0, -0.1, 0};
    double[] positions = {0, 0, 0, 1, 1, 2, 2, 1};
    for (int i = 0; i < actions.length; i++) {
      step.clear();
      maze.step(actions[i], step);
      assertEquals(rewards[i], step.reward(), 1e-9, "step " + i);
      assertArrayEquals(new double[] {positions[i], side, 0}, maze.state(), "step " + i);
    }
  }

  @Test
  void length_isAnArgument() {
    TMaze maze = TMaze.of(Map.of("length", "7"));
    assertEquals(7, maze.length());
    assertEquals(20, TMaze.of(Map.of()).length());
    Environments.make("TMaze", Map.of("length", "100")).close();
    for (String wrong : new String[] {"0", "101", "long", ""}) {
      String why =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> Environments.make("TMaze", Map.of("length", wrong)))
              .getMessage();
      assertTrue(why.contains("[1, 100]") && why.contains(wrong), why);
    }
  }

  @Test
  void impossibleStates_areRefused() {
    TMaze maze = new TMaze(5);
    assertThrows(IllegalArgumentException.class, () -> maze.setState(new double[] {6, 1, 0}));
    assertThrows(IllegalArgumentException.class, () -> maze.setState(new double[] {1.5, 1, 0}));
    assertThrows(IllegalArgumentException.class, () -> maze.setState(new double[] {1, 0, 0}));
    assertThrows(IllegalArgumentException.class, () -> maze.setState(new double[] {5, 1, 1}));
  }
}
