package org.deeprl4j.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeprl4j.random.Rng;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.state.DivergenceException;
import org.junit.jupiter.api.Test;

class PrioritizedReplayBufferTest extends ReplayBufferContract {
  @Override
  ReplayBuffer create(int capacity, int environments, int steps) {
    return new PrioritizedReplayBuffer(
        capacity, environments, Box.unbounded(2), 2, steps, GAMMA, 0.6, Schedule.linear(0.4, 1));
  }

  @Override
  void disturb(ReplayBuffer buffer) {
    ReplayBatch batch = sample(buffer, 4);
    for (int b = 0; b < 4; b++) {
      batch.errors()[b] = 3 * b;
    }
    buffer.updatePriorities(batch);
    buffer.setProgress(0.25);
  }

  /** Sets the error of row i to i + 1. */
  private static void prioritize(ReplayBuffer buffer, int rows) {
    ReplayBatch batch = ReplayBatch.allocate(rows, 2, 2);
    for (int i = 0; i < rows; i++) {
      batch.indices()[i] = i;
      batch.errors()[i] = -(i + 1); // only the magnitude counts
    }
    buffer.updatePriorities(batch);
  }

  /** P(i) = p_i^α / Σ p_k^α; χ² of 20 rows, 19 degrees of freedom: below 43.8 with p = 0.999. */
  @Test
  void rowsAreDrawnInProportionToTheirPriorities() {
    int n = 20;
    ReplayBuffer buffer = create(n, 1, 1);
    for (int t = 0; t < n; t++) {
      add(buffer, 1, t, false, false);
    }
    prioritize(buffer, n);
    int[] counts = new int[n];
    Rng random = new Rng(4);
    ReplayBatch batch = ReplayBatch.allocate(64, 2, 2);
    int batches = 2000;
    for (int k = 0; k < batches; k++) {
      buffer.sample(random, batch);
      for (int row : batch.indices()) {
        counts[row]++;
      }
    }
    double total = 0;
    for (int i = 0; i < n; i++) {
      total += Math.pow(i + 1, 0.6);
    }
    double chi2 = 0;
    for (int i = 0; i < n; i++) {
      double expected = 64.0 * batches * Math.pow(i + 1, 0.6) / total;
      chi2 += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    assertTrue(chi2 < 43.8, "chi² = " + chi2);
  }

  /** w_i = (N P(i))^−β / max w, β from 0.4 to 1 with the run's progress. */
  @Test
  void weightsMakeUpForThePriorities() {
    int n = 8;
    ReplayBuffer buffer = create(n, 1, 1);
    for (int t = 0; t < n; t++) {
      add(buffer, 1, t, false, false);
    }
    prioritize(buffer, n);
    for (double progress : new double[] {0, 0.5, 1}) {
      buffer.setProgress(progress);
      double beta = 0.4 + 0.6 * progress;
      ReplayBatch batch = sample(buffer, 32);
      double total = 0;
      for (int i = 0; i < n; i++) {
        total += Math.pow(i + 1, 0.6);
      }
      double most = 0;
      for (int row : batch.indices()) {
        most = Math.max(most, Math.pow(n * Math.pow(row + 1, 0.6) / total, -beta));
      }
      for (int b = 0; b < 32; b++) {
        double p = Math.pow(batch.indices()[b] + 1, 0.6) / total;
        assertEquals(Math.pow(n * p, -beta) / most, batch.weights()[b], 1e-5);
      }
    }
  }

  /** With n-step returns and a wrap too: a new row has the largest priority seen so far. */
  @Test
  void newRows_comeFirst() {
    ReplayBuffer buffer = create(4, 1, 1);
    for (int t = 0; t < 4; t++) {
      add(buffer, 1, t, false, false);
    }
    ReplayBatch low = ReplayBatch.allocate(4, 2, 2);
    for (int i = 0; i < 4; i++) {
      low.indices()[i] = i;
      low.errors()[i] = 1e-4f;
    }
    buffer.updatePriorities(low);
    add(buffer, 1, 4, false, false); // takes row 0, with priority 1
    ReplayBatch batch = sample(buffer, 1000);
    int newest = 0;
    for (int row : batch.indices()) {
      newest += row == 0 ? 1 : 0;
    }
    double share = 1 / (1 + 3 * Math.pow(1e-4 + 1e-6, 0.6));
    assertEquals(share * 1000, newest, 3);
  }

  @Test
  void nanErrors_areRejected() {
    ReplayBuffer buffer = create(4, 1, 1);
    add(buffer, 1, 0, false, false);
    ReplayBatch batch = sample(buffer, 2);
    batch.errors()[1] = Float.NaN;
    String message =
        assertThrows(DivergenceException.class, () -> buffer.updatePriorities(batch)).getMessage();
    assertTrue(message.contains("error[1]"), message);
  }

  @Test
  void exponents_mayBe0And1_butNotBeyond() {
    for (double bad : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> create(bad, 0.4));
      assertThrows(IllegalArgumentException.class, () -> create(0.6, bad));
    }
    for (double exponent : new double[] {0, 1}) {
      ReplayBuffer buffer = create(exponent, exponent);
      add(buffer, 1, 0, false, false);
      add(buffer, 1, 1, false, false);
      prioritize(buffer, 2); // 1 and 2
      ReplayBatch batch = sample(buffer, 300);
      int second = 0;
      for (int b = 0; b < 300; b++) {
        second += batch.indices()[b];
        assertEquals(exponent == 0 || batch.indices()[b] == 0 ? 1 : 0.5, batch.weights()[b], 1e-5);
      }
      assertEquals(exponent == 0 ? 150 : 200, second, 2); // strata leave little to chance
    }
  }

  private static ReplayBuffer create(double alpha, double beta) {
    return new PrioritizedReplayBuffer(
        2, 1, Box.unbounded(2), 2, 1, GAMMA, alpha, Schedule.linear(beta, beta));
  }
}
