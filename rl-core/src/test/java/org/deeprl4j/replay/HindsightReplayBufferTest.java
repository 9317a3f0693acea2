package org.deeprl4j.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.GoalMdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.random.Rng;
import org.deeprl4j.replay.HindsightReplayBuffer.Strategy;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Step t of environment e leads to the achieved goal 100e + t + 1, counted from the buffer's start;
 * the goal desired is −1, which nothing achieves.
 */
final class HindsightReplayBufferTest {
  private static final Dict SPACE = Dict.goal(Box.of(-1000, 1000, 2), Box.of(-1000, 1000, 1));
  private static final int SIZE = 4; // t, e | achieved | desired
  private static final double GAMMA = 0.9;

  /** Rewards of 0 for the goal, −1 else; ends there if it is asked to. */
  private record Task(boolean ends) implements GoalMdp {
    @Override
    public double reward(float[] achieved, float[] desired) {
      return achieved[0] == desired[0] ? 0 : -1;
    }

    @Override
    public boolean terminated(float[] achieved, float[] desired) {
      return ends && achieved[0] == desired[0];
    }

    @Override
    public Space observationSpace() {
      return SPACE;
    }

    @Override
    public Space actionSpace() {
      return Box.of(-1, 1, 1);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {}

    @Override
    public void step(float[] action, Step next) {}
  }

  private static HindsightReplayBuffer create(int capacity, int environments, int k, boolean ends) {
    return new HindsightReplayBuffer(
        capacity, environments, 1, GAMMA, k, Strategy.FUTURE, new Task(ends), SPACE);
  }

  /** Adds step t of n environments; environment e's episode ends with it where told. */
  private static void add(ReplayBuffer buffer, int n, int t, boolean... ended) {
    float[] observations = new float[n * SIZE];
    float[] next = new float[n * SIZE];
    double[] rewards = new double[n];
    for (int e = 0; e < n; e++) {
      float[] before = {t, e, 100 * e + t, -1};
      float[] after = {t + 1, e, 100 * e + t + 1, -1};
      System.arraycopy(before, 0, observations, e * SIZE, SIZE);
      System.arraycopy(after, 0, next, e * SIZE, SIZE);
      rewards[e] = -1;
    }
    buffer.add(observations, new float[n], rewards, next, new boolean[n], ended);
  }

  private static ReplayBatch sample(ReplayBuffer buffer, int rows) {
    ReplayBatch batch = ReplayBatch.allocate(rows, SIZE, 1);
    buffer.sample(new Rng(1), batch);
    return batch;
  }

  @Test
  void sample_asksForAllRewardsInOneCall() {
    int[] asked = new int[2];
    Task one = new Task(true);
    GoalMdp task =
        new GoalMdp() {
          @Override
          public double reward(float[] achieved, float[] desired) {
            throw new AssertionError("one by one");
          }

          @Override
          public void judge(
              int count,
              int size,
              float[] achieved,
              float[] desired,
              double[] rewards,
              boolean[] terminated) {
            asked[0]++;
            asked[1] = count;
            one.judge(count, size, achieved, desired, rewards, terminated);
          }

          @Override
          public Space observationSpace() {
            return one.observationSpace();
          }

          @Override
          public Space actionSpace() {
            return one.actionSpace();
          }

          @Override
          public void reset(RandomGenerator random, float[] observation) {}

          @Override
          public void step(float[] action, Step next) {}
        };
    HindsightReplayBuffer buffer =
        new HindsightReplayBuffer(40, 2, 1, GAMMA, 4, Strategy.FUTURE, task, SPACE);
    for (int t = 0; t < 20; t++) {
      add(buffer, 2, t, t % 5 == 4, t % 8 == 7);
    }
    sample(buffer, 1000);
    assertEquals(1, asked[0]);
    assertEquals(800, asked[1], 60);
    ReplayBatch small = sample(buffer, 10); // after a larger one
    assertEquals(2, asked[0]);
    HindsightReplayBuffer plain = create(40, 2, 4, true);
    for (int t = 0; t < 20; t++) {
      add(plain, 2, t, t % 5 == 4, t % 8 == 7);
    }
    assertArrayEquals(sample(plain, 10).rewards(), small.rewards());
    assertArrayEquals(sample(plain, 10).discounts(), small.discounts());
  }

