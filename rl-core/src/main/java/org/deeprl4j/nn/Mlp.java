package org.deeprl4j.nn;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A multilayer perceptron in one line: {@code Mlp.of(4, 2, 64, 64)}.
 *
 * @param inputs columns of the input
 * @param outputs columns of the output
 * @param hidden widths of the hidden layers, possibly none
 * @param activation of the hidden layers
 * @param outputActivation of the output layer
 * @param layerNorm whether hidden layers normalise their pre-activations (Ba et al. 2016), DL4J's
 *     form
 * @param init how the parameters are drawn
 */
public record Mlp(
    int inputs,
    int outputs,
    List<Integer> hidden,
    Activation activation,
    Activation outputActivation,
    boolean layerNorm,
    Init init)
    implements NetworkSpec {

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is less than 1, a normalised layer has a single unit
   *     (it would always be 0)
   */
  public Mlp {
    hidden = List.copyOf(hidden);
    requireSize("inputs", inputs, 1);
    requireSize("outputs", outputs, 1);
    for (int width : hidden) {
      requireSize(
          layerNorm ? "a hidden layer's width with layer normalisation" : "a hidden layer's width",
          width,
          layerNorm ? 2 : 1);
    }
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(outputActivation, "outputActivation");
    Objects.requireNonNull(init, "init");
  }

  private static void requireSize(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ", not " + value);
    }
  }

  /** How weights and biases are drawn. */
  public sealed interface Init {
    /**
     * Orthogonal matrices (Saxe et al. 2013) times a gain, biases 0.
     *
     * @param hiddenGain of the hidden layers
     * @param outputGain of the output layer
     */
    record Orthogonal(double hiddenGain, double outputGain) implements Init {
      /** Checks the gains. */
      public Orthogonal {
        requireGain("hiddenGain", hiddenGain);
        requireGain("outputGain", outputGain);
      }

      private static void requireGain(String name, double gain) {
        if (!(gain >= 0 && gain < Double.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException(name + " must be finite and at least 0, not " + gain);
        }
      }
    }

    /** Weights and biases uniform in ±1/√fan_in, PyTorch's default for linear layers. */
    record FanInUniform() implements Init {}

    /**
     * The DDPG paper's (section 7): ±1/√fan_in in hidden layers, ±limit in the output layer.
     *
     * @param limit of the output layer's weights and biases, 3e-3 in the paper
     */
    record FanInUniformSmallOutput(double limit) implements Init {
      /** Checks the limit. */
      public FanInUniformSmallOutput {
        if (!(limit > 0 && limit < Double.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException("limit must be positive and finite, not " + limit);
        }
      }
    }

    /**
     * As DL4J draws them: each layer's weight initialisation, biases and gains as its configuration
     * says.
     *
     * @param configuration DL4J's {@code MultiLayerConfiguration} as JSON, with as many parameters
     *     as the MLP
     */
    record Dl4j(String configuration) implements Init {}
  }

  /** An MLP of tanh layers, orthogonal with gain √2 and an output gain of 1. */
  public static Mlp of(int inputs, int outputs, int... hidden) {
    return of(inputs, outputs, Arrays.stream(hidden).boxed().toList());
  }

  /** As {@link #of(int, int, int...)}, with the widths of the hidden layers as a list. */
  public static Mlp of(int inputs, int outputs, List<Integer> hidden) {
    return new Mlp(
        inputs,
        outputs,
        hidden,
        Activation.TANH,
        Activation.IDENTITY,
        false,
        new Init.Orthogonal(Math.sqrt(2), 1));
  }

  /** This MLP with another hidden activation. */
  public Mlp withActivation(Activation value) {
    return new Mlp(inputs, outputs, hidden, value, outputActivation, layerNorm, init);
  }

  /** This MLP with another output activation. */
  public Mlp withOutputActivation(Activation value) {
    return new Mlp(inputs, outputs, hidden, activation, value, layerNorm, init);
  }

  /** This MLP with or without layer normalisation. */
  public Mlp withLayerNorm(boolean value) {
    return new Mlp(inputs, outputs, hidden, activation, outputActivation, value, init);
  }

  /** This MLP with another initialisation. */
  public Mlp withInit(Init value) {
    return new Mlp(inputs, outputs, hidden, activation, outputActivation, layerNorm, value);
  }

  /**
   * P, the number of parameters.
   *
   * @throws IllegalArgumentException if there are 2³¹ or more
   */
  @Override
  public int parameterCount() {
    return MlpLayout.of(this).parameterCount();
  }
}
