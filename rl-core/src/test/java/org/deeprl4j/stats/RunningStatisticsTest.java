package org.deeprl4j.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;

class RunningStatisticsTest {
  @Test
  void knownAnswer() {
    RunningStatistics s = new RunningStatistics(2);
    s.add(new float[] {1, 10, 2, 10, 3, 10, 6, 10}, 4);
    assertEquals(4, s.count());
    assertEquals(3, s.mean(0));
    assertEquals(3.5, s.variance(0)); // (4 + 1 + 0 + 9)/4
    assertEquals(10, s.mean(1));
    assertEquals(0, s.variance(1));
    float[] out = new float[2];
    s.normalize(new float[] {5, 10}, 1, out, 10);
    assertArrayEquals(new float[] {(float) (2 / Math.sqrt(3.5)), 0}, out, 1e-6f);
    s.normalize(new float[] {5, 11}, 1, out, 1);
    assertArrayEquals(new float[] {1, 1}, out);
  }

  @Test
  void statistics_doNotDependOnTheBatches() {
    int n = 1000;
    Random random = new Random(1);
    float[] data = new float[n * 3];
    for (int i = 0; i < data.length; i++) {
      // A mean far from 0 is where a sum of squares would lose all digits.
      data[i] = (float) (1e4 * (i % 3) + random.nextGaussian());
    }
    RunningStatistics oneByOne = new RunningStatistics(3);
    RunningStatistics batches = new RunningStatistics(3);
    for (int from = 0, size = 1; from < n; from += size, size = 1 + random.nextInt(40)) {
      int rows = Math.min(size, n - from);
      float[] batch = new float[rows * 3];
      System.arraycopy(data, from * 3, batch, 0, batch.length);
      batches.add(batch, rows);
      for (int b = 0; b < rows; b++) {
        oneByOne.add(new float[] {batch[b * 3], batch[b * 3 + 1], batch[b * 3 + 2]}, 1);
      }
    }
    for (int i = 0; i < 3; i++) {
      double mean = 0;
      for (int b = 0; b < n; b++) {
        mean += data[b * 3 + i] / (double) n;
      }
      double variance = 0;
      for (int b = 0; b < n; b++) {
        variance += Math.pow(data[b * 3 + i] - mean, 2) / n;
      }
      for (RunningStatistics s : new RunningStatistics[] {oneByOne, batches}) {
        assertEquals(n, s.count());
        assertEquals(mean, s.mean(i), 1e-8 * (1 + Math.abs(mean)));
        assertEquals(variance, s.variance(i), 1e-9);
      }
    }
  }

  /** Rows that are kept apart and merged are what all of them are. */
  @Test
  void rows_mergedFromSeveral_areThoseOfOne() {
    Random random = new Random(2);
    RunningStatistics all = new RunningStatistics(2);
    RunningStatistics merged = new RunningStatistics(2);
    RunningStatistics[] apart = {RunningStatistics.ofRows(2), RunningStatistics.ofRows(2)};
    float[] batch = new float[4];
    for (int t = 0; t < 200; t++) {
      for (int i = 0; i < batch.length; i++) {
        batch[i] = (float) (100 * i + (1 + i) * random.nextGaussian());
      }
      all.add(batch, 2);
      apart[0].addRow(batch, 0);
      apart[1].addRow(batch, 1);
    }
    for (RunningStatistics one : apart) {
      merged.addAll(one);
    }
    merged.addAll(RunningStatistics.ofRows(2)); // of nothing
    assertEquals(400, merged.count());
    for (int i = 0; i < 2; i++) {
      assertEquals(all.mean(i), merged.mean(i), 1e-10);
      assertEquals(all.variance(i), merged.variance(i), 1e-7);
      assertEquals(all.scale(i), merged.scale(i), 1e-10);
    }
    assertThrows(
        IllegalArgumentException.class, () -> apart[0].addRow(new float[] {1, 2, 3, Float.NaN}, 1));
    assertEquals(200, apart[0].count());
    merged.clear();
    assertEquals(0, merged.count());
    assertEquals(1, merged.scale(0));
  }

  @Test
  void beforeAnyData_normalisingOnlyClips() {
    float[] x = {0.5f, -20};
    new RunningStatistics(2).normalize(x, 1, x, 10);
    assertArrayEquals(new float[] {0.5f, -10}, x);
  }

  @Test
  void nonFiniteData_isRefusedAndLeavesNoTrace() {
    RunningStatistics s = new RunningStatistics(2);
    s.add(new float[] {1, 2}, 1);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> s.add(new float[] {0, bad}, 1));
    }
    assertEquals(1, s.count());
    assertEquals(1, s.mean(0));
  }

  @Test
  void savedAndLoaded_continuesBitForBit() {
    RunningStatistics s = new RunningStatistics(2);
    s.add(new float[] {0.1f, 0.2f, 0.7f, 5}, 2);
    RunningStatistics t = new RunningStatistics(2);
    StateFile.fromBytes(StateFile.toBytes("s", s), "s", t);
    float[] more = {0.3f, -9};
    s.add(more, 1);
    t.add(more, 1);
    assertArrayEquals(StateFile.toBytes("s", s), StateFile.toBytes("s", t));
    float[] a = new float[2];
    float[] b = new float[2];
    s.normalize(more, 1, a, 10);
    t.normalize(more, 1, b, 10);
    assertArrayEquals(a, b);
  }

  @Test
  void refusesBadArguments() {
    assertThrows(IllegalArgumentException.class, () -> new RunningStatistics(0));
    RunningStatistics s = new RunningStatistics(1);
    assertThrows(
        IllegalArgumentException.class, () -> s.normalize(new float[1], 1, new float[1], 0));
  }
}
