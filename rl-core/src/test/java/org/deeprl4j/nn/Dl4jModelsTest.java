package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;

final class Dl4jModelsTest {
  static Stream<Mlp> shapes() {
    return NetworkContract.shapes();
  }

  private static Tensor random(Compute compute, int rows, int columns, long seed) {
    Tensor x = compute.tensor(rows, columns);
    new Rng(seed).fillGaussian(x.floatsForWriting(), 0, rows * columns);
    return x;
  }

  /** A picture of 6 × 6 in two channels through a convolution to three numbers. */
  private static MultiLayerConfiguration convolutional() {
    return new NeuralNetConfiguration.Builder()
        .weightInit(WeightInit.XAVIER)
        .activation(Activation.TANH)
        .list()
        .layer(
            new ConvolutionLayer.Builder(3, 3)
                .nIn(2)
                .nOut(4)
                .stride(1, 1)
                .activation(Activation.SIGMOID)
                .build())
        .layer(new DenseLayer.Builder().nOut(8).build())
        .layer(new DenseLayer.Builder().nOut(3).activation(Activation.IDENTITY).build())
        .setInputType(InputType.convolutionalFlat(6, 6, 2))
        .build();
  }

  @Test
  void convolution_agreesWithDl4j() {
    MultiLayerNetwork theirs = new MultiLayerNetwork(convolutional());
    theirs.init();
    theirs.getParam("0_b").assign(0.1);
    NetworkSpec.Convolution layer =
        new NetworkSpec.Convolution(
            1,
            6,
            6,
            2,
            true,
            4,
            3,
            1,
            org.deeprl4j.nn.Activation.SIGMOID,
            new Mlp.Init.FanInUniform());
    NetworkSpec spec = new NetworkSpec.Stacked(layer, Mlp.of(layer.outputs(), 3, 8), false);
    for (Compute.Kernels kernels :
        new Compute.Kernels[] {Compute.Kernels.VECTOR, Compute.Kernels.ND4J}) {
      try (Compute compute = Compute.create(kernels, 2)) {
        Network ours = compute.network(spec);
        copyConvolutional(theirs, ours.parameters().floatsForWriting());
        Tensor x = random(compute, 5, 72, 1);
        Tensor dy = random(compute, 5, 3, 2);
        INDArray expected = theirs.output(x.array().dup());
        assertArrayEquals(expected.toFloatMatrix()[4], rowsOf(ours.forward(x), 5, 3)[4], 1e-5f);
        // The gradient by the filter's bias says that backward passes agree too.
        theirs.setInput(x.array().dup());
        theirs.feedForward(true, false);
        float[] bias =
            theirs
                .backpropGradient(dy.array().dup(), null)
                .getFirst()
                .getGradientFor("0_b")
                .toFloatVector();
        ours.backward(dy);
        float[] gradient = ours.gradient().floats();
        for (int i = 0; i < 4; i++) {
          assertEquals(bias[i], gradient[72 + i], 1e-4f);
        }
      }
    }
  }

  private static float[][] rowsOf(Tensor tensor, int rows, int columns) {
    float[][] out = new float[rows][columns];
    for (int b = 0; b < rows; b++) {
      System.arraycopy(tensor.floats(), b * columns, out[b], 0, columns);
    }
    return out;
  }

