package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;

/** Two environments with two actions each. */
final class ActionNoiseTest {
  private static final double SIGMA = 0.3;

  /** What the generator that the noise is given draws. */
  private static double[] draws(long seed, int n) {
    Rng random = new Rng(seed);
    double[] draws = new double[n];
    for (int i = 0; i < n; i++) {
      draws[i] = random.nextGaussian();
    }
    return draws;
  }

  @Test
  void gaussianNoise_isIndependentFromStepToStep() {
    ActionNoise noise = new ActionNoise(ActionNoise.Kind.GAUSSIAN, 2, 2);
    double[] draws = draws(3, 8);
    Rng random = new Rng(3);
    for (int t = 0; t < 2; t++) {
      float[] actions = {0, 0.1f, -0.1f, 0.2f};
      float[] expected = actions.clone();
      for (int i = 0; i < 4; i++) {
        expected[i] += (float) (SIGMA * draws[4 * t + i]);
      }
      noise.add(SIGMA, random, actions);
      assertArrayEquals(expected, actions, 1e-6f);
    }
  }

  @Test
  void ornsteinUhlenbeckNoise_decaysAndDiffuses() {
    ActionNoise noise = new ActionNoise(ActionNoise.Kind.ORNSTEIN_UHLENBECK, 2, 2);
    double[] draws = draws(3, 12);
    Rng random = new Rng(3);
    double[] x = new double[4];
    for (int t = 0; t < 3; t++) {
      float[] actions = new float[4];
      noise.add(SIGMA, random, actions);
      for (int i = 0; i < 4; i++) {
        x[i] += -0.15 * 0.01 * x[i] + SIGMA * 0.1 * draws[4 * t + i];
        assertEquals(x[i], actions[i], 1e-6, "step " + t + ", action " + i);
      }
    }
  }

  @Test
  void restart_setsOneEnvironmentsProcessToZero() {
    ActionNoise noise = new ActionNoise(ActionNoise.Kind.ORNSTEIN_UHLENBECK, 2, 2);
    float[] x = new float[4];
    noise.add(SIGMA, new Rng(3), x);
    noise.restart(1);
    float[] next = new float[4];
    noise.add(0, new Rng(4), next); // without new noise
    double left = 1 - 0.15 * 0.01;
    assertArrayEquals(
        new float[] {(float) (left * x[0]), (float) (left * x[1]), 0, 0}, next, 1e-7f);
  }

  @Test
  void actions_stayInTheirBounds() {
    ActionNoise noise = new ActionNoise(ActionNoise.Kind.GAUSSIAN, 1, 2);
    float[] actions = {1, -1};
    for (int seed = 0; seed < 20; seed++) {
      float[] explored = actions.clone();
      noise.add(10, new Rng(seed), explored);
      double[] draws = draws(seed, 2);
      for (int i = 0; i < 2; i++) {
        assertEquals(Math.min(Math.max(actions[i] + 10 * draws[i], -1), 1), explored[i], 1e-5);
      }
    }
  }

  @Test
  void savedAndLoaded_theProcessGoesOn() {
    ActionNoise noise = new ActionNoise(ActionNoise.Kind.ORNSTEIN_UHLENBECK, 2, 2);
    noise.add(SIGMA, new Rng(3), new float[4]);
    ActionNoise loaded = new ActionNoise(ActionNoise.Kind.ORNSTEIN_UHLENBECK, 2, 2);
    StateFile.fromBytes(StateFile.toBytes("noise", noise), "noise", loaded);
    float[] expected = new float[4];
    float[] actual = new float[4];
    noise.add(SIGMA, new Rng(4), expected);
    loaded.add(SIGMA, new Rng(4), actual);
    assertArrayEquals(expected, actual);
  }
}
