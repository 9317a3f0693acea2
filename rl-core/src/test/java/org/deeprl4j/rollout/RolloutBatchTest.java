package org.deeprl4j.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Seven rows, taken in batches of three. */
final class RolloutBatchTest {
  private static final int ROWS = 7;
  private static final int IN = 2;
  private static final ActionDistribution DISTRIBUTION =
      Distributions.forActionSpace(Box.of(-1, 1, 2));

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Rollout rollout = filled(ROWS, 1);
  private final RolloutBatch batch = batch(Mlp.of(IN, 5), 3);

  private static Rollout filled(int steps, int environments) {
    Rollout rollout = new Rollout(steps, environments, IN, 2, 4);
    float[][] arrays = {
      rollout.observations(),
      rollout.actions(),
      rollout.distribution(),
      rollout.logProbs(),
      rollout.advantages(),
      rollout.values(),
      rollout.returns()
    };
    for (int k = 0; k < arrays.length; k++) {
      for (int i = 0; i < arrays[k].length; i++) {
        arrays[k][i] = 100 * k + i;
      }
    }
    return rollout;
  }

  private RolloutBatch batch(NetworkSpec network, int capacity) {
    return new RolloutBatch(compute, compute.network(network, new Rng(1)), DISTRIBUTION, capacity);
  }

  @AfterEach
  void close() {
    compute.close();
  }

  /** Checks that row {@code at} of the batch is a row of the rollout. */
  private void assertRow(int row, int at) {
    assertArrayEquals(
        new float[] {2 * row, 2 * row + 1},
        Arrays.copyOfRange(batch.observations().floats(), 2 * at, 2 * at + 2));
    assertArrayEquals(
        new float[] {100 + 2 * row, 101 + 2 * row},
        Arrays.copyOfRange(batch.actions(), 2 * at, 2 * at + 2));
    assertArrayEquals(
        new float[] {200 + 4 * row, 201 + 4 * row, 202 + 4 * row, 203 + 4 * row},
        Arrays.copyOfRange(batch.distribution(), 4 * at, 4 * at + 4));
    assertEquals(300 + row, batch.logProbs()[at]);
    assertEquals(400 + row, batch.advantages()[at]);
    assertEquals(500 + row, batch.values()[at]);
    assertEquals(600 + row, batch.returns()[at]);
  }

  @Test
  void arranged_rowsComeInTheirOrder() {
    batch.arrange(rollout);
    int at = 0;
    for (int expected : new int[] {3, 3, 1}) {
      assertTrue(batch.take(rollout, at, 3));
      assertEquals(expected, batch.rows());
      assertEquals(expected, batch.observations().rows());
      for (int b = 0; b < expected; b++) {
        assertRow(at + b, b);
      }
      at += expected;
    }
    assertFalse(batch.take(rollout, at, 3));
  }

