package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.rollout.RolloutBatch;
import org.deeprl4j.space.Box;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Seven rows, taken in batches of three. */
final class RolloutBatchTest {
  private static final int ROWS = 7;
  private static final int IN = 2;

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final ActorCritic model =
      ActorCritic.apart(
          Batches.context(compute, IN, Box.of(-1, 1, 2), 1),
          MlpArchitecture.apart(List.of(8), Activation.TANH, 0),
          Distributions.forActionSpace(Box.of(-1, 1, 2)));
  private final Rollout rollout = new Rollout(ROWS, 1, IN, 2, 4);
  private final RolloutBatch batch = model.batch(3);

  RolloutBatchTest() {
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
    ActorCritic remembering =
        ActorCritic.together(
            Batches.context(compute, IN, Box.of(-1, 1, 2), 1),
            MlpArchitecture.apart(List.of(8), Activation.TANH, 0).onMemory(3),
            Distributions.forActionSpace(Box.of(-1, 1, 2)));
    int inputs = IN + 7;
    Rollout two = new Rollout(4, 2, inputs, 2, 4); // rows 0 2 4 6 and 1 3 5 7
    for (int i = 0; i < 8; i++) {
      two.logProbs()[i] = i;
    }
    two.ended()[3] = true;
    List<List<Integer>> whole = List.of(List.of(0, 2, 4, 6), List.of(1, 3, 5, 7));
    assertEquals(whole, sequences(remembering.batch(4), two, 4, null));
    assertEquals(whole, sequences(remembering.batch(7), two, 7, null));
    assertEquals(
        List.of(List.of(0, 2, 4, 6, 1, 3, 5, 7)), sequences(remembering.batch(8), two, 8, null));
    assertEquals(
        List.of(List.of(0, 2, 4), List.of(1, 3, 5), List.of(6, 7)),
        sequences(remembering.batch(3), two, 3, null));
    for (int seed = 0; seed < 10; seed++) {
      List<List<Integer>> drawn = sequences(remembering.batch(4), two, 4, new Rng(seed));
      assertTrue(drawn.containsAll(whole) && drawn.size() == 2, drawn.toString());
    }
    two.setSteps(2);
    assertEquals(List.of(List.of(0, 2, 1, 3)), sequences(remembering.batch(5), two, 5, null));
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

  /** V is fitted to the returns; the policy stays. */
  @Test
  void regression_fitsTheReturns() {
    Rng random = new Rng(4);
    random.fillGaussian(rollout.observations(), 0, ROWS * IN);
    random.fillGaussian(rollout.returns(), 0, ROWS);
    float[] policy = Gradients.copy(model.policyNetwork().parameters());
    ValueRegression one = new ValueRegression(compute, model, ROWS, 1e-8, null);
    batch.arrange(rollout);
    RolloutBatch whole = model.batch(ROWS);
    whole.arrange(rollout);
    whole.take(rollout, 0, ROWS);
    float[] v = model.valueNetwork().predict(whole.observations()).floats();
    double expected = 0;
    for (int b = 0; b < ROWS; b++) {
      expected += Math.pow((double) v[b] - rollout.returns()[b], 2) / ROWS;
    }
    assertEquals(expected, one.fit(rollout, 1, 0, new Rng(1)), 1e-5);
    Gradients.assertDerivative(model.valueNetwork(), () -> one.fit(rollout, 1, 0, new Rng(1)));
    assertEquals(Double.NaN, one.fit(rollout, 0, 1, new Rng(1)), "no pass, no loss");
    ValueRegression batches = new ValueRegression(compute, model, 3, 1e-8, null);
    batches.fit(rollout, 300, 1e-2, random);
    assertTrue(batches.fit(rollout, 1, 0, random) < 0.05 * expected);
    assertArrayEquals(policy, Gradients.copy(model.policyNetwork().parameters()));
    random.fillGaussian(rollout.returns(), 0, ROWS);
    new ValueRegression(compute, model, ROWS, 1e-8, 1e-3).fit(rollout, 1, 0, random);
    assertEquals(1e-3, model.valueNetwork().gradient().norm2(), 1e-8, "bounded");
  }
}
