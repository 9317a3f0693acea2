package org.deeprl4j.envs.goal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

final class PointGoalTest {
  private final PointGoal task = new PointGoal();
  private final Step next = new Step(6);

  @Test
  void step_movesTheClippedActionWithinTheSquare() {
    task.setState(new double[] {0.95, 0, -0.5, 0.5});
    task.step(new float[] {7, -0.5f}, next);
    assertArrayEquals(new double[] {1, -0.05, -0.5, 0.5}, task.state(), 1e-12);
    assertEquals(-1, next.reward());
    assertTrue(next.successDefined() && !next.success());
    assertArrayEquals(new float[] {1, -0.05f, 1, -0.05f, -0.5f, 0.5f}, next.observation(), 1e-7f);
  }

  @Test
  void goal_costsNothing_andDoesNotEndTheEpisode() {
    task.setState(new double[] {0, 0, 0.15, 0});
    task.step(new float[] {1, 0}, next);
    assertEquals(0, next.reward());
    assertTrue(next.success() && !next.terminated());
  }

  @Test
  void rewardAskedForLater_isTheStepsOwn() {
    Rng random = new Rng(3);
    float[] observation = new float[6];
    int reached = 0;
    for (int i = 0; i < 20_000; i++) {
      task.reset(random, observation);
      task.step(new float[] {random.nextFloat(), random.nextFloat()}, next);
      float[] after = next.observation();
      double asked = task.reward(Arrays.copyOfRange(after, 2, 4), Arrays.copyOfRange(after, 4, 6));
      assertEquals(next.reward(), asked);
      reached += asked == 0 ? 1 : 0;
    }
    assertEquals(0.0075, reached / 20_000.0, 0.003); // a disc of π 0.1² in a square of 4
  }
}