  @Test
  void goals_areAchievedLaterInTheSameEpisode_kOfKPlusOneTimes() {
    HindsightReplayBuffer buffer = create(40, 2, 4, false);
    for (int t = 0; t < 20; t++) {
      // Environment 0 has episodes of 5 steps, environment 1 of 8, the last one still running.
      add(buffer, 2, t, t % 5 == 4, t % 8 == 7);
    }
    int rows = 20_000;
    ReplayBatch batch = sample(buffer, rows);
    int relabelled = 0;
    int[] steps = new int[8];
    for (int b = 0; b < rows; b++) {
      int t = (int) batch.observations()[b * SIZE];
      int e = (int) batch.observations()[b * SIZE + 1];
      float goal = batch.observations()[b * SIZE + 3];
      float achieved = batch.nextObservations()[b * SIZE + 2];
      assertEquals(goal, batch.nextObservations()[b * SIZE + 3], "both see the same goal");
      assertEquals(achieved == goal ? 0 : -1, batch.rewards()[b], "the reward under that goal");
      assertEquals((float) GAMMA, batch.discounts()[b]);
      if (goal != -1) {
        relabelled++;
        int end = e == 0 ? t - t % 5 + 4 : Math.min(t - t % 8 + 7, 19);
        int at = (int) goal - 100 * e - 1; // the step that achieved it
        assertTrue(at >= t && at <= end, "step " + t + " of " + e + " was given that of " + at);
        if (e == 1 && t == 8) {
          steps[at - 8]++;
        }
      }
    }
    assertEquals(0.8, (double) relabelled / rows, 0.012); // 4 standard errors
    double share = 0;
    for (int count : steps) {
      share += count;
    }
    for (int count : steps) {
      assertEquals(1 / 8.0, count / share, 0.07, "every later step is as likely");
    }
  }

  private static HindsightReplayBuffer with(Strategy strategy) {
    return new HindsightReplayBuffer(24, 2, 1, GAMMA, 1000, strategy, new Task(false), SPACE);
  }

