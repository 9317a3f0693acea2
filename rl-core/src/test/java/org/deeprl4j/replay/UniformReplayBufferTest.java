package org.deeprl4j.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.junit.jupiter.api.Test;

class UniformReplayBufferTest extends ReplayBufferContract {
  @Override
  ReplayBuffer create(int capacity, int environments, int steps) {
    return new UniformReplayBuffer(capacity, environments, Box.unbounded(2), 2, steps, GAMMA);
  }

  /** χ² of 100 rows with 99 degrees of freedom: below 148.2 with probability 0.999. */
  @Test
  void everyRowIsDrawnEquallyOften() {
    ReplayBuffer buffer = create(100, 1, 1);
    for (int t = 0; t < 130; t++) {
      add(buffer, 1, t % 20, false, false);
    }
    int draws = 100_000;
    ReplayBatch batch = ReplayBatch.allocate(draws, 2, 2);
    buffer.sample(new Rng(3), batch);
    int[] counts = new int[100];
    for (int row : batch.indices()) {
      counts[row]++;
    }
    double expected = draws / 100.0;
    double chi2 = 0;
    for (int count : counts) {
      chi2 += (count - expected) * (count - expected) / expected;
    }
    assertTrue(chi2 < 148.2, "chi² = " + chi2);
    for (float weight : batch.weights()) {
      assertEquals(1, weight);
    }
  }

  @Test
  void aBufferThatCannotFit_saysHowMuchItWouldTake_andWhatToSet() {
    assertEquals(
        "a replay buffer of 2147483647 transitions of 1 observations and 1000 actions is larger than an array can be: set its capacity (bufferSize) to at most 2147483",
        refusal(Integer.MAX_VALUE, 1, 1000));
    // 100 million rows of 4·(100 + 3 + 1) + 1 bytes, of which nine tenths of the heap may be.
    long megabytes = (Runtime.getRuntime().maxMemory() * 9 / 10) >> 20;
    String message = refusal(100_000_000, 100, 3);
    String start =
        "a replay buffer of 100000000 transitions of 100 observations and 3 actions needs 39769 MB, but Java has %d MB for it: set its capacity (bufferSize) to at most "
            .formatted(megabytes);
    assertTrue(message.startsWith(start), message);
    assertTrue(
        message.endsWith(", or give Java more, -Xmx46400m (RL_JAVA_OPTS=-Xmx46400m ./rl …)"),
        message);
    int most = Integer.parseInt(message.substring(start.length()).replaceAll(",.*", ""));
    assertEquals(megabytes * 1048576 / 417.0, most, 1e4);
    new UniformReplayBuffer(Math.min(most, 10_000), 1, Box.unbounded(100), 3, 1, GAMMA);
  }

  private static String refusal(int capacity, int observations, int actions) {
    return assertThrows(
            IllegalArgumentException.class,
            () ->
                new UniformReplayBuffer(
                    capacity, 1, Box.unbounded(observations), actions, 1, GAMMA))
        .getMessage();
  }

  @Test
  void discounts_mayBe0And1_butNotBeyond() {
    for (double gamma : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new UniformReplayBuffer(5, 1, Box.unbounded(2), 2, 1, gamma));
    }
    for (double gamma : new double[] {0, 1}) {
      ReplayBuffer buffer = new UniformReplayBuffer(5, 1, Box.unbounded(2), 2, 2, gamma);
      add(buffer, 1, 0, false, false);
      add(buffer, 1, 1, false, true);
      ReplayBatch batch = sample(buffer, 50);
      for (int b = 0; b < 50; b++) {
        boolean first = batch.observations()[2 * b] == 0;
        assertEquals(first ? 1 + 2 * gamma : 2, batch.rewards()[b]);
        assertEquals(gamma, batch.discounts()[b]);
      }
    }
  }
}
