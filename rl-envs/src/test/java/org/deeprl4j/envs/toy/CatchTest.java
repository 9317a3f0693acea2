package org.deeprl4j.envs.toy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeprl4j.mdp.Step;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

final class CatchTest {
  @Test
  void ball_fallsDriftsAndBounces() {
    Catch game = new Catch();
    Step step = new Step(4);
    game.reset(new Rng(1), step.observation());
    game.setState(new double[] {0.99, 0.5, 0.02, 0.2, 3, 1});
    game.step(new float[] {0}, step);
    assertArrayEquals(new double[] {0.99, 0.45, -0.02, 0.15, 3, 1}, game.state(), 1e-12);
    assertArrayEquals(new float[] {0.99f, 0.45f, -0.02f, 0.15f}, step.observation(), 1e-6f);
    assertEquals(0, step.reward());
    game.step(new float[] {2}, step);
    assertArrayEquals(new double[] {0.97, 0.4, -0.02, 0.2, 3, 1}, game.state(), 1e-12);
    game.step(new float[] {1}, step);
    assertArrayEquals(new double[] {0.95, 0.35, -0.02, 0.2, 3, 1}, game.state(), 1e-12);
  }

  @Test
  void ball_isCaughtWithinReach_andTheNextOneFalls() {
    Catch game = new Catch();
    Step step = new Step(4);
    game.reset(new Rng(1), step.observation());
    for (double distance : new double[] {0.09, 0.11}) {
      step.clear();
      game.setState(new double[] {0.5, 0.05, 0, 0.5 + distance, 3, 1});
      game.step(new float[] {1}, step);
      assertEquals(distance < 0.1 ? 1 : -1, step.reward());
      assertEquals(4, game.state()[4]);
      assertEquals(distance < 0.1 ? 2 : 1, game.state()[5]);
      assertEquals(1, game.state()[1]);
      assertFalse(step.ended());
      assertFalse(step.successDefined());
    }
  }

  @Test
  void episode_endsAfterTenBalls_andSucceedsWithAllOfThem() {
    Catch game = new Catch();
    Step step = new Step(4);
    Rng random = new Rng(2);
    for (boolean follows : new boolean[] {true, false}) {
      step.clear();
      game.reset(random, step.observation());
      int steps = 0;
      double sum = 0;
      while (!step.ended()) {
        step.clear();
        game.step(new float[] {follows ? towards(game.state()) : 1}, step);
        sum += step.reward();
        steps++;
      }
      assertEquals(200, steps);
      assertTrue(step.terminated());
      assertEquals(follows, step.success());
      assertEquals(follows, sum == 10, "return " + sum);
    }
  }

  /** Towards where the ball lands. */
  private static float towards(double[] s) {
    double x = s[0] + s[2] * Math.round(s[1] * 20);
    double landing = x < 0 ? -x : x > 1 ? 2 - x : x;
    return Math.abs(landing - s[3]) < 0.03 ? 1 : landing < s[3] ? 0 : 2;
  }

  @Test
  void impossibleStates_areRefused() {
    Catch game = new Catch();
    assertThrows(
        IllegalArgumentException.class, () -> game.setState(new double[] {1.1, 0.5, 0, 0.5, 0, 0}));
    assertThrows(
        IllegalArgumentException.class,
        () -> game.setState(new double[] {0.5, 0.5, 0, 0.5, 10, 0}));
  }
}