  /** Episodes of 5 and of 8 steps in a memory of 12, which begins within one and ends in one. */
  @ParameterizedTest
  @EnumSource(Strategy.class)
  void everyStrategy_takesItsStepsAlone_eachAsOften(Strategy strategy) {
    HindsightReplayBuffer buffer = with(strategy);
    for (int t = 0; t < 22; t++) {
      add(buffer, 2, t, t % 5 == 4, t % 8 == 7);
    }
    int rows = 100_000;
    ReplayBatch batch = sample(buffer, rows);
    int[][][] counts = new int[2][22][22];
    for (int b = 0; b < rows; b++) {
      float goal = batch.observations()[b * SIZE + 3];
      if (goal != -1) {
        int t = (int) batch.observations()[b * SIZE];
        int e = (int) batch.observations()[b * SIZE + 1];
        counts[e][t][(int) goal - 100 * e - 1]++;
      }
    }
    for (int e = 0; e < 2; e++) {
      int length = e == 0 ? 5 : 8;
      for (int t = 10; t < 22; t++) {
        int begin = Math.max(10, t - t % length);
        int end = Math.min(21, t - t % length + length - 1);
        int first =
            switch (strategy) {
              case FUTURE -> t;
              case FINAL -> end;
              case EPISODE -> begin;
            };
        double all = Arrays.stream(counts[e][t]).sum();
        assertEquals(rows / 24.0, all, 300);
        for (int at = 0; at < 22; at++) {
          double expected = at < first || at > end ? 0 : 1.0 / (end - first + 1);
          double margin = expected == 0 ? 0 : 0.04;
          assertEquals(expected, counts[e][t][at] / all, margin, e + ": " + t + " from " + at);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Strategy.class)
  void everyStrategy_goesOnWithTheSameBits(Strategy strategy) {
    HindsightReplayBuffer buffer = with(strategy);
    for (int t = 0; t < 22; t++) {
      add(buffer, 2, t, t % 5 == 4, t % 8 == 7);
    }
    HindsightReplayBuffer loaded = with(strategy);
    StateFile.fromBytes(StateFile.toBytes("b", buffer), "b", loaded);
    for (int t = 22; t < 31; t++) {
      add(buffer, 2, t, t % 5 == 4, t % 8 == 7);
      add(loaded, 2, t, t % 5 == 4, t % 8 == 7);
      assertArrayEquals(sample(buffer, 200).observations(), sample(loaded, 200).observations());
    }
  }

  @Test
  void ringThatWrapsAround_keepsEpisodesApart() {
    HindsightReplayBuffer buffer = create(12, 1, 1000, false);
    for (int t = 0; t < 50; t++) {
      add(buffer, 1, t, t % 7 == 6);
    }
    ReplayBatch batch = sample(buffer, 5000);
    for (int b = 0; b < 5000; b++) {
      int t = (int) batch.observations()[b * SIZE];
      float goal = batch.observations()[b * SIZE + 3];
      if (goal != -1) {
        int at = (int) goal - 1;
        assertTrue(t >= 38 && at >= t && at <= Math.min(t - t % 7 + 6, 49), t + " → " + at);
      }
    }
  }

  @Test
  void endEpisode_keepsGoalsApart() {
    HindsightReplayBuffer buffer = create(40, 2, 1000, false);
    buffer.endEpisode(0); // nothing to end
    for (int t = 0; t < 12; t++) {
      add(buffer, 2, t, false, false);
      if (t == 4) {
        buffer.endEpisode(1);
      }
    }
    ReplayBatch batch = sample(buffer, 5000);
    int later = 0;
    for (int b = 0; b < 5000; b++) {
      int t = (int) batch.observations()[b * SIZE];
      int e = (int) batch.observations()[b * SIZE + 1];
      float goal = batch.observations()[b * SIZE + 3];
      if (goal != -1) {
        int at = (int) goal - 100 * e - 1;
        assertTrue(at >= t && at <= (e == 1 && t <= 4 ? 4 : 11), t + " of " + e + " → " + at);
        later += e == 0 && t <= 4 && at > 4 ? 1 : 0;
      }
    }
    assertTrue(later > 100, "the other environment's episode goes on");
  }

  @Test
  void rewardThatIsNoFiniteFloat_isRefused() {
    GoalMdp task = new Task(false);
    GoalMdp wrong =
        new GoalMdp() {
          @Override
          public double reward(float[] achieved, float[] desired) {
            return 1e40;
          }

          @Override
          public Space observationSpace() {
            return task.observationSpace();
          }

          @Override
          public Space actionSpace() {
            return task.actionSpace();
          }

          @Override
          public void reset(RandomGenerator random, float[] observation) {}

          @Override
          public void step(float[] action, Step next) {}
        };
    HindsightReplayBuffer buffer =
        new HindsightReplayBuffer(10, 1, 1, GAMMA, 1000, Strategy.FUTURE, wrong, SPACE);
    add(buffer, 1, 0, false);
    String message =
        assertThrows(EnvironmentException.class, () -> sample(buffer, 50)).getMessage();
    assertEquals(
        wrong.getClass().getName() + ": reward([1.0], [1.0]) must be a finite float, not 1.0E40",
        message);
  }

  @Test
  void goalThatEndsTheEpisode_stopsTheBootstrap() {
    HindsightReplayBuffer buffer = create(10, 1, 1000, true);
    for (int t = 0; t < 10; t++) {
      add(buffer, 1, t, t == 9);
    }
    ReplayBatch batch = sample(buffer, 2000);
    for (int b = 0; b < 2000; b++) {
      boolean reached =
          batch.nextObservations()[b * SIZE + 2] == batch.observations()[b * SIZE + 3];
      assertEquals(reached ? 0 : (float) GAMMA, batch.discounts()[b]);
    }
  }

  /**
   * Step 1 reaches its own goal and terminates for it, step 3 terminates for another reason: under
   * other goals the first goes on, the second does not.
   */
  @Test
  void termination_staysWhereItWasNotForTheGoal() {
    HindsightReplayBuffer buffer = create(10, 1, 1000, true);
    for (int t = 0; t < 5; t++) {
      float[] before = {t, 0, t, t == 1 ? 2 : -1};
      float[] after = {t + 1, 0, t + 1, t == 1 ? 2 : -1};
      boolean[] terminated = {t == 1 || t == 3};
      // Episodes do not end with it, so that steps are given later goals, too.
      buffer.add(before, new float[1], new double[] {-1}, after, terminated, new boolean[1]);
    }
    ReplayBatch batch = sample(buffer, 2000);
    int[] elsewhere = new int[5];
    for (int b = 0; b < 2000; b++) {
      int t = (int) batch.observations()[b * SIZE];
      float goal = batch.nextObservations()[b * SIZE + 3];
      boolean reached = goal == t + 1;
      assertEquals(reached || t == 3 ? 0 : (float) GAMMA, batch.discounts()[b], t + " to " + goal);
      assertEquals(1, batch.weights()[b]);
      elsewhere[t] += reached ? 0 : 1;
    }
    assertTrue(elsewhere[1] > 100 && elsewhere[3] > 50, "both were given other goals");
  }

  /** Goals (x, −x), of which every third step's transition terminates for another reason. */
  @Test
  void goalsOfSeveralNumbers_areKeptTogether() {
    Dict space = Dict.goal(Box.of(-1000, 1000, 1), Box.of(-1000, 1000, 2));
    GoalMdp task =
        new GoalMdp() {
          @Override
          public double reward(float[] achieved, float[] desired) {
            assertEquals(2, achieved.length);
            return Arrays.equals(achieved, desired) ? 0 : -1;
          }

          @Override
          public boolean terminated(float[] achieved, float[] desired) {
            return Arrays.equals(achieved, desired);
          }

          @Override
          public Space observationSpace() {
            return space;
          }

          @Override
          public Space actionSpace() {
            return Box.of(-1, 1, 1);
          }

          @Override
          public void reset(RandomGenerator random, float[] observation) {}

          @Override
          public void step(float[] action, Step next) {}
        };
    HindsightReplayBuffer buffer =
        new HindsightReplayBuffer(20, 1, 1, GAMMA, 4, Strategy.FUTURE, task, space);
    for (int t = 0; t < 20; t++) {
      float[] before = {t, t, -t, 500, 600};
      float[] after = {t + 1, t + 1, -t - 1, 500, 600};
      boolean[] terminated = {t % 3 == 2};
      buffer.add(before, new float[1], new double[] {-1}, after, terminated, new boolean[1]);
    }
    ReplayBatch batch = ReplayBatch.allocate(3000, 5, 1);
    buffer.sample(new Rng(1), batch);
    int reached = 0;
    for (int b = 0; b < 3000; b++) {
      int t = (int) batch.observations()[5 * b];
      float[] next = Arrays.copyOfRange(batch.nextObservations(), 5 * b, 5 * b + 5);
      assertArrayEquals(new float[] {t + 1, t + 1, -t - 1}, Arrays.copyOf(next, 3));
      assertTrue((next[3] == -next[4] && next[3] > t && next[3] <= 20) || next[4] == 600);
      assertEquals(next[3], batch.observations()[5 * b + 3]);
      assertEquals(next[4], batch.observations()[5 * b + 4]);
      boolean equal = next[3] == t + 1;
      reached += equal ? 1 : 0;
      assertEquals(equal ? 0 : -1, batch.rewards()[b]);
      assertEquals(equal || t % 3 == 2 ? 0 : (float) GAMMA, batch.discounts()[b]);
    }
    assertTrue(reached > 300, "reached " + reached);
  }

  @Test
  void savedAndLoaded_samplesTheSameBatches() {
    HindsightReplayBuffer buffer = create(24, 2, 4, false);
    HindsightReplayBuffer other = create(24, 2, 4, false);
    for (int t = 0; t < 17; t++) {
      add(buffer, 2, t, t % 5 == 4, t % 3 == 2);
      if (t == 12) {
        buffer.endEpisode(0);
      }
    }
    assertEquals(24, buffer.capacity());
    assertEquals(24, buffer.size());
    StateFile.fromBytes(StateFile.toBytes("replay", buffer), "replay", other);
    for (int t = 17; t < 30; t++) {
      ReplayBatch one = sample(buffer, 200);
      ReplayBatch two = sample(other, 200);
      assertArrayEquals(one.observations(), two.observations());
      assertArrayEquals(one.rewards(), two.rewards());
      add(buffer, 2, t, t % 5 == 4, t % 3 == 2);
      add(other, 2, t, t % 5 == 4, t % 3 == 2);
    }
  }

  @Test
  void badUse_saysWhatIsWrong() {
    assertThrows(IllegalStateException.class, () -> sample(create(5, 1, 4, false), 2));
    assertThrows(IllegalArgumentException.class, () -> create(5, 1, 0, false));
    assertEquals(0, create(5, 1, 1, false).size());
    Dict uneven =
        new Dict(Map.of(Dict.ACHIEVED_GOAL, Box.of(-1, 1, 1), Dict.DESIRED_GOAL, Box.of(-1, 1, 2)));
    assertEquals(
        "hindsight needs goals of one size, but 1 numbers are achieved and 2 desired",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new HindsightReplayBuffer(
                        5, 1, 1, GAMMA, 4, Strategy.FUTURE, new Task(false), uneven))
            .getMessage());
    Space box = Box.of(-1, 1, 3);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new HindsightReplayBuffer(
                        5, 1, 1, GAMMA, 4, Strategy.FUTURE, new Task(false), box))
            .getMessage();
    assertTrue(message.contains("achieved_goal") && message.contains("Box"), message);
  }
}
