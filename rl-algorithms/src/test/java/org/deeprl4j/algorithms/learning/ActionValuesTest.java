package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.dqn.DqnConfig;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ActionValuesTest {
  private static final int ROWS = 6;
  private static final int IN = 3;
  private static final int N = 4;

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Minibatch batch = Batches.random(compute, ROWS, IN, 1, N, 0.9);

  @AfterEach
  void close() {
    compute.close();
  }

  private ActionValues values(boolean dueling, List<Integer> hidden, long seed) {
    DqnConfig settings =
        DqnConfig.defaults()
            .with(
                c ->
                    c.batchSize(ROWS)
                        .hidden(hidden)
                        .activation(Activation.TANH)
                        .maxGradientNorm(null));
    return new ActionValues(
        Batches.context(compute, IN, new Discrete(N), seed), N, settings, dueling);
  }

  private ActionValues values(boolean dueling) {
    return values(dueling, List.of(8), 1);
  }

  @Test
  void duelingValues_areTheStatesValuePlusAdvantagesOfMeanZero() {
    ActionValues dueling = values(true);
    assertEquals(N + 1, dueling.network().outputSize());
    assertEquals(1, dueling.firstColumn());
    float[] columns = dueling.network().predict(batch.observations()).floats().clone();
    float[] q = dueling.values(batch.observations());
    for (int b = 0; b < ROWS; b++) {
      int at = b * (N + 1);
      double mean = 0;
      for (int k = 1; k <= N; k++) {
        mean += columns[at + k] / (double) N;
      }
      for (int k = 0; k < N; k++) {
        assertEquals(columns[at] + columns[at + 1 + k] - mean, q[b * N + k], 1e-6);
      }
    }
  }

  @Test
  void plainValues_areTheNetworksColumns() {
    ActionValues plain = values(false);
    assertEquals(0, plain.firstColumn());
    float[] columns = plain.network().predict(batch.observations()).floats().clone();
    assertArrayEquals(columns, plain.values(batch.observations()));
  }

  /** Streams part before their own last hidden layer: 3·8+8 + 2·(8·6+6) + (6+1) + (6·4+4). */
  @ParameterizedTest
  @CsvSource({"'', 20", "8, 109", "'8, 6', 175"})
  void streams_separateBeforeTheLastHiddenLayer(String widths, int parameters) {
    List<Integer> hidden =
        widths.isEmpty()
            ? List.of()
            : Arrays.stream(widths.split(", ")).map(Integer::valueOf).toList();
    assertEquals(parameters, values(true, hidden, 1).network().parameters().size());
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void gradient_isThatOfTheLoss(boolean dueling) {
    ActionValues values = values(dueling);
    float[] slopes = new float[ROWS * N];
    for (int i = 0; i < slopes.length; i++) {
      slopes[i] = 0.1f * i - 1;
    }
    ActionValues.Loss loss =
        (q, gradient) -> {
          double sum = 0;
          for (int i = 0; i < q.length; i++) {
            assertEquals(0, gradient[i]);
            sum += slopes[i] * q[i];
            gradient[i] = slopes[i];
          }
          return sum;
        };
    values.descend(batch.observations(), loss, 0);
    Averages first = new Averages(List.of("loss", "norm"));
    values.report("loss", "norm", first);
    assertEquals(values.network().gradient().norm2(), first.of("norm"), 1e-5);
    Gradients.assertDerivative(
        values.network(),
        () -> {
          values.descend(batch.observations(), loss, 0);
          Averages averages = new Averages(List.of("loss", "norm"));
          values.report("loss", "norm", averages);
          return averages.of("loss");
        });
  }

  @Test
  void largest_isTheFirstOfEqualOnes() {
    float[] values = {9, 1, 3, 3, 2, 9};
    assertEquals(2, ActionValues.largest(new float[] {9, 1, 3, 4, 2, 9}, 1, 4));
    assertEquals(1, ActionValues.largest(values, 1, 4));
    assertEquals(0, ActionValues.largest(values, 0, 6));
    assertEquals(1, ActionValues.largest(values, 4, 2));
  }

  @Test
  void batchThatDoesNotFitIntoTheHeap_isRefused() {
    DqnConfig large = DqnConfig.defaults().with(c -> c.batchSize(1 << 20).bufferSize(1 << 20));
    LearnerContext context = Batches.context(compute, IN, new Discrete(1 << 14), 1);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new ActionValues(context, 1 << 14, large, false))
            .getMessage();
    assertTrue(
        message.contains("batchSize = 1048576 rows of the values of 16384 actions needs 412317 MB"),
        message);
  }

  @Test
  void valueFunction_isTheLeastOfSeveral() {
    ActionValues first = values(false);
    ActionValues second = values(true, List.of(8), 2);
    float[] a = first.values(batch.observations()).clone();
    float[] b = second.values(batch.observations()).clone();
    float[] least = new float[ROWS];
    ActionValues.valueFunction(
            Batches.context(compute, IN, new Discrete(N), 1).encoder(), first, second)
        .values(batch.observations().floats(), batch.actions(), ROWS, least);
    int ofSecond = 0;
    for (int i = 0; i < ROWS; i++) {
      int at = i * N + (int) batch.actions()[i];
      assertEquals(Math.min(a[at], b[at]), least[i]);
      ofSecond += b[at] < a[at] ? 1 : 0;
    }
    assertTrue(ofSecond > 0 && ofSecond < ROWS, "both are the least once");
  }

  @Test
  void target_followsWhenItIsTold_andIsSaved() {
    ActionValues values = values(true);
    float[] start = values.targetValues(batch.observations()).clone();
    assertArrayEquals(start, values.values(batch.observations()), 1e-6f);
    values.descend(
        batch.observations(),
        (q, gradient) -> {
          Arrays.fill(gradient, 1);
          return 0;
        },
        0.1);
    assertArrayEquals(start, values.targetValues(batch.observations()));
    ActionValues loaded = values(true, List.of(8), 5);
    StateFile.fromBytes(StateFile.toBytes("q", values), "q", loaded);
    assertArrayEquals(start, loaded.targetValues(batch.observations()));
    assertArrayEquals(values.values(batch.observations()), loaded.values(batch.observations()));
    values.trackTarget(1);
    assertArrayEquals(
        values.values(batch.observations()), values.targetValues(batch.observations()), 1e-6f);
    assertTrue(Gradients.distance(start, values.targetValues(batch.observations())) > 0.05);
  }
}
