package org.deeprl4j.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every replay buffer must do. Time slot t of environment e holds observation [t, e]. */
abstract class ReplayBufferContract {
  static final double GAMMA = 0.5;

  /** An empty buffer of observations and actions of 2 floats. */
  abstract ReplayBuffer create(int capacity, int environments, int steps);

  /**
   * Adds slot t: action [t + e/10, −t], reward 2^t·(1 + e), flags as given for all environments.
   */
  static void add(ReplayBuffer buffer, int environments, int t, boolean terminated, boolean ended) {
    float[] observations = new float[2 * environments];
    float[] next = new float[2 * environments];
    float[] actions = new float[2 * environments];
    double[] rewards = new double[environments];
    boolean[] terminal = new boolean[environments];
    boolean[] over = new boolean[environments];
    for (int e = 0; e < environments; e++) {
      observations[2 * e] = t;
      observations[2 * e + 1] = e;
      next[2 * e] = t + 1;
      next[2 * e + 1] = e;
      actions[2 * e] = t + e / 10f;
      actions[2 * e + 1] = -t;
      rewards[e] = Math.scalb(1.0, t) * (1 + e);
    }
    Arrays.fill(terminal, terminated);
    Arrays.fill(over, ended);
    buffer.add(observations, actions, rewards, next, terminal, over);
  }

  static ReplayBatch sample(ReplayBuffer buffer, int rows) {
    ReplayBatch batch = ReplayBatch.allocate(rows, 2, 2);
    buffer.sample(new Rng(1), batch);
    return batch;
  }

  @Test
  void wrapsAround_forgettingTheOldestSlots() {
    ReplayBuffer buffer = create(7, 2, 1); // three whole slots
    assertEquals(6, buffer.capacity());
    for (int t = 0; t < 5; t++) {
      assertEquals(Math.min(2 * t, 6), buffer.size());
      add(buffer, 2, t, false, false);
    }
    ReplayBatch batch = sample(buffer, 400);
    boolean[] seen = new boolean[5];
    for (int b = 0; b < 400; b++) {
      int t = (int) batch.observations()[2 * b];
      int e = (int) batch.observations()[2 * b + 1];
      seen[t] = true;
      assertEquals(t + e / 10f, batch.actions()[2 * b]);
      assertEquals(-t, batch.actions()[2 * b + 1]);
      assertEquals(Math.scalb(1f, t) * (1 + e), batch.rewards()[b]);
      assertEquals(t + 1, batch.nextObservations()[2 * b]);
      assertEquals(e, batch.nextObservations()[2 * b + 1]);
      assertEquals(GAMMA, batch.discounts()[b]);
    }
    assertArrayEquals(new boolean[] {false, false, true, true, true}, seen);
  }

  /** Slot 3 is truncated, slot 6 terminates, slot 8 is the newest; n = 3, γ = 1/2, r_t = 2^t. */
  @Test
  void nStepReturns_endWithTheEpisode_andAtTheNewestTransition() {
    ReplayBuffer buffer = create(20, 1, 3);
    for (int t = 0; t < 9; t++) {
      add(buffer, 1, t, t == 6, t == 3 || t == 6);
    }
    // γᵏ r_{t+k} = 2^t for every k: the sum is 2^t times the number of steps.
    int[] steps = {3, 3, 2, 1, 3, 2, 1, 2, 1};
    ReplayBatch batch = sample(buffer, 300);
    for (int b = 0; b < 300; b++) {
      int t = (int) batch.observations()[2 * b];
      assertEquals(Math.scalb(1f, t) * steps[t], batch.rewards()[b], "reward from " + t);
      assertEquals(t + steps[t], batch.nextObservations()[2 * b], "s' from " + t);
      boolean terminal = t >= 4 && t <= 6;
      assertEquals(
          terminal ? 0 : Math.pow(GAMMA, steps[t]), batch.discounts()[b], "discount from " + t);
    }
  }

  @Test
  void statesBetween_areThoseTheReturnPassesThrough() {
    ReplayBuffer buffer = create(20, 1, 3);
    for (int t = 0; t < 9; t++) {
      add(buffer, 1, t, t == 6, t == 3 || t == 6);
    }
    int[] steps = {3, 3, 2, 1, 3, 2, 1, 2, 1};
    ReplayBatch batch = ReplayBatch.allocate(300, 2, 2, 3);
    buffer.sample(new Rng(1), batch);
    assertEquals(2, batch.between().size());
    boolean[] seen = new boolean[9];
    for (int b = 0; b < 300; b++) {
      int t = (int) batch.observations()[2 * b];
      seen[t] = true;
      for (int k = 1; k < 3; k++) {
        boolean passed = k < steps[t];
        assertEquals(passed ? Math.pow(GAMMA, k) : 0, batch.betweenDiscounts().get(k - 1)[b]);
        assertEquals(passed ? t + k : t + steps[t] - 1, batch.between().get(k - 1)[2 * b]);
        assertEquals(0, batch.between().get(k - 1)[2 * b + 1]);
      }
    }
    assertArrayEquals(new boolean[] {true, true, true, true, true, true, true, true, true}, seen);
    assertEquals(List.of(), ReplayBatch.allocate(300, 2, 2).between());
  }

