package org.deeprl4j.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;

class RewardScalerTest {
  private static void scale(RewardScaler scaler, float[] rewards, boolean[] ended, float[] out) {
    double[] wide = new double[rewards.length];
    for (int e = 0; e < wide.length; e++) {
      wide[e] = rewards[e];
    }
    scaler.observe(wide, ended);
    scaler.scale(rewards, rewards.length, out);
  }

  @Test
  void scaledRewards_areThoseByHand_whenAnEpisodeEnds() {
    RewardScaler s = new RewardScaler(2, 0.5, 10);
    float[] out = new float[2];
    // G = (1, 3): mean 2, variance 1.
    scale(s, new float[] {1, 3}, new boolean[] {false, true}, out);
    assertArrayEquals(new float[] {1, 3}, out, 1e-6f);
    // G = (½ + 2, 0 + 4) = (2.5, 4): of 1, 3, 2.5, 4 the mean is 2.625, the variance 1.171875.
    scale(s, new float[] {2, 4}, new boolean[2], out);
    float scale = (float) (1 / Math.sqrt(1.171875));
    assertEquals(scale, s.scale(), 1e-6);
    assertArrayEquals(new float[] {2 * scale, 4 * scale}, out, 1e-5f);
  }

  /** As step by step. */
  @Test
  void stepsTogether_areScaledAsOneAfterTheOther() {
    float[] rewards = {1, 3, 2, 4, -1, 7};
    boolean[] ended = {false, true, true, false, false, false};
    RewardScaler together = new RewardScaler(2, 0.5, 10);
    RewardScaler alone = new RewardScaler(2, 0.5, 10);
    float[] scaled = rewards.clone();
    together.scaleSteps(scaled, ended, 6);
    for (int row = 0; row < 6; row += 2) {
      float[] out = new float[2];
      scale(
          alone,
          new float[] {rewards[row], rewards[row + 1]},
          new boolean[] {ended[row], ended[row + 1]},
          out);
      assertArrayEquals(out, new float[] {scaled[row], scaled[row + 1]});
    }
    assertArrayEquals(StateFile.toBytes("s", alone), StateFile.toBytes("s", together));
  }

  /** A memory's rewards have the scale of the moment, and do not count again. */
  @Test
  void sampledRewards_haveTheScaleOfWhatWasObserved() {
    RewardScaler s = new RewardScaler(2, 0.5, 3);
    s.observe(new double[] {1, 3}, new boolean[2]);
    s.observe(new double[] {2, 4}, new boolean[2]); // G = (1, 3, 2.5, 5.5), variance 2.625
    double before = s.scale();
    assertEquals(1 / Math.sqrt(2.625), before, 1e-6);
    float[] out = new float[3];
    s.scale(new float[] {1, -2, 100}, 3, out);
    assertArrayEquals(new float[] {(float) before, (float) (-2 * before), 3}, out, 1e-6f);
    assertEquals(before, s.scale());
  }

  @Test
  void clips() {
    RewardScaler s = new RewardScaler(1, 0.9, 3);
    float[] out = new float[1];
    scale(s, new float[] {1}, new boolean[1], out); // one value: variance 0
    assertEquals(3, out[0]);
    scale(s, new float[] {-1}, new boolean[1], out);
    assertEquals(-1 / Math.sqrt(0.3025), out[0], 1e-5); // of 1 and −0.1
  }

  @Test
  void endEpisode_forgetsOneRunningSum() {
    RewardScaler ended = new RewardScaler(2, 0.5, 10);
    RewardScaler told = new RewardScaler(2, 0.5, 10);
    float[] out = new float[2];
    scale(ended, new float[] {1, 3}, new boolean[] {false, true}, out);
    scale(told, new float[] {1, 3}, new boolean[2], out);
    told.endEpisode(1);
    assertArrayEquals(StateFile.toBytes("s", ended), StateFile.toBytes("s", told));
  }

  @Test
  void savedInTheMiddleOfAnEpisode_continuesBitForBit() {
    RewardScaler s = new RewardScaler(1, 0.9, 10);
    float[] out = new float[1];
    for (int i = 0; i < 5; i++) {
      scale(s, new float[] {i * 0.1f}, new boolean[1], out);
    }
    RewardScaler t = new RewardScaler(1, 0.9, 10);
    StateFile.fromBytes(StateFile.toBytes("s", s), "s", t);
    float[] other = new float[1];
    scale(s, new float[] {7}, new boolean[1], out);
    scale(t, new float[] {7}, new boolean[1], other);
    assertArrayEquals(out, other);
  }

  @Test
  void refusesBadArguments_andRewards() {
    assertThrows(IllegalArgumentException.class, () -> new RewardScaler(0, 0.9, 10));
    assertThrows(IllegalArgumentException.class, () -> new RewardScaler(1, 1.1, 10));
    assertThrows(IllegalArgumentException.class, () -> new RewardScaler(1, 0.9, 0));
    RewardScaler s = new RewardScaler(1, 0.9, 10);
    float[] nan = {Float.NaN};
    assertThrows(IllegalArgumentException.class, () -> scale(s, nan, new boolean[1], new float[1]));
    assertEquals(1, s.scale());
  }

  @Test
  void explainedVariance_knownAnswers() {
    float[] targets = {1, 2, 3, 4};
    assertEquals(1, Statistics.explainedVariance(targets, targets, 4));
    assertEquals(1, Statistics.explainedVariance(new float[] {11, 12, 13, 14}, targets, 4));
    assertEquals(0, Statistics.explainedVariance(new float[4], targets, 4));
    assertEquals(-3, Statistics.explainedVariance(new float[] {4, 3, 2, 1}, targets, 4));
    assertEquals(Double.NaN, Statistics.explainedVariance(targets, new float[4], 4));
  }
}
