package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every implementation of dense networks must do; a subclass names the kernels. */
abstract class NetworkContract {
  /** The kernels under test, on a number of threads. */
  abstract Compute compute(int threads);

  /** Relative difference allowed between a directional derivative and its finite difference. */
  double tolerance() {
    return 2e-3; // float: h = 1e-2 balances rounding against curvature
  }

  /** Absolute error allowed in an activation, where its relative accuracy is lost. */
  double activationFloor() {
    return 1e-12;
  }

  private static Tensor random(Compute compute, int rows, int columns, long seed) {
    Tensor x = compute.tensor(rows, columns);
    new Rng(seed).fillGaussian(x.floatsForWriting(), 0, rows * columns);
    return x;
  }

  private static double weightedSum(Tensor y, Tensor weights) {
    double sum = 0;
    for (int i = 0; i < y.size(); i++) {
      sum += (double) y.floats()[i] * weights.floats()[i];
    }
    return sum;
  }

  static Stream<Mlp> shapes() {
    Stream<Mlp> activations =
        Arrays.stream(Activation.values())
            .map(a -> Mlp.of(5, 3, 18, 33).withActivation(a).withOutputActivation(a));
    return Stream.concat(
        activations,
        Stream.of(
            Mlp.of(4, 2, 64, 64),
            Mlp.of(17, 1, 32),
            Mlp.of(16, 16),
            Mlp.of(1, 1),
            Mlp.of(5, 3, 18, 33).withLayerNorm(true),
            Mlp.of(5, 3, 16, 48).withLayerNorm(true).withActivation(Activation.RELU)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void backward_agreesWithFiniteDifferences(Mlp mlp) {
    checkBackward(
        mlp, mlp.activation() == Activation.RELU || mlp.activation() == Activation.LEAKY_RELU);
  }

  @Test
  void backward_agreesWithFiniteDifferences_ofNetworksPutTogether() {
    NetworkSpec heads =
        new NetworkSpec.SideBySide(
            List.of(
                Mlp.of(18, 2), Mlp.of(18, 1, 8), new NetworkSpec.Constant(18, List.of(0.5, -1.0))));
    Mlp body = Mlp.of(5, 18, 24).withOutputActivation(Activation.TANH);
    checkBackward(new NetworkSpec.Stacked(body, heads, false), false);
    checkBackward(
        new NetworkSpec.SideBySide(
            List.of(Mlp.of(5, 1, 16), new NetworkSpec.Stacked(body, heads, true))),
        false);
  }

  @Test
  void backward_agreesWithFiniteDifferences_ofConvolutions() {
    for (boolean channelsFirst : new boolean[] {true, false}) {
      // 7 × 6 pixels of 2 channels: places of the filter overlap, and the last row is seen by none.
      NetworkSpec.Convolution first = convolution(0.5, 7, 6, 2, channelsFirst, 3, 3, 2);
      assertEquals(3, first.outputHeight());
      assertEquals(2, first.outputWidth());
      NetworkSpec.Convolution second =
          convolution(1, first.outputHeight(), first.outputWidth(), 3, false, 4, 2, 1);
      checkBackward(first, false);
      checkBackward(
          new NetworkSpec.Stacked(
              new NetworkSpec.Stacked(first, second, false), Mlp.of(second.outputs(), 2, 5), true),
          false);
    }
  }

  @Test
  void backward_agreesWithFiniteDifferences_ofParallelNetworks() {
    NetworkSpec.Convolution pictures = convolution(1, 4, 4, 1, true, 2, 2, 1);
    NetworkSpec.Parallel parallel =
        new NetworkSpec.Parallel(List.of(pictures, new NetworkSpec.Identity(3), Mlp.of(5, 4, 6)));
    assertEquals(24, parallel.inputs());
    assertEquals(25, parallel.outputs());
    checkBackward(new NetworkSpec.Stacked(parallel, Mlp.of(25, 2, 8), false), false);
  }

  @Test
  void backward_agreesWithFiniteDifferences_throughTime() {
    NetworkSpec.Lstm lstm = new NetworkSpec.Lstm(3, 6);
    checkBackward(lstm, false); // rows whose last column is above ½ begin a sequence
    NetworkSpec below =
        new NetworkSpec.Parallel(
            List.of(Mlp.of(2, 3, 4), new NetworkSpec.Identity(lstm.stateSize() + 1)));
    checkBackward(
        NetworkSpec.Lstm.under(new NetworkSpec.Stacked(below, lstm, false), Mlp.of(6, 2, 5)),
        false);
  }

  @Test
  void convolution_byHand() {
    try (Compute compute = compute(1)) {
      for (boolean channelsFirst : new boolean[] {true, false}) {
        NetworkSpec.Convolution spec = convolution(0.01, 2, 3, 2, channelsFirst, 1, 2, 1);
        Network network = compute.network(spec);
        // W by pixel (row, column) and channel: 1, 10 | 2, 20 | 3, 30 | 4, 40; b = 0.5.
        float[] byPixel = {1, 10, 2, 20, 3, 30, 4, 40, 0.5f};
        float[] byChannel = {1, 2, 3, 4, 10, 20, 30, 40, 0.5f};
        System.arraycopy(
            channelsFirst ? byChannel : byPixel,
            0,
            network.parameters().floatsForWriting(),
            0,
            byPixel.length);
        // Channel 0 is 0 1 2 / 3 4 5, channel 1 is 0.1 at the top right, both in hundredths.
        Tensor x = compute.tensor(1, 12);
        for (int i = 0; i < 6; i++) {
          x.floatsForWriting()[channelsFirst ? i : 2 * i] = i;
        }
        x.floatsForWriting()[channelsFirst ? 8 : 5] = 0.1f;
        float[] y = network.predict(x).floats();
        assertEquals(Math.tanh(0.5 + 0.01 * (2 + 9 + 16)), y[0], 1e-6);
        assertEquals(Math.tanh(0.5 + 0.01 * (1 + 4 + 12 + 20) + 0.02), y[1], 1e-6);
      }
    }
  }

  /** Filters and rows of a common size, so many that they are computed in blocks and shares. */
  @ParameterizedTest
  @CsvSource({"true,8,4,32", "false,4,2,16", "true,3,1,5", "false,3,2,20"})
  void convolution_isItsDefinition(boolean channelsFirst, int kernel, int stride, int filters) {
    int height = 20;
    int width = 17;
    int channels = 4;
    NetworkSpec.Convolution spec =
        new NetworkSpec.Convolution(
            0.5,
            height,
            width,
            channels,
            channelsFirst,
            filters,
            kernel,
            stride,
            Activation.IDENTITY,
            new Mlp.Init.FanInUniform());
    int patch = kernel * kernel * channels;
    int places = spec.outputHeight() * spec.outputWidth();
    try (Compute compute = compute(2)) {
      int pictures = 37;
      Network network = compute.network(spec, new Rng(1));
      Tensor x = random(compute, pictures, spec.inputs(), 2);
      Tensor dy = random(compute, pictures, spec.outputs(), 3);
      float[] theta = network.parameters().floats();
      float[] y = network.forward(x).floats();
      float[] dx = network.backwardWithInput(dy).floats();
      float[] gradient = network.gradient().floats();
      double[] expectedGradient = new double[theta.length];
      double[] expectedInput = new double[pictures * spec.inputs()];
      for (int b = 0; b < pictures; b++) {
        for (int i = 0; i < places; i++) {
          for (int f = 0; f < filters; f++) {
            int at = (b * places + i) * filters + f;
            double d = dy.floats()[at];
            double sum = theta[filters * patch + f];
            for (int q = 0; q < patch; q++) {
              int pixel = b * spec.inputs() + pixel(spec, i, q);
              sum += 0.5 * theta[f * patch + q] * x.floats()[pixel];
              expectedGradient[f * patch + q] += 0.5 * d * x.floats()[pixel];
              expectedInput[pixel] += 0.5 * d * theta[f * patch + q];
            }
            expectedGradient[filters * patch + f] += d;
            assertEquals(sum, y[at], 1e-4);
          }
        }
      }
      for (int i = 0; i < theta.length; i++) {
        assertEquals(expectedGradient[i], gradient[i], 2e-3);
      }
      for (int i = 0; i < expectedInput.length; i++) {
        assertEquals(expectedInput[i], dx[i], 1e-4);
      }
    }
  }

  /** The q-th number that a filter sees at a place, in the order of the picture. */
  private static int pixel(NetworkSpec.Convolution spec, int place, int q) {
    int kernel = spec.kernel();
    int top = place / spec.outputWidth() * spec.stride();
    int left = place % spec.outputWidth() * spec.stride();
    if (spec.channelsFirst()) {
      int row = top + q / kernel % kernel;
      return (q / (kernel * kernel) * spec.height() + row) * spec.width() + left + q % kernel;
    }
    int row = top + q / (kernel * spec.channels());
    int column = left + q / spec.channels() % kernel;
    return (row * spec.width() + column) * spec.channels() + q % spec.channels();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64})
  void threads_doNotChangeABitOfConvolutions(int rows) {
    NetworkSpec spec = convolution(0.1, 20, 17, 4, true, 32, 8, 4);
    float[] alone = gradient(spec, rows, 1);
    assertArrayEquals(alone, gradient(spec, rows, 2), "two threads");
    assertArrayEquals(alone, gradient(spec, rows, 5), "five threads");
  }

  @Test
  void parallel_handsColumnsOn() {
    try (Compute compute = compute(1)) {
      Mlp mlp = Mlp.of(2, 3);
      NetworkSpec spec =
          new NetworkSpec.Parallel(
              List.of(new NetworkSpec.Identity(1), mlp, new NetworkSpec.Identity(2)));
      Network network = compute.network(spec, new Rng(4));
      Network alone = compute.network(mlp, new Rng(4));
      Tensor x = random(compute, 2, 5, 1);
      Tensor part = compute.tensor(2, 2);
      part.copyColumns(x, 1, 0, 2);
      float[] expected = alone.predict(part).floats();
      float[] y = network.predict(x).floats();
      for (int b = 0; b < 2; b++) {
        assertEquals(x.floats()[5 * b], y[6 * b]);
        assertArrayEquals(
            Arrays.copyOfRange(expected, 3 * b, 3 * b + 3),
            Arrays.copyOfRange(y, 6 * b + 1, 6 * b + 4));
        assertEquals(x.floats()[5 * b + 4], y[6 * b + 5]);
      }
      assertThrows(
          IllegalArgumentException.class, () -> compute.network(new NetworkSpec.Identity(2)));
      assertThrows(
          IllegalArgumentException.class,
          () -> new NetworkSpec.Parallel(List.of(new NetworkSpec.Identity(2))));
    }
  }

  private static NetworkSpec.Convolution convolution(
      double scale,
      int height,
      int width,
      int channels,
      boolean channelsFirst,
      int filters,
      int kernel,
      int stride) {
    return new NetworkSpec.Convolution(
        scale,
        height,
        width,
        channels,
        channelsFirst,
        filters,
        kernel,
        stride,
        Activation.TANH,
        new Mlp.Init.FanInUniform());
  }

  @Test
  void moveTowards_isTheSameAsMovingTheParameters() {
    try (Compute compute = compute(1)) {
      Mlp spec = Mlp.of(5, 3, 24, 18).withLayerNorm(true);
      Network moving = compute.network(spec, new Rng(1));
      Network plain = compute.network(spec, new Rng(1));
      Network leader = compute.network(spec, new Rng(2));
      Tensor x = random(compute, 4, 5, 3);
      for (int i = 0; i < 3; i++) {
        moving.moveTowards(leader, 0.1);
        plain.parameters().moveTowards(leader.parameters(), 0.1);
        leader.parameters().scale(1.01);
        assertArrayEquals(plain.parameters().floats(), moving.parameters().floats());
        assertArrayEquals(plain.predict(x).floats(), moving.predict(x).floats());
      }
    }
  }

  @Test
  void stacked_endsWithItsFeatures() {
    try (Compute compute = compute(1)) {
      Mlp body = Mlp.of(5, 18, 24).withOutputActivation(Activation.TANH);
      Mlp head = Mlp.of(18, 2);
      Network both = compute.network(new NetworkSpec.Stacked(body, head, true), new Rng(1));
      Rng random = new Rng(1);
      Network bodyAlone = compute.network(body, random);
      Network headAlone = compute.network(head, random);
      Tensor x = random(compute, 3, 5, 2);
      Tensor hidden = bodyAlone.predict(x);
      Tensor y = headAlone.predict(hidden);
      float[] joined = both.predict(x).floats();
      for (int b = 0; b < 3; b++) {
        assertArrayEquals(
            Arrays.copyOfRange(y.floats(), 2 * b, 2 * b + 2),
            Arrays.copyOfRange(joined, 20 * b, 20 * b + 2));
        assertArrayEquals(
            Arrays.copyOfRange(hidden.floats(), 18 * b, 18 * b + 18),
            Arrays.copyOfRange(joined, 20 * b + 2, 20 * b + 20));
      }
      checkDirectional(both, x, random(compute, 3, 5, 4));
    }
  }

  private void checkBackward(NetworkSpec spec, boolean kinks) {
    try (Compute compute = compute(1)) {
      Network network = compute.network(spec, new Rng(1));
      int rows = 7;
      Tensor x = random(compute, rows, spec.inputs(), 2);
      Tensor weights = random(compute, rows, spec.outputs(), 3);
      // rounding asks for a large h, the kinks of piecewise linear activations for a small one
      double h = kinks ? 5e-4 : 1e-2;
      double tolerance = kinks ? 1e-2 : tolerance();
      network.forward(x);
      float[] dx = network.backwardWithInput(weights).floats().clone();
      float[] gradient = network.gradient().floats().clone();
      // along random directions: every component contributes
      for (int trial = 0; trial < 3; trial++) {
        Tensor direction = random(compute, 1, gradient.length, 10 + trial);
        direction.scale(1 / direction.norm2());
        double analytic = 0;
        for (int i = 0; i < gradient.length; i++) {
          analytic += (double) gradient[i] * direction.floats()[i];
        }
        double numeric =
            difference(
                network.parameters(), direction, h, () -> weightedSum(network.predict(x), weights));
        assertEquals(numeric, analytic, tolerance * scale(gradient), "dL/dθ");

        Tensor move = random(compute, rows, spec.inputs(), 20 + trial);
        move.scale(1 / move.norm2());
        double analyticX = 0;
        for (int i = 0; i < dx.length && i < move.size(); i++) {
          analyticX += (double) dx[i] * move.floats()[i];
        }
        double numericX = difference(x, move, h, () -> weightedSum(network.predict(x), weights));
        assertEquals(numericX, analyticX, tolerance * scale(dx), "dL/dx");
      }
    }
  }

  private static double scale(float[] gradient) {
    double squares = 0;
    for (float g : gradient) {
      squares += (double) g * g;
    }
    return Math.max(0.1, Math.sqrt(squares));
  }

  private static double difference(Tensor variable, Tensor direction, double h, DoubleSupplier f) {
    variable.axpy(h, direction);
    double plus = f.getAsDouble();
    variable.axpy(-2 * h, direction);
    double minus = f.getAsDouble();
    variable.axpy(h, direction);
    return (plus - minus) / (2 * h);
  }

  /** wᵀ(∂y/∂θ v + ∂y/∂x u) equals (wᵀ∂y/∂θ) v + (wᵀ∂y/∂x) u, and without u its first term. */
  private void checkDirectional(Network network, Tensor x, Tensor u) {
    int rows = x.rows();
    Tensor v = network.parameters().like(1, network.parameters().columns());
    new Rng(7).fillGaussian(v.floatsForWriting(), 0, v.size());
    Tensor w = network.parameters().like(rows, network.outputSize());
    new Rng(8).fillGaussian(w.floatsForWriting(), 0, w.size());
    network.forward(x);
    double alone = weightedSum(network.directional(v), w);
    double together = weightedSum(network.directional(v, u), w);
    double again = weightedSum(network.directional(v), w);
    network.gradient().fill(0);
    double input = weightedSum(network.backwardWithInput(w), u);
    double parameters = network.gradient().dot(v);
    double margin = tolerance() * (1 + Math.abs(input) + Math.abs(parameters));
    assertEquals(parameters, alone, margin);
    assertEquals(parameters + input, together, margin);
    assertEquals(alone, again, 1e-6 * margin, "nothing is left over");
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void directional_isTheTransposeOfBackward(Mlp mlp) {
    // uᵀ(∂y/∂θ v) from the R-pass equals (uᵀ∂y/∂θ) v from the backward pass
    try (Compute compute = compute(1)) {
      Network network = compute.network(mlp, new Rng(1));
      int rows = 9;
      Tensor u = random(compute, rows, mlp.outputs(), 3);
      Tensor v = random(compute, 1, mlp.parameterCount(), 4);
      Tensor x = random(compute, rows, mlp.inputs(), 2);
      checkDirectional(network, x, random(compute, rows, mlp.inputs(), 5));
      network.gradient().fill(0);
      network.forward(x);
      double forward = weightedSum(network.directional(v), u);
      network.backward(u);
      double backward = network.gradient().dot(v);
      assertEquals(backward, forward, 1e-4 * Math.max(1, u.norm2() * v.norm2()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 64, 129, 256})
  void threads_doNotChangeABit(int rows) {
    List<Mlp> mlps =
        List.of(
            Mlp.of(17, 6, 256, 256).withActivation(Activation.RELU),
            Mlp.of(300, 1, 130, 100).withActivation(Activation.SWISH).withLayerNorm(true));
    for (Mlp mlp : mlps) {
      float[] alone = gradient(mlp, rows, 1);
      assertArrayEquals(alone, gradient(mlp, rows, 2), mlp + ", two threads");
      assertArrayEquals(alone, gradient(mlp, rows, 5), mlp + ", five threads");
    }
  }

  private float[] gradient(NetworkSpec spec, int rows, int threads) {
    try (Compute compute = compute(threads)) {
      Network network = compute.network(spec, new Rng(1));
      network.forward(random(compute, rows, spec.inputs(), 2));
      network.backward(random(compute, rows, spec.outputs(), 3));
      return network.gradient().floats().clone();
    }
  }

  /** Fresh networks, as what is allocated on first use must be there before two threads need it. */
  @Test
  void threads_doNotChangeABitOfTheInputGradient() {
    int rows = 128;
    for (int repetition = 0; repetition < 200; repetition++) {
      float[][] results = new float[2][];
      for (int threads = 1; threads <= 2; threads++) {
        try (Compute compute = compute(threads)) {
          Network network = compute.network(Mlp.of(5, 1, 8), new Rng(1));
          network.forward(random(compute, rows, 5, 2));
          results[threads - 1] = network.inputGradient(random(compute, rows, 1, 3)).floats();
        }
      }
      assertArrayEquals(results[0], results[1], "repetition " + repetition);
    }
  }

  @Test
  void rows_areIndependentOfTheBatch() {
    try (Compute compute = compute(1)) {
      Network network = compute.network(Mlp.of(4, 2, 64, 64), new Rng(1));
      Tensor x = random(compute, 200, 4, 2);
      float[] all = network.predict(x).floats().clone();
      Tensor one = compute.tensor(1, 4);
      for (int b = 0; b < 200; b += 37) {
        System.arraycopy(x.floats(), 4 * b, one.floatsForWriting(), 0, 4);
        float[] single = network.predict(one).floats();
        assertEquals(all[2 * b], single[0], 1e-5);
        assertEquals(all[2 * b + 1], single[1], 1e-5);
      }
    }
  }

  @Test
  void backward_addsToTheGradient() {
    try (Compute compute = compute(1)) {
      Network network = compute.network(Mlp.of(4, 2, 20), new Rng(1));
      Tensor u = random(compute, 5, 2, 3);
      network.forward(random(compute, 5, 4, 2));
      network.backward(u);
      float[] once = network.gradient().floats().clone();
      network.backward(u);
      for (int i = 0; i < once.length; i++) {
        assertEquals(2 * once[i], network.gradient().floats()[i], 1e-5);
      }
      float[] before = network.gradient().floats().clone();
      network.inputGradient(u);
      assertArrayEquals(before, network.gradient().floats());
    }
  }

  @Test
  void writingParameters_changesTheFunction() {
    try (Compute compute = compute(1)) {
      Network network = compute.network(Mlp.of(3, 1), new Rng(1));
      network.parameters().fill(0);
      float[] theta = network.parameters().floatsForWriting();
      theta[0] = 2; // weight of input 0
      theta[3] = 0.5f; // bias
      Tensor x = compute.tensor(1, 3);
      x.floatsForWriting()[0] = 3;
      assertEquals(6.5f, network.predict(x).floats()[0], 1e-6);
      network.parameters().floatsForWriting()[3] = -0.5f;
      assertEquals(5.5f, network.predict(x).floats()[0], 1e-6);
    }
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void activations_areTheirDefinitions(Activation activation) {
    try (Compute compute = compute(1)) {
      Network network = compute.network(Mlp.of(1, 1).withOutputActivation(activation), new Rng(1));
      network.parameters().floatsForWriting()[0] = 1;
      network.parameters().floatsForWriting()[1] = 0;
      Tensor x = compute.tensor(1, 1);
      for (double value : new double[] {-30, -3, -0.7, -1e-3, 0, 1e-4, 0.3, 2, 25}) {
        x.floatsForWriting()[0] = (float) value;
        double expected = reference(activation, (float) value);
        assertEquals(
            expected,
            network.predict(x).floats()[0],
            2e-6 * Math.abs(expected) + activationFloor(),
            activation + "(" + value + ")");
      }
    }
  }

  private static double reference(Activation activation, double x) {
    return switch (activation) {
      case IDENTITY -> x;
      case RELU -> Math.max(0, x);
      case LEAKY_RELU -> x >= 0 ? x : 0.01 * x;
      case TANH -> Math.tanh(x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case ELU -> x >= 0 ? x : Math.exp(x) - 1;
      case SOFTPLUS -> Math.log1p(Math.exp(x));
      case SWISH -> x / (1 + Math.exp(-x));
      case GELU -> x / (1 + Math.exp(-1.702 * x));
    };
  }

  @Test
  void wrongShapes_areNamed() {
    try (Compute compute = compute(1)) {
      Network network = compute.network(Mlp.of(4, 2, 8), new Rng(1));
      Tensor wrong = compute.tensor(1, 5);
      String message =
          assertThrows(IllegalArgumentException.class, () -> network.predict(wrong)).getMessage();
      assertEquals("the input must have 4 columns, not 5", message);
      Tensor gradient = compute.tensor(1, 2);
      assertThrows(IllegalStateException.class, () -> network.backward(gradient));
      network.forward(compute.tensor(3, 4));
      message =
          assertThrows(IllegalArgumentException.class, () -> network.backward(gradient))
              .getMessage();
      assertEquals("the output gradient must be [3, 2], not [1, 2]", message);
      message =
          assertThrows(IllegalArgumentException.class, () -> network.directional(gradient))
              .getMessage();
      assertEquals("the direction must be [1, 58], not [1, 2]", message);
    }
  }
}