  @Test
  void endEpisode_keepsReturnsFromCrossing_andIsNoTermination() {
    ReplayBuffer buffer = create(8, 2, 3);
    buffer.endEpisode(0); // nothing to end
    for (int t = 0; t < 6; t++) { // wraps around
      add(buffer, 2, t, false, false);
      if (t == 3) {
        buffer.endEpisode(1);
      }
    }
    ReplayBatch batch = sample(buffer, 300);
    int[][] steps = {{0, 0, 3, 3, 2, 1}, {0, 0, 2, 1, 2, 1}};
    for (int b = 0; b < 300; b++) {
      int t = (int) batch.observations()[2 * b];
      int e = (int) batch.observations()[2 * b + 1];
      assertEquals(Math.scalb(1f, t) * steps[e][t] * (1 + e), batch.rewards()[b]);
      assertEquals((float) Math.pow(GAMMA, steps[e][t]), batch.discounts()[b]);
    }
  }

  @Test
  void nStepReturns_crossTheRingsSeam_butNotItsEnd() {
    ReplayBuffer buffer = create(4, 1, 3);
    for (int t = 0; t < 6; t++) { // rows hold slots 4 5 2 3
      add(buffer, 1, t, false, false);
    }
    int[] steps = {0, 0, 3, 3, 2, 1};
    ReplayBatch batch = sample(buffer, 200);
    for (int b = 0; b < 200; b++) {
      int t = (int) batch.observations()[2 * b];
      assertEquals(Math.scalb(1f, t) * steps[t], batch.rewards()[b], "reward from " + t);
    }
  }

  @Test
  void savedAndLoaded_samplesTheSameBatches() {
    ReplayBuffer buffer = create(6, 2, 2);
    for (int t = 0; t < 5; t++) {
      add(buffer, 2, t, t == 3, t == 3);
    }
    disturb(buffer);
    byte[] bytes = StateFile.toBytes("replay", buffer);
    ReplayBuffer other = create(6, 2, 2);
    StateFile.fromBytes(bytes, "replay", other);
    for (int round = 0; round < 2; round++) {
      ReplayBatch one = sample(buffer, 50);
      ReplayBatch two = sample(other, 50);
      assertArrayEquals(one.indices(), two.indices());
      assertArrayEquals(one.observations(), two.observations());
      assertArrayEquals(one.actions(), two.actions());
      assertArrayEquals(one.nextObservations(), two.nextObservations());
      assertArrayEquals(one.rewards(), two.rewards());
      assertArrayEquals(one.discounts(), two.discounts());
      assertArrayEquals(one.weights(), two.weights());
      add(buffer, 2, 5, false, false);
      add(other, 2, 5, false, false);
    }
    assertArrayEquals(StateFile.toBytes("replay", buffer), StateFile.toBytes("replay", other));
  }

  /** A state as buffers write it, but for what a test makes of it. */
  private record Forged(int capacity, int next, int size, int flags) implements Stateful {
    @Override
    public void save(StateWriter out) {
      out.put(
          "transitions",
          new Stateful() {
            @Override
            public void save(StateWriter part) {
              int rows = Math.max(0, size);
              part.put("capacity", capacity);
              part.put("next", next);
              part.put("size", size);
              part.put("observationsNarrow", false);
              if (rows > 0) {
                part.put("observationsAsBytes", false);
                part.put("observations", new float[2 * rows]);
              }
              part.put("actions", new float[2 * rows]);
              part.put("rewards", new float[rows]);
              part.put("flags", new byte[Math.max(0, flags)]);
            }

            @Override
            public void load(StateReader in) {}
          });
    }

    @Override
    public void load(StateReader in) {}
  }

  /** Of a buffer of 6 transitions of 2 environments: not its capacity, its slots, its ring. */
  @ParameterizedTest
  @CsvSource({"8,0,0", "6,2,4", "6,6,6", "6,-2,6", "6,3,3", "6,-2,-2", "6,0,8"})
  void states_thatNoBufferCouldHave_areRefused(int capacity, int next, int size) {
    byte[] bytes = StateFile.toBytes("replay", new Forged(capacity, next, size, size));
    StateFormatException e =
        assertThrows(
            StateFormatException.class,
            () -> StateFile.fromBytes(bytes, "replay", create(6, 2, 1)));
    assertTrue(
        e.getMessage()
            .contains(
                "a replay buffer of %d transitions, the next at %d, of capacity %d cannot go into one of capacity 6"
                    .formatted(size, next, capacity)),
        e.getMessage());
  }

  @Test
  void states_withFlagsForOtherRows_areRefused() {
    byte[] bytes = StateFile.toBytes("replay", new Forged(6, 4, 4, 3));
    StateFormatException e =
        assertThrows(
            StateFormatException.class,
            () -> StateFile.fromBytes(bytes, "replay", create(6, 2, 1)));
    assertTrue(e.getMessage().contains("4 transitions has flags for 3"), e.getMessage());
  }

  /** Gives the buffer whatever further state its kind has. */
  void disturb(ReplayBuffer buffer) {}

  @Test
  void badUse_saysWhatIsWrong() {
    assertThrows(IllegalStateException.class, () -> sample(create(5, 1, 1), 2));
    assertThrows(IllegalArgumentException.class, () -> create(1, 2, 1));
    assertThrows(IllegalArgumentException.class, () -> create(5, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> create(5, 1, 0));
    assertEquals(2, create(2, 2, 1).capacity());
    assertEquals(1, ReplayBatch.allocate(1, 2, 2).rows());
    assertThrows(IllegalArgumentException.class, () -> ReplayBatch.allocate(0, 2, 1));
    assertThrows(IllegalArgumentException.class, () -> ReplayBatch.allocate(2, 2, 1, 0));
  }
}
