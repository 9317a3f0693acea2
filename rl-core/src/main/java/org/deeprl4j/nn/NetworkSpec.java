package org.deeprl4j.nn;

import java.util.List;
import java.util.Objects;

/**
 * A network described as data: what a policy file holds beside the parameters, and what {@link
 * Compute#network(NetworkSpec, org.deeprl4j.random.Rng)} builds.
 */
public sealed interface NetworkSpec
    permits Mlp,
        NetworkSpec.Constant,
        NetworkSpec.SideBySide,
        NetworkSpec.Stacked,
        NetworkSpec.Parallel,
        NetworkSpec.Identity,
        NetworkSpec.Convolution,
        NetworkSpec.Lstm,
        NetworkSpec.Dl4j {

  /** Columns of the input. */
  int inputs();

  /** Columns of the output. */
  int outputs();

  /** The number of parameters, P, less than 2³¹. */
  int parameterCount();

  /**
   * S, the numbers that a network with memory carries from a row to the next one; 0 without memory.
   *
   * <p>The input then ends with S columns for the state that a row begins with, and one that is 1
   * if it does, and 0 if it continues the row above, whose next state it takes instead. The output
   * ends with the S columns of the next state. So the network is a function of its input like any
   * other: it keeps nothing.
   */
  default int stateSize() {
    return 0;
  }

  /**
   * The same trainable outputs for every input, such as a free log σ.
   *
   * @param inputs columns of the input, which is ignored
   * @param initial the initial outputs
   */
  record Constant(int inputs, List<Double> initial) implements NetworkSpec {
    /** Copies the list. */
    public Constant {
      initial = List.copyOf(initial);
    }

    @Override
    public int outputs() {
      return initial.size();
    }

    @Override
    public int parameterCount() {
      return initial.size();
    }
  }

  /**
   * Networks of the same input whose outputs stand side by side and whose parameters follow one
   * another.
   *
   * @param parts at least one
   */
  record SideBySide(List<NetworkSpec> parts) implements NetworkSpec {
    /** Checks that the inputs agree. */
    public SideBySide {
      parts = List.copyOf(parts);
      if (parts.isEmpty()) {
        throw new IllegalArgumentException("networks side by side need at least one part");
      }
      for (NetworkSpec part : parts) {
        if (part.inputs() != parts.get(0).inputs()) {
          throw new IllegalArgumentException(
              "networks side by side must have the same inputs, not "
                  + parts.stream().map(NetworkSpec::inputs).toList());
        }
        requireNoMemory("networks side by side", part);
      }
    }

    @Override
    public int inputs() {
      return parts.get(0).inputs();
    }

    @Override
    public int outputs() {
      return parts.stream().mapToInt(NetworkSpec::outputs).sum();
    }

    @Override
    public int parameterCount() {
      return parts.stream().mapToInt(NetworkSpec::parameterCount).reduce(0, Math::addExact);
    }
  }

  /**
   * One network on top of another: y = head(body(x)), or {@code [y | body(x)]}, the parameters the
   * body's, then the head's.
   *
   * @param body gives features of the input
   * @param head takes them
   * @param features whether the outputs end with the features
   */
  record Stacked(NetworkSpec body, NetworkSpec head, boolean features) implements NetworkSpec {
    /** Checks that the two fit. */
    public Stacked {
      if (head.inputs() != body.outputs()) {
        throw new IllegalArgumentException(
            "a head of %d inputs does not fit on a body of %d outputs"
                .formatted(head.inputs(), body.outputs()));
      }
      if (features) {
        requireNoMemory("networks whose features are outputs", body);
        requireNoMemory("networks whose features are outputs", head);
      }
      if ((body.stateSize() > 0 && !passes(head, body.stateSize()))
          || (head.stateSize() > 0 && !passes(body, head.stateSize() + 1))) {
        throw new IllegalArgumentException(
            "a network on or under one with memory must be Parallel and end with an Identity that passes"
                + " the state on");
      }
    }

    @Override
    public int inputs() {
      return body.inputs();
    }

    @Override
    public int outputs() {
      return head.outputs() + (features ? body.outputs() : 0);
    }

    @Override
    public int parameterCount() {
      return Math.addExact(body.parameterCount(), head.parameterCount());
    }

    @Override
    public int stateSize() {
      return body.stateSize() + head.stateSize();
    }
  }

  /**
   * Networks of different columns: the first takes the first columns of the input, the second those
   * that follow, and so on; outputs and parameters follow one another. It has no directional
   * derivative.
   *
   * @param parts at least one that has parameters; of each other, {@link Identity}
   */
  record Parallel(List<NetworkSpec> parts) implements NetworkSpec {
    /** Checks that there is something to learn. */
    public Parallel {
      parts = List.copyOf(parts);
      if (parts.stream().allMatch(Identity.class::isInstance)) {
        throw new IllegalArgumentException(
            "parallel networks need at least one part with parameters, not " + parts);
      }
      parts.forEach(part -> requireNoMemory("parallel networks", part));
    }

    @Override
    public int inputs() {
      return parts.stream().mapToInt(NetworkSpec::inputs).reduce(0, Math::addExact);
    }

    @Override
    public int outputs() {
      return parts.stream().mapToInt(NetworkSpec::outputs).reduce(0, Math::addExact);
    }

    @Override
    public int parameterCount() {
      return parts.stream().mapToInt(NetworkSpec::parameterCount).reduce(0, Math::addExact);
    }
  }

  /**
   * Columns that pass unchanged, as a part of {@link Parallel}.
   *
   * @param inputs how many, at least 1
   */
  record Identity(int inputs) implements NetworkSpec {
    /** Checks the size. */
    public Identity {
      requireAtLeast("inputs", inputs, 1);
    }

    @Override
    public int outputs() {
      return inputs;
    }

    @Override
    public int parameterCount() {
      return 0;
    }
  }

  /**
   * One convolutional layer over pictures, without padding, y = f(s·x ∗ W + b). Its output is a
   * picture of {@code (height − kernel) / stride + 1} rows, as many columns by the width, and a
   * channel a filter, [rows, columns, filters] in row-major order. A filter is a row of W with the
   * inputs in the order of the picture. It has no directional derivative.
   *
   * @param scale what the input is multiplied by: 1/255 for pictures of bytes
   * @param height rows of a picture, at least {@code kernel}
   * @param width columns of a picture, at least {@code kernel}
   * @param channels numbers of a pixel, at least 1
   * @param channelsFirst whether the input is [channels, height, width], as stacked frames are, and
   *     not [height, width, channels]
   * @param filters channels of the output, at least 1
   * @param kernel rows and columns that a filter sees, at least 1
   * @param stride rows and columns from one place of a filter to the next, at least 1
   * @param activation f
   * @param init how W and b are drawn; of {@link Mlp.Init.Orthogonal} the output's gain counts
   */
  record Convolution(
      double scale,
      int height,
      int width,
      int channels,
      boolean channelsFirst,
      int filters,
      int kernel,
      int stride,
      Activation activation,
      Mlp.Init init)
      implements NetworkSpec {
    /** Checks the sizes. */
    public Convolution {
      if (!(scale > 0 && scale < Float.MAX_VALUE)) {
        throw new IllegalArgumentException("scale must be positive and finite, not " + scale);
      }
      requireAtLeast("kernel", kernel, 1);
      requireAtLeast("height", height, kernel);
      requireAtLeast("width", width, kernel);
      requireAtLeast("channels", channels, 1);
      requireAtLeast("filters", filters, 1);
      requireAtLeast("stride", stride, 1);
      Objects.requireNonNull(activation, "activation");
      Objects.requireNonNull(init, "init");
      double most = Math.max((double) channels * height * width, (double) filters * height * width);
      if (most > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "a convolution of %d × %d pixels, %d channels and %d filters is too large"
                .formatted(height, width, channels, filters));
      }
    }

    /** Rows of the output. */
    public int outputHeight() {
      return (height - kernel) / stride + 1;
    }

    /** Columns of the output. */
    public int outputWidth() {
      return (width - kernel) / stride + 1;
    }

    @Override
    public int inputs() {
      return height * width * channels;
    }

    @Override
    public int outputs() {
      return outputHeight() * outputWidth() * filters;
    }

    @Override
    public int parameterCount() {
      return ofPatch().parameterCount();
    }

    /** What computes one pixel of the output from the kernel · kernel pixels that it sees. */
    public Mlp ofPatch() {
      return Mlp.of(Math.multiplyExact(kernel * kernel, channels), filters, List.of())
          .withOutputActivation(activation)
          .withInit(init);
    }
  }

  private static void requireNoMemory(String what, NetworkSpec part) {
    if (part.stateSize() > 0) {
      throw new IllegalArgumentException(what + " cannot have a memory, as " + part + " has");
    }
  }

  /** Whether a network hands so many of its last columns on. */
  private static boolean passes(NetworkSpec spec, int columns) {
    return spec instanceof Parallel parallel
        && parallel.parts().get(parallel.parts().size() - 1) instanceof Identity last
        && last.inputs() >= columns;
  }

  private static void requireAtLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ", not " + value);
    }
  }

  /**
   * A layer of long short-term memory, with DL4J's equations and parameters; the weights are drawn
   * orthogonal, and the biases 0 but for those of the forget gate, which are 1. With H units it
   * takes {@code [x | h | c | begins]} and gives {@code [h′ | h′ | c′]}: its output, then its next
   * state. It has no directional derivative.
   *
   * @param features columns of x, at least 1
   * @param units H, at least 1
   */
  record Lstm(int features, int units) implements NetworkSpec {
    /** Checks the sizes. */
    public Lstm {
      requireAtLeast("features", features, 1);
      requireAtLeast("units", units, 1);
    }

    @Override
    public int inputs() {
      return Math.addExact(features, stateSize() + 1);
    }

    @Override
    public int outputs() {
      return Math.multiplyExact(3, units);
    }

    @Override
    public int parameterCount() {
      return Math.toIntExact(Math.multiplyExact(4L * units, (long) features + units + 1));
    }

    @Override
    public int stateSize() {
      return Math.multiplyExact(2, units);
    }

    /**
     * Puts a network on its output.
     *
     * @param memory this layer, alone or on other networks
     * @param head of as many inputs as the layer has units
     */
    public static NetworkSpec under(NetworkSpec memory, NetworkSpec head) {
      NetworkSpec state = new Identity(memory.stateSize());
      return new Stacked(memory, new Parallel(List.of(head, state)), false);
    }
  }

  /**
   * Any other feed-forward network of DL4J, without an output layer.
   *
   * @param inputs columns of the flattened input
   * @param outputs columns of the output
   * @param configuration DL4J's {@code MultiLayerConfiguration} as JSON
   */
  record Dl4j(int inputs, int outputs, String configuration) implements NetworkSpec {
    @Override
    public int parameterCount() {
      return Dl4jConfigurations.parameterCount(Dl4jConfigurations.read(configuration));
    }
  }
}
