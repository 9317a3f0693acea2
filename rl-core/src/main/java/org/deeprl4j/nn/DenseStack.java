package org.deeprl4j.nn;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The dense layers that compute a range of a network's outputs, with their parameters copied: what
 * another runtime needs to compute them.
 *
 * @param layers from the input to the outputs, at least one
 */
public record DenseStack(List<Layer> layers) {

  /**
   * One layer, y = f(x·W + b), or with layer normalisation y = f(g∘(x·W − μ)/σ + b), where μ and σ
   * are the mean and the population standard deviation of a row of x·W.
   *
   * @param inputs columns of x
   * @param outputs columns of y
   * @param weights W, [inputs, outputs], row-major
   * @param biases b, [outputs]
   * @param gains g, [outputs]; null without layer normalisation
   * @param activation f
   */
  public record Layer(
      int inputs,
      int outputs,
      float[] weights,
      float[] biases,
      float @Nullable [] gains,
      Activation activation) {}

  /** Copies the list. */
  public DenseStack {
    layers = List.copyOf(layers);
  }

  /**
   * Copies the layers behind some outputs of a network.
   *
   * @param from the first output
   * @param count how many follow one another, ≥ 1
   * @throws IllegalArgumentException if they are not the outputs of dense layers, or of several
   *     stacks side by side
   */
  public static DenseStack of(Network network, int from, int count) {
    if (from < 0 || count < 1 || from + count > network.outputSize()) {
      throw new IllegalArgumentException(
          "outputs %d to %d are not among the network's %d"
              .formatted(from, from + count - 1, network.outputSize()));
    }
    List<Layer> layers = new ArrayList<>();
    collect(network.spec(), network.parameters().floats(), 0, from, count, layers);
    return new DenseStack(layers);
  }

  /**
   * Copies the layers behind some outputs of an MLP.
   *
   * @param theta holds its parameters
   * @param at where they begin
   * @param from the first output
   * @param count how many follow one another, ≥ 1
   */
  public static DenseStack of(Mlp mlp, float[] theta, int at, int from, int count) {
    List<Layer> layers = new ArrayList<>();
    collect(mlp, theta, at, from, count, layers);
    return new DenseStack(layers);
  }

  private static void collect(
      NetworkSpec spec, float[] theta, int at, int from, int count, List<Layer> layers) {
    if (spec instanceof Mlp mlp) {
      collect(mlp, theta, at, from, count, layers);
    } else if (spec instanceof NetworkSpec.Stacked stacked
        && from + count <= stacked.head().outputs()) {
      NetworkSpec body = stacked.body();
      collect(body, theta, at, 0, body.outputs(), layers);
      collect(stacked.head(), theta, at + body.parameterCount(), from, count, layers);
    } else if (spec instanceof NetworkSpec.SideBySide sideBySide) {
      int start = 0;
      int partAt = at;
      for (NetworkSpec part : sideBySide.parts()) {
        if (from >= start && from + count <= start + part.outputs()) {
          collect(part, theta, partAt, from - start, count, layers);
          return;
        }
        start += part.outputs();
        partAt += part.parameterCount();
      }
      throw new IllegalArgumentException("the outputs are those of several networks side by side");
    } else {
      throw new IllegalArgumentException(
          "the outputs are not those of dense layers, but of a network of the kind "
              + spec.getClass().getSimpleName());
    }
  }

  private static void collect(
      Mlp mlp, float[] theta, int at, int from, int count, List<Layer> layers) {
    List<MlpLayout.Layer> all = MlpLayout.of(mlp).layers();
    for (int l = 0; l < all.size(); l++) {
      MlpLayout.Layer layer = all.get(l);
      boolean last = l == all.size() - 1;
      int first = last ? from : 0;
      int outputs = last ? count : layer.outputs();
      int inputs = layer.inputs();
      float[] weights = new float[inputs * outputs];
      float[] biases = new float[outputs];
      float[] gains = layer.layerNorm() ? new float[outputs] : null;
      for (int o = 0; o < outputs; o++) {
        for (int i = 0; i < inputs; i++) {
          weights[i * outputs + o] = theta[at + layer.weights() + (first + o) * inputs + i];
        }
        biases[o] = theta[at + layer.biases() + first + o];
        if (gains != null) {
          gains[o] = theta[at + layer.gains() + first + o];
        }
      }
      layers.add(new Layer(inputs, outputs, weights, biases, gains, layer.activation()));
    }
  }
}
