package org.deeprl4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.junit.jupiter.api.Test;

/** What a network with memory is given and gives: [s | state | 1] and […| next state]. */
final class NetworkInputTest {
  private static final float[] OBSERVATIONS = {1, 2, 3, 4, 5, 6};
  private static final float[] STATES = {10, 11, 12, 20, 21, 22, 30, 31, 32};

  private final ObservationEncoder encoder = new ObservationEncoder(Box.of(-9, 9, 2), false);
  private final NetworkInput input = new NetworkInput(Compute.light(), encoder, 3);

  private static float[] numbers(Tensor x) {
    return Arrays.copyOf(x.floats(), x.rows() * x.columns());
  }

  @Test
  void rows_areObservationsWithTheirStates() {
    assertEquals(6, input.size());
    assertArrayEquals(
        new float[] {1, 2, 10, 11, 12, 1, 3, 4, 20, 21, 22, 1, 5, 6, 30, 31, 32, 1},
        numbers(input.of(OBSERVATIONS, 3, STATES)));
    assertArrayEquals(
        new float[] {1, 2, 10, 11, 12, 1}, numbers(input.of(OBSERVATIONS, 1, STATES)));
  }

  @Test
  void oneOfManyRows_hasItsOwnState() {
    for (int row = 2; row >= 0; row--) {
      float[] whole = numbers(input.of(OBSERVATIONS, 3, STATES));
      assertArrayEquals(
          Arrays.copyOfRange(whole, 6 * row, 6 * row + 6),
          numbers(input.ofRow(OBSERVATIONS, STATES, row)));
    }
  }

  @Test
  void indices_areEncodedBesideTheState() {
    NetworkInput onehot =
        new NetworkInput(Compute.light(), new ObservationEncoder(new Discrete(3), false), 1);
    assertArrayEquals(
        new float[] {0, 0, 1, 7, 1, 1, 0, 0, 8, 1},
        numbers(onehot.of(new float[] {2, 0}, 2, new float[] {7, 8})));
  }

  @Test
  void nextStates_areTheLastColumns() {
    Tensor output = Tensor.host(2, 5);
    for (int i = 0; i < 10; i++) {
      output.floatsForWriting()[i] = i;
    }
    float[] states = new float[6];
    input.carry(output, states);
    assertArrayEquals(new float[] {2, 3, 4, 7, 8, 9}, states);
  }

  @Test
  void withoutMemory_rowsAreTheObservations() {
    NetworkInput plain = new NetworkInput(Compute.light(), encoder, 0);
    assertEquals(2, plain.size());
    assertArrayEquals(OBSERVATIONS, numbers(plain.of(OBSERVATIONS, 3, new float[0])));
    assertArrayEquals(new float[] {3, 4}, numbers(plain.ofRow(OBSERVATIONS, new float[0], 1)));
    plain.carry(Tensor.host(2, 5), new float[0]);
  }
}