  @Test
  void shuffled_everyRowComesOnce_inAnotherOrderEachTime() {
    Rng random = new Rng(3);
    int[] last = new int[ROWS];
    for (int pass = 0; pass < 3; pass++) {
      batch.shuffle(rollout, random);
      int[] order = new int[ROWS];
      for (int at = 0; batch.take(rollout, at, 3); at += batch.rows()) {
        for (int b = 0; b < batch.rows(); b++) {
          int row = (int) batch.logProbs()[b] - 300;
          assertRow(row, b);
          order[at + b] = row;
        }
      }
      assertFalse(Arrays.equals(last, order));
      last = order.clone();
      Arrays.sort(order);
      assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6}, order);
    }
  }

  /**
   * With a memory, an environment's rows follow one another, cut where a batch is full, and begin
   * anew where an episode does.
   */
  @Test
  void sequences_areWhole_orPiecesOfABatch() {
    NetworkSpec memory = new NetworkSpec.Lstm(IN, 3);
    Rollout two = new Rollout(4, 2, memory.inputs(), 2, 4); // rows 0 2 4 6 and 1 3 5 7
    for (int i = 0; i < 8; i++) {
      two.logProbs()[i] = i;
    }
    two.ended()[3] = true;
    List<List<Integer>> whole = List.of(List.of(0, 2, 4, 6), List.of(1, 3, 5, 7));
    assertEquals(whole, sequences(batch(memory, 4), two, 4, null));
    assertEquals(whole, sequences(batch(memory, 7), two, 7, null));
    assertEquals(
        List.of(List.of(0, 2, 4, 6, 1, 3, 5, 7)), sequences(batch(memory, 8), two, 8, null));
    assertEquals(
        List.of(List.of(0, 2, 4), List.of(1, 3, 5), List.of(6, 7)),
        sequences(batch(memory, 3), two, 3, null));
    for (int seed = 0; seed < 10; seed++) {
      List<List<Integer>> drawn = sequences(batch(memory, 4), two, 4, new Rng(seed));
      assertTrue(drawn.containsAll(whole) && drawn.size() == 2, drawn.toString());
    }
    two.setSteps(2);
    assertEquals(List.of(List.of(0, 2, 1, 3)), sequences(batch(memory, 5), two, 5, null));
  }

  /** The rows of each batch; checks which of them begin a sequence. */
  private static List<List<Integer>> sequences(
      RolloutBatch taken, Rollout from, int most, @Nullable Rng random) {
    if (random == null) {
      taken.arrange(from);
    } else {
      taken.shuffle(from, random);
    }
    List<List<Integer>> batches = new ArrayList<>();
    for (int at = 0; taken.take(from, at, most); at += taken.rows()) {
      List<Integer> rows = new ArrayList<>();
      for (int b = 0; b < taken.rows(); b++) {
        int row = (int) taken.logProbs()[b];
        boolean follows =
            b > 0 && rows.get(b - 1) == row - 2 && row != 5; // after the end of an episode
        int columns = from.observationSize();
        assertEquals(follows ? 0 : 1, taken.observations().floats()[(b + 1) * columns - 1]);
        rows.add(row);
      }
      batches.add(rows);
    }
    return batches;
  }

  /**
   * V(x) = 100 x₀ + x₁ of four steps in two environments, in batches of three. Row 2 terminates;
   * rows 3 and 5 are truncated, and the rollout ends after rows 6 and 7.
   */
  @Test
  void revalued_aRowHasItsValue_andThatOfWhatItLedTo() {
    Rollout two = filled(4, 2);
    for (int row : new int[] {2, 3, 5}) {
      two.ended()[row] = true;
    }
    two.terminated()[2] = true;
    two.keepFinal(3, new float[] {20, 1}, 0);
    two.keepFinal(5, new float[] {21, 2}, 0);
    two.keepFinal(6, new float[] {9, 22, 3}, 1);
    two.keepFinal(7, new float[] {9, 23, 4}, 1);
    Arrays.fill(two.nextValues(), -5);
    List<Integer> asked = new ArrayList<>();
    Function<Tensor, float[]> v =
        x -> {
          asked.add(x.rows());
          float[] values = new float[9];
          Arrays.fill(values, -7);
          for (int b = 0; b < x.rows(); b++) {
            values[b] = 100 * x.floats()[2 * b] + x.floats()[2 * b + 1];
          }
          return values;
        };
    batch.revalue(two, v);
    assertEquals(List.of(3, 3, 2, 3, 1), asked);
    // Row i was seen as (2i, 2i + 1).
    assertArrayEquals(new float[] {1, 203, 405, 607, 809, 1011, 1213, 1415}, two.values());
    assertArrayEquals(new float[] {405, 607, -5, 2001, 1213, 2102, 2203, 2304}, two.nextValues());
  }

  @Test
  void revalued_aShorterRolloutIsLeftAloneBeyondItsEnd() {
    Rollout two = filled(4, 2);
    two.setSteps(2);
    two.keepFinal(2, new float[] {1, 0}, 0);
    two.keepFinal(3, new float[] {2, 0}, 0);
    batch.revalue(
        two,
        x -> {
          float[] values = new float[3];
          Arrays.fill(values, 1);
          return values;
        });
    assertArrayEquals(new float[] {1, 1, 1, 1, 504, 505, 506, 507}, two.values());
    assertArrayEquals(new float[] {1, 1, 1, 1, 0, 0, 0, 0}, two.nextValues());
  }
}