  /** DL4J's pictures are [channel, row, column] between layers too, ours [row, column, channel]. */
  private static void copyConvolutional(MultiLayerNetwork from, float[] theta) {
    int p = 0;
    for (float w : from.getParam("0_W").dup('c').data().asFloat()) {
      theta[p++] = w;
    }
    for (float b : from.getParam("0_b").toFloatVector()) {
      theta[p++] = b;
    }
    INDArray w = from.getParam("1_W"); // [64, 8]
    for (int o = 0; o < 8; o++) {
      for (int place = 0; place < 16; place++) {
        for (int channel = 0; channel < 4; channel++) {
          theta[p++] = w.getFloat(channel * 16 + place, o);
        }
      }
    }
    for (float b : from.getParam("1_b").toFloatVector()) {
      theta[p++] = b;
    }
    for (int o = 0; o < 3; o++) {
      for (int i = 0; i < 8; i++) {
        theta[p++] = from.getParam("2_W").getFloat(i, o);
      }
    }
    for (float b : from.getParam("2_b").toFloatVector()) {
      theta[p++] = b;
    }
    assertEquals(theta.length, p);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void everyKernel_agreesWithDl4j(Mlp mlp) {
    float[] theta = null;
    for (Compute.Kernels kernels :
        new Compute.Kernels[] {
          Compute.Kernels.VECTOR, Compute.Kernels.BLAS, Compute.Kernels.JAVA, Compute.Kernels.ND4J
        }) {
      try (Compute compute = Compute.create(kernels, 1)) {
        Network network = compute.network(mlp, new Rng(7));
        float[] own = network.parameters().floats().clone();
        if (theta == null) {
          theta = own;
        }
        assertArrayEquals(theta, own, "the same parameters from the same generator");

        Tensor x = random(compute, 5, mlp.inputs(), 1);
        Tensor dy = random(compute, 5, mlp.outputs(), 2);
        MultiLayerNetwork model = Dl4jModels.toDl4j(mlp, network.parameters());
        assertArrayEquals(theta, model.params().toFloatVector());
        float[] expected = model.output(x.array(), false).dup('c').data().asFloat();
        assertArrayEquals(expected, network.predict(x).floats(), 2e-5f);
        assertArrayEquals(expected, network.forward(x).floats(), 2e-5f);

        network.backward(dy);
        Dl4jNetwork reference =
            new Dl4jNetwork(
                new NetworkSpec.Dl4j(
                    mlp.inputs(), mlp.outputs(), Dl4jModels.configuration(mlp).toJson()),
                Tensor.nd4j(org.nd4j.linalg.api.buffer.DataType.FLOAT, 0, 1),
                new Rng(1));
        reference.parameters().copyFrom(network.parameters());
        reference.forward(x);
        reference.backward(dy);
        float[] gradient = reference.gradient().floats();
        for (int i = 0; i < gradient.length; i++) {
          assertEquals(
              gradient[i],
              network.gradient().floats()[i],
              2e-4 * Math.max(1, Math.abs(gradient[i])),
              "gradient of parameter " + i);
        }
      }
    }
  }

  @Test
  void denseStack_runsOnTheFusedKernels_withDl4jsInitialValues() {
    MultiLayerConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .seed(3)
            .weightInit(WeightInit.RELU)
            .biasInit(0.25)
            .activation(Activation.RELU)
            .list()
            .layer(new DenseLayer.Builder().nIn(4).nOut(32).build())
            .layer(new DenseLayer.Builder().nIn(32).nOut(16).build())
            .layer(new DenseLayer.Builder().nIn(16).nOut(2).activation(Activation.IDENTITY).build())
            .build();
    NetworkSpec spec = Dl4jModels.describe(configuration);
    Mlp mlp = assertInstanceOf(Mlp.class, spec);
    assertEquals(java.util.List.of(32, 16), mlp.hidden());
    assertEquals(org.deeprl4j.nn.Activation.RELU, mlp.activation());
    try (Compute compute = Compute.create(Compute.Kernels.VECTOR, 1)) {
      Network network = compute.network(configuration, new Rng(5));
      assertInstanceOf(DenseNetwork.class, network);
      // biases as configured, weights neither 0 nor those of another seed
      assertEquals(0.25f, network.parameters().floats()[4 * 32]);
      Network again = compute.network(configuration, new Rng(5));
      Network other = compute.network(configuration, new Rng(6));
      assertArrayEquals(network.parameters().floats(), again.parameters().floats());
      assertFalse(
          java.util.Arrays.equals(network.parameters().floats(), other.parameters().floats()));
    }
  }

  @Test
  void convolution_agreesWithFiniteDifferences() {
    try (Compute compute = Compute.create(Compute.Kernels.VECTOR, 1)) {
      Network network = compute.network(convolutional(), new Rng(5));
      assertInstanceOf(Dl4jNetwork.class, network);
      assertEquals(72, network.inputSize());
      assertEquals(3, network.outputSize());
      Tensor x = random(compute, 4, 72, 1);
      Tensor dy = random(compute, 4, 3, 2);
      network.forward(x);
      float[] dx = network.backwardWithInput(dy).floats().clone();
      float[] gradient = network.gradient().floats().clone();
      float[] only = network.forward(x).floats().clone();
      assertArrayEquals(only, network.predict(x).floats(), 1e-6f);
      network.forward(x);
      assertArrayEquals(dx, network.inputGradient(dy).floats());
      assertArrayEquals(gradient, network.gradient().floats());

      Tensor direction = random(compute, 1, gradient.length, 3);
      direction.scale(1 / direction.norm2());
      double expected = 0;
      for (int i = 0; i < gradient.length; i++) {
        expected += (double) gradient[i] * direction.floats()[i];
      }
      double h = 1e-2;
      network.parameters().axpy(h, direction);
      double plus = network.predict(x).dot(dy);
      network.parameters().axpy(-2 * h, direction);
      double minus = network.predict(x).dot(dy);
      assertEquals(expected, (plus - minus) / (2 * h), 5e-3);

      network.parameters().axpy(h, direction);
      Tensor move = random(compute, 4, 72, 4);
      move.scale(1 / move.norm2());
      double expectedX = 0;
      for (int i = 0; i < dx.length; i++) {
        expectedX += (double) dx[i] * move.floats()[i];
      }
      x.axpy(h, move);
      plus = network.predict(x).dot(dy);
      x.axpy(-2 * h, move);
      minus = network.predict(x).dot(dy);
      assertEquals(expectedX, (plus - minus) / (2 * h), 5e-3);
    }
  }

  @Test
  void convolution_worksBesideADenseNetwork() {
    try (Compute compute = Compute.create(Compute.Kernels.VECTOR, 2)) {
      Network both =
          compute.sideBySide(
              compute.network(Mlp.of(72, 1, 16), new Rng(1)),
              compute.network(convolutional(), new Rng(2)));
      Tensor x = random(compute, 5, 72, 3);
      Tensor dy = random(compute, 5, 4, 4);
      both.forward(x);
      both.backward(dy);
      Network alone = compute.network(convolutional(), new Rng(2));
      Tensor part = compute.tensor(5, 3);
      for (int b = 0; b < 5; b++) {
        System.arraycopy(dy.floats(), 4 * b + 1, part.floatsForWriting(), 3 * b, 3);
      }
      alone.forward(x);
      alone.backward(part);
      int from = Mlp.of(72, 1, 16).parameterCount();
      float[] expected = alone.gradient().floats();
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], both.gradient().floats()[from + i], 1e-5);
      }
    }
  }

  @Test
  void directional_isNotOfferedForConvolutions() {
    try (Compute compute = Compute.create(Compute.Kernels.VECTOR, 1)) {
      Network network = compute.network(convolutional(), new Rng(5));
      network.forward(random(compute, 2, 72, 1));
      Tensor v = random(compute, 1, network.parameters().columns(), 1);
      UnsupportedOperationException e =
          assertThrows(UnsupportedOperationException.class, () -> network.directional(v));
      assertTrue(
          e.getMessage().endsWith("layers ConvolutionLayer, DenseLayer, DenseLayer"),
          e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Compute.Kernels.class,
      names = {"VECTOR", "BLAS", "ND4J"})
  void thereAndBackByAFile_changesNoBit(Compute.Kernels kernels, @TempDir Path folder)
      throws Exception {
    try (Compute compute = Compute.create(kernels, 1)) {
      Mlp mlp =
          Mlp.of(6, 2, 32, 32).withActivation(org.deeprl4j.nn.Activation.ELU).withLayerNorm(true);
      Network network = compute.network(mlp, new Rng(4));
      Path file = folder.resolve("model.zip");
      Dl4jModels.write(Dl4jModels.toDl4j(mlp, network.parameters()), file);
      assertEquals(1, Files.list(folder).count());
      MultiLayerNetwork read = Dl4jModels.read(file);
      Network back = Dl4jModels.fromDl4j(compute, read);
      assertEquals(network.getClass(), back.getClass());
      assertArrayEquals(network.parameters().floats(), back.parameters().floats());
      Tensor x = random(compute, 9, 6, 1);
      assertArrayEquals(network.predict(x).floats(), back.predict(x).floats());
      INDArray output = read.output(x.array(), false);
      assertArrayEquals(output.dup('c').data().asFloat(), network.predict(x).floats(), 2e-5f);
    }
  }

  @Test
  void convolution_thereAndBack_changesNoBit() {
    try (Compute compute = Compute.create(Compute.Kernels.VECTOR, 1)) {
      NetworkSpec spec = Dl4jModels.describe(convolutional());
      Network network = compute.network(spec, new Rng(4));
      MultiLayerNetwork model = Dl4jModels.toDl4j(spec, network.parameters());
      Network back = Dl4jModels.fromDl4j(compute, model);
      assertArrayEquals(network.parameters().floats(), back.parameters().floats());
      Tensor x = random(compute, 3, 72, 1);
      assertArrayEquals(
          model.output(x.array(), false).dup('c').data().asFloat(), back.predict(x).floats());
    }
  }

  @Test
  void whatCannotRun_isNamed() {
    NeuralNetConfiguration.Builder builder = new NeuralNetConfiguration.Builder();
    assertMessage(builder.list().layer(new LSTM.Builder().nIn(3).nOut(2).build()).build(), "LSTM");
    assertMessage(
        new NeuralNetConfiguration.Builder()
            .list()
            .layer(new DenseLayer.Builder().nIn(3).nOut(2).build())
            .layer(new OutputLayer.Builder().nIn(2).nOut(2).build())
            .build(),
        "must not have an output layer");
    assertMessage(
        new NeuralNetConfiguration.Builder()
            .l2(1e-4)
            .list()
            .layer(new DenseLayer.Builder().nIn(3).nOut(2).build())
            .build(),
        "regularisation");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Dl4jModels.toDl4j(
                    new NetworkSpec.Constant(3, java.util.List.of(1.0)), Tensor.host(1, 1)));
    assertTrue(e.getMessage().endsWith("not Constant"), e.getMessage());
  }

  private static void assertMessage(MultiLayerConfiguration configuration, String part) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Dl4jModels.describe(configuration))
            .getMessage();
    assertTrue(message.contains(part), message);
  }
}
