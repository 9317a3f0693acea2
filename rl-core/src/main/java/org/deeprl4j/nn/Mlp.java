package org.deeprl4j.nn;

import java.util.List;

/**
 * A multilayer perceptron in one line: {@code Mlp.of(4, 2, 64, 64)}.
 *
 * @param inputs columns of the input
 * @param outputs columns of the output
 * @param hidden widths of the hidden layers, possibly none
 * @param activation of the hidden layers
 * @param outputActivation of the output layer
 * @param layerNorm whether hidden layers normalise their pre-activations (Ba et al. 2016), DL4J's form
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

  /** How weights and biases are drawn. */
  public sealed interface Init {
    /**
     * Orthogonal matrices (Saxe et al. 2013) times a gain, biases 0.
     *
     * @param hiddenGain of the hidden layers
     * @param outputGain of the output layer
     */
    record Orthogonal(double hiddenGain, double outputGain) implements Init {}

    /** Weights and biases uniform in ±1/√fan_in, PyTorch's default for linear layers. */
    record FanInUniform() implements Init {}

    /**
     * The DDPG paper's (section 7): ±1/√fan_in in hidden layers, ±limit in the output layer.
     *
     * @param limit of the output layer's weights and biases, 3e-3 in the paper
     */
    record FanInUniformSmallOutput(double limit) implements Init {}
  }

  /** An MLP of tanh layers, orthogonal with gain √2 and an output gain of 1. */
  public static Mlp of(int inputs, int outputs, int... hidden) {
    return new Mlp(
        inputs,
        outputs,
        java.util.Arrays.stream(hidden).boxed().toList(),
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
}
