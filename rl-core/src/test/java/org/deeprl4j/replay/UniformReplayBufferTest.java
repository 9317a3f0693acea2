package org.deeprl4j.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

class UniformReplayBufferTest extends ReplayBufferContract {
  @Override
  ReplayBuffer create(int capacity, int environments, int steps) {
    return new UniformReplayBuffer(capacity, environments, 2, 1, steps, GAMMA);
  }

  /** χ² of 100 rows with 99 degrees of freedom: below 148.2 with probability 0.999. */
  @Test
  void everyRowIsDrawnEquallyOften() {
    ReplayBuffer buffer = create(100, 1, 1);
    for (int t = 0; t < 130; t++) {
      add(buffer, 1, t % 20, false, false);
    }
    int draws = 100_000;
    ReplayBatch batch = ReplayBatch.allocate(draws, 2, 1);
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
  void aBufferThatCannotFit_saysHowMuchItWouldTake() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new UniformReplayBuffer(Integer.MAX_VALUE, 1, 1000, 1, 1, GAMMA))
            .getMessage();
    assertTrue(message.contains("lower its capacity"), message);
  }
}
