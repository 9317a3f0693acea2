package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class LstmNetworkTest {
  private static final int IN = 5;
  private static final int UNITS = 7;
  private static final NetworkSpec.Lstm SPEC = new NetworkSpec.Lstm(IN, UNITS);
  private static final int FLAG = SPEC.inputs() - 1;
  private static final Compute COMPUTE = Compute.create(Compute.Kernels.VECTOR, 1);

  /** Lengths of sequences, in the order of their rows. */
  private static final int[] LENGTHS = {3, 1, 6, 3};

  private static final int ROWS = 13;

  @AfterAll
  static void close() {
    COMPUTE.close();
  }

  private static Network network() {
    Network network = COMPUTE.network(SPEC, new Rng(1));
    new Rng(2)
        .fillGaussian(network.parameters().floatsForWriting(), 0, network.parameters().size());
    network.parameters().scale(0.4);
    return network;
  }

  /** Sequences of {@link #LENGTHS} from states that are zero or drawn. */
  private static Tensor sequences(boolean fromZero) {
    Tensor x = COMPUTE.tensor(ROWS, SPEC.inputs());
    float[] values = x.floatsForWriting();
    new Rng(3).fillGaussian(values, 0, x.size());
    int row = 0;
    for (int length : LENGTHS) {
      for (int k = 0; k < length; k++, row++) {
        values[row * SPEC.inputs() + FLAG] = k == 0 ? 1 : 0;
        for (int j = IN; j < FLAG && fromZero; j++) {
          values[row * SPEC.inputs() + j] = 0;
        }
      }
    }
    return x;
  }

  @Test
  void outputsAndGradients_areThoseOfDl4j() {
    MultiLayerNetwork dl4j =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new LSTM.Builder().nIn(IN).nOut(UNITS).activation(Activation.TANH).build())
                .build());
    dl4j.init();
    Network network = network();
    assertEquals(dl4j.numParams(), network.parameters().size());
    dl4j.setParams(Nd4j.createFromArray(new float[][] {network.parameters().floats()}));
    Tensor x = sequences(true);
    float[] y = network.forward(x).floats().clone();
    Tensor dy = COMPUTE.tensor(ROWS, SPEC.outputs());
    new Rng(4).fillGaussian(dy.floatsForWriting(), 0, dy.size());
    for (int b = 0; b < ROWS; b++) { // DL4J has no gradient for the state
      for (int j = UNITS; j < SPEC.outputs(); j++) {
        dy.floatsForWriting()[b * SPEC.outputs() + j] = 0;
      }
    }
    float[] dx = network.backwardWithInput(dy).floats();
    float[] expected = new float[network.parameters().size()];
    int row = 0;
    for (int length : LENGTHS) {
      INDArray input = byTime(x.floats(), row, length, SPEC.inputs(), IN);
      dl4j.setInput(input);
      List<INDArray> activations = dl4j.feedForward(true, false);
      INDArray output = activations.get(activations.size() - 1); // [1, units, time]
      INDArray inputGradient =
          dl4j.backpropGradient(
                  byTime(dy.floats(), row, length, SPEC.outputs(), UNITS),
                  LayerWorkspaceMgr.noWorkspaces())
              .getSecond();
      for (int k = 0; k < length; k++, row++) {
        for (int j = 0; j < UNITS; j++) {
          assertEquals(output.getFloat(0, j, k), y[row * SPEC.outputs() + j], 2e-6f);
        }
        for (int j = 0; j < IN; j++) {
          assertEquals(inputGradient.getFloat(0, j, k), dx[row * SPEC.inputs() + j], 1e-5f);
        }
      }
      INDArray gradient = dl4j.getFlattenedGradients();
      for (int i = 0; i < expected.length; i++) {
        expected[i] += gradient.getFloat(i);
      }
    }
    assertArrayEquals(expected, network.gradient().floats(), 2e-5f);
  }

  /** Rows as a sequence of DL4J's, [1, columns, time]. */
  private static INDArray byTime(float[] values, int first, int length, int ld, int columns) {
    INDArray sequence = Nd4j.create(1, columns, length);
    for (int k = 0; k < length; k++) {
      for (int j = 0; j < columns; j++) {
        sequence.putScalar(0, j, k, values[(first + k) * ld + j]);
      }
    }
    return sequence;
  }

  /** What acting does, a row at a time with the state handed on, is what training sees. */
  @Test
  void sequences_areStepsWithTheStateHandedOn() {
    Network network = network();
    Tensor x = sequences(false);
    float[] all = network.predict(x).floats().clone();
    Tensor one = COMPUTE.tensor(1, SPEC.inputs());
    float[] state = new float[SPEC.stateSize()];
    for (int b = 0; b < ROWS; b++) {
      float[] row = one.floatsForWriting();
      System.arraycopy(x.floats(), b * SPEC.inputs(), row, 0, SPEC.inputs());
      if (row[FLAG] == 0) {
        System.arraycopy(state, 0, row, IN, state.length);
        row[FLAG] = 1;
      }
      float[] y = network.predict(one).floats();
      for (int j = 0; j < SPEC.outputs(); j++) {
        assertEquals(all[b * SPEC.outputs() + j], y[j], 1e-6f, "row " + b);
      }
      System.arraycopy(y, UNITS, state, 0, state.length);
    }
  }

  /**
   * A row that continues another one does not look at its own state, and none at another sequence.
   */
  @Test
  void gradients_stayWithinTheirSequence() {
    Network network = network();
    Tensor x = sequences(false);
    network.forward(x);
    Tensor dy = COMPUTE.tensor(ROWS, SPEC.outputs());
    dy.floatsForWriting()[8 * SPEC.outputs()] = 1; // the fifth row of the third sequence
    float[] dx = network.inputGradient(dy).floats();
    for (int b = 0; b < ROWS; b++) {
      boolean seesInput = b >= 4 && b <= 8;
      for (int j = 0; j < SPEC.inputs(); j++) {
        boolean flows = j < IN ? seesInput : b == 4 && j != FLAG;
        assertEquals(flows, dx[b * SPEC.inputs() + j] != 0, b + ", " + j);
      }
    }
  }

  @Test
  void anotherBatch_doesNotChangeASequence() {
    Network network = network();
    Tensor x = sequences(false);
    float[] all = network.predict(x).floats().clone();
    Tensor third = COMPUTE.tensor(6, SPEC.inputs());
    System.arraycopy(x.floats(), 4 * SPEC.inputs(), third.floatsForWriting(), 0, 6 * SPEC.inputs());
    float[] alone = network.predict(third).floats();
    for (int i = 0; i < 6 * SPEC.outputs(); i++) {
      assertEquals(all[4 * SPEC.outputs() + i], alone[i], 1e-6f);
    }
  }

  @Test
  void weights_startOrthogonalAndTheForgetGateOpen() {
    int units = 12;
    int in = 3;
    float[] theta =
        COMPUTE.network(new NetworkSpec.Lstm(in, units), new Rng(5)).parameters().floats();
    int recurrent = 4 * units * in;
    for (int part = 0; part < 4; part++) {
      for (int i = 0; i < units; i++) {
        for (int k = 0; k < units; k++) {
          double dot = 0;
          for (int j = 0; j < units; j++) {
            dot +=
                theta[recurrent + (part * units + i) * units + j]
                    * theta[recurrent + (part * units + k) * units + j];
          }
          assertEquals(i == k ? 1 : 0, dot, 1e-6);
        }
      }
    }
    for (int j = 0; j < 4 * units; j++) {
      boolean forget = j >= units && j < 2 * units;
      assertEquals(forget ? 1 : 0, theta[recurrent + 4 * units * units + j]);
    }
  }

  /** Sequences of so many rows, from states that are drawn. */
  private static Tensor sequences(Compute compute, NetworkSpec.Lstm spec, int... lengths) {
    int rows = Arrays.stream(lengths).sum();
    Tensor x = compute.tensor(rows, spec.inputs());
    float[] values = x.floatsForWriting();
    new Rng(3).fillGaussian(values, 0, x.size());
    int row = 0;
    for (int length : lengths) {
      for (int k = 0; k < length; k++, row++) {
        values[(row + 1) * spec.inputs() - 1] = k == 0 ? 1 : 0;
      }
    }
    return x;
  }

  /** Outputs, the gradient, and that of the input, one after the other. */
  private static float[] passes(
      Compute.Kernels kernels, int threads, NetworkSpec.Lstm spec, int... lengths) {
    try (Compute compute = Compute.create(kernels, threads)) {
      Network network = compute.network(spec, new Rng(1));
      Tensor x = sequences(compute, spec, lengths);
      Tensor dy = compute.tensor(x.rows(), spec.outputs());
      new Rng(4).fillGaussian(dy.floatsForWriting(), 0, dy.size());
      float[] y = network.forward(x).floats();
      network.backward(dy);
      float[] dx = network.backwardWithInput(dy).floats(); // a second time
      float[] g = network.gradient().floats();
      float[] all = Arrays.copyOf(y, x.rows() * spec.outputs() + g.length + x.size());
      System.arraycopy(g, 0, all, x.rows() * spec.outputs(), g.length);
      System.arraycopy(dx, 0, all, x.rows() * spec.outputs() + g.length, x.size());
      return all;
    }
  }

  static Stream<Arguments> batches() {
    int[] one = {40};
    int[] unequal = {30, 1, 17, 3, 25, 25, 9, 2, 14, 40};
    return Stream.of(
        Arguments.of(new NetworkSpec.Lstm(20, 256), one), // by units
        Arguments.of(new NetworkSpec.Lstm(3, 200), unequal), // by units, the last panel narrower
        Arguments.of(new NetworkSpec.Lstm(3, 40), unequal), // by sequences
        Arguments.of(new NetworkSpec.Lstm(16, 64), new int[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
  }

  @ParameterizedTest
  @MethodSource("batches")
  void threads_doNotChangeABit(NetworkSpec.Lstm spec, int[] lengths) {
    for (Compute.Kernels kernels : List.of(Compute.Kernels.VECTOR, Compute.Kernels.JAVA)) {
      float[] alone = passes(kernels, 1, spec, lengths);
      for (int threads = 2; threads <= 4; threads++) {
        assertArrayEquals(alone, passes(kernels, threads, spec, lengths), kernels + ", " + threads);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("batches")
  void kernels_agree(NetworkSpec.Lstm spec, int[] lengths) {
    float[] java = passes(Compute.Kernels.JAVA, 1, spec, lengths);
    for (Compute.Kernels kernels : List.of(Compute.Kernels.VECTOR, Compute.Kernels.BLAS)) {
      float[] other = passes(kernels, 2, spec, lengths);
      for (int i = 0; i < java.length; i++) {
        assertEquals(java[i], other[i], 1e-4f * (1 + Math.abs(java[i])), kernels + ", " + i);
      }
    }
  }

  @Test
  void passes_allocateNothing() {
    // Plain Java, as vectors are objects until the compiler has seen enough of them.
    Compute java = Compute.create(Compute.Kernels.JAVA, 1);
    Network network = java.network(SPEC, new Rng(1));
    Tensor x = sequences(false);
    Tensor dy = COMPUTE.tensor(ROWS, SPEC.outputs());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = Long.MAX_VALUE;
    for (int trial = 0; trial < 200 && allocated > 0; trial++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 50; i++) {
        network.forward(x);
        network.backward(dy);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertEquals(0, allocated);
    java.close();
  }

  @Test
  void backward_needsAForwardPass() {
    Network network = network();
    Tensor dy = COMPUTE.tensor(ROWS, SPEC.outputs());
    assertThrows(IllegalStateException.class, () -> network.backward(dy));
    network.forward(sequences(true));
    network.predict(sequences(true));
    assertThrows(IllegalStateException.class, () -> network.backward(dy));
    assertThrows(
        UnsupportedOperationException.class, () -> network.directional(network.parameters()));
  }

  @Test
  void state_isPassedOnByWhatStandsAround() {
    NetworkSpec with = NetworkSpec.Lstm.under(SPEC, Mlp.of(UNITS, 2, 4));
    assertEquals(2 * UNITS, with.stateSize());
    assertEquals(SPEC.inputs(), with.inputs());
    assertEquals(2 + 2 * UNITS, with.outputs());
    Mlp plain = Mlp.of(3 * UNITS, 2);
    assertThrows(IllegalArgumentException.class, () -> new NetworkSpec.Stacked(SPEC, plain, false));
    Mlp below = Mlp.of(2, SPEC.inputs());
    assertThrows(IllegalArgumentException.class, () -> new NetworkSpec.Stacked(below, SPEC, false));
    assertThrows(
        IllegalArgumentException.class, () -> new NetworkSpec.SideBySide(List.of(SPEC, SPEC)));
    String why =
        assertThrows(
                IllegalArgumentException.class,
                () -> new NetworkSpec.Parallel(List.of(SPEC, new NetworkSpec.Identity(1))))
            .getMessage();
    assertTrue(why.contains("cannot have a memory"), why);
    assertThrows(IllegalArgumentException.class, () -> new NetworkSpec.Lstm(0, 4));
    assertThrows(IllegalArgumentException.class, () -> new NetworkSpec.Lstm(4, 0));
    assertThrows(
        ArithmeticException.class, () -> new NetworkSpec.Lstm(4, 1 << 30).parameterCount());
  }
}
