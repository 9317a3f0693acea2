package org.deeprl4j.policy;

import java.util.Arrays;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;

/**
 * What a network is given when it acts: encoded observations and, if it has a memory, the states
 * that it is in, as {@link NetworkSpec#stateSize} has it. Reused.
 */
public final class NetworkInput {
  private final Compute compute;
  private final ObservationEncoder encoder;
  private final int stateSize;
  private final int size;
  private int capacity = 1;
  private Tensor input;
  private float[] encoded = {};
  private final float[] observation;

  /**
   * Creates room for one row, which grows.
   *
   * @param stateSize S of the network, 0 if it has no memory
   */
  public NetworkInput(Compute compute, ObservationEncoder encoder, int stateSize) {
    this.compute = compute;
    this.encoder = encoder;
    this.stateSize = stateSize;
    size = sizeOf(encoder, stateSize);
    input = compute.tensor(capacity, size);
    observation = new float[encoder.space().size()];
  }

  /** Columns of what a network with so many numbers of state is given. */
  static int sizeOf(ObservationEncoder encoder, int stateSize) {
    return encoder.size() + (stateSize == 0 ? 0 : stateSize + 1);
  }

  /** Numbers of a row. */
  public int size() {
    return size;
  }

  /**
   * The network's input for observations.
   *
   * @param observations raw, [rows, encoder.space().size()]; not modified
   * @param states [rows, S], 0 where an episode begins; not modified
   * @return [rows, size()], valid until the next call
   */
  public Tensor of(float[] observations, int rows, float[] states) {
    return of(observations, rows, states, 0);
  }

  /** The network's input for one row of observations and states alone. */
  public Tensor ofRow(float[] observations, float[] states, int row) {
    System.arraycopy(observations, row * observation.length, observation, 0, observation.length);
    return of(observation, 1, states, row);
  }

  private Tensor of(float[] observations, int rows, float[] states, int firstState) {
    if (rows > capacity) {
      capacity = rows;
      input = compute.tensor(rows, size);
    }
    input.setRows(rows);
    float[] x = input.floatsForWriting();
    if (stateSize == 0) {
      encoder.encode(observations, rows, x);
      return input;
    }
    int columns = encoder.size();
    if (encoded.length < rows * columns) {
      encoded = new float[rows * columns];
    }
    encoder.encode(observations, rows, encoded);
    for (int b = 0; b < rows; b++) {
      System.arraycopy(encoded, b * columns, x, b * size, columns);
      System.arraycopy(states, (firstState + b) * stateSize, x, b * size + columns, stateSize);
      x[b * size + size - 1] = 1; // each row begins with its state
    }
    return input;
  }

  /**
   * Begins an episode in a row, with the state 0.
   *
   * @param states [rows, S]. Modified.
   */
  public void forget(float[] states, int row) {
    Arrays.fill(states, row * stateSize, (row + 1) * stateSize, 0);
  }

  /**
   * Takes the next states out of the network's output.
   *
   * @param output [rows, out]; not modified
   * @param states receives [rows, S]. Modified.
   */
  public void carry(Tensor output, float[] states) {
    int columns = output.columns();
    for (int b = 0; b < output.rows() && stateSize > 0; b++) {
      int from = output.offset() + (b + 1) * columns - stateSize;
      System.arraycopy(output.floats(), from, states, b * stateSize, stateSize);
    }
  }
}
