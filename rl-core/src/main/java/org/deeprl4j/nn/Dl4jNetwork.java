package org.deeprl4j.nn;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Any feed-forward network of DL4J, run by DL4J: convolutions, for instance. Its input is flat, [B,
 * in]; the configuration says how to see it ({@code InputType.convolutionalFlat}).
 *
 * <p>θ is kept in a tensor of the kernels' home and copied into DL4J's own vector where it changed.
 */
final class Dl4jNetwork implements Network, Bindable {
  private final MultiLayerNetwork network;
  private final NetworkSpec.Dl4j spec;
  private final int inputs;
  private final int outputs;
  private Tensor parameters;
  private Tensor gradient;
  private Tensor predicted;
  private Tensor output;
  private Tensor inputDelta;
  private long loadedVersion = -1;
  private int forwardRows = -1;

  /**
   * A network with parameters drawn as its configuration says.
   *
   * @param like a tensor of the home to use
   * @throws IllegalArgumentException if it is not a feed-forward network from [B, in] to [B, out]
   */
  Dl4jNetwork(NetworkSpec.Dl4j spec, Tensor like, @Nullable Rng random) {
    MultiLayerConfiguration configuration = Dl4jConfigurations.read(spec.configuration());
    Dl4jModels.requireFeedForward(configuration);
    network = Dl4jModels.initialised(configuration, random == null ? new Rng(0) : random);
    this.spec = spec;
    inputs = spec.inputs();
    outputs = spec.outputs();
    requireSizes();
    int size = Math.toIntExact(network.numParams());
    parameters = like.like(1, size);
    gradient = like.like(1, size);
    HostMemory.read(network.params(), parameters.floatsForWriting());
    predicted = like.like(0, outputs);
    output = like.like(0, outputs);
    inputDelta = like.like(0, inputs);
  }

  /** Runs a row through it: what a description says of its columns may be wrong. */
  private void requireSizes() {
    INDArray y = network.output(Nd4j.zeros(1, inputs), false);
    if (y.rank() != 2 || y.size(1) != outputs) {
      throw new IllegalArgumentException(
          "a network of layers %s has outputs of shape %s for a row, not [1, %d]"
              .formatted(
                  Dl4jModels.layerNames(network.getLayerWiseConfigurations()),
                  Arrays.toString(y.shape()),
                  outputs));
    }
  }

  @Override
  public NetworkSpec spec() {
    return spec;
  }

  @Override
  public int inputSize() {
    return inputs;
  }

  @Override
  public int outputSize() {
    return outputs;
  }

  @Override
  public Tensor parameters() {
    return parameters;
  }

  @Override
  public Tensor gradient() {
    return gradient;
  }

  @Override
  public void bind(Tensor newParameters, Tensor newGradient) {
    newParameters.copyFrom(parameters);
    newGradient.copyFrom(gradient);
    parameters = newParameters;
    gradient = newGradient;
    loadedVersion = -1;
  }

  @Override
  public Tensor predict(Tensor x) {
    prepare(x);
    forwardRows = -1; // DL4J keeps one input and one set of activations
    predicted = fill(predicted, network.output(x.array(), false), outputs);
    return predicted;
  }

  @Override
  public Tensor forward(Tensor x) {
    prepare(x);
    network.setInput(x.array());
    List<INDArray> activations = network.feedForward(true, false);
    forwardRows = x.rows();
    output = fill(output, activations.get(activations.size() - 1), outputs);
    return output;
  }

  private void prepare(Tensor x) {
    Shapes.requireColumns("input", x, inputs);
    if (parameters.version() != loadedVersion) {
      network.params().assign(parameters.array());
      loadedVersion = parameters.version();
    }
  }

  @Override
  public void backward(Tensor outputGradient) {
    propagate(outputGradient);
    addGradient();
  }

  @Override
  public Tensor backwardWithInput(Tensor outputGradient) {
    INDArray dx = propagate(outputGradient);
    addGradient();
    inputDelta = fill(inputDelta, dx, inputs);
    return inputDelta;
  }

  @Override
  public Tensor inputGradient(Tensor outputGradient) {
    inputDelta = fill(inputDelta, propagate(outputGradient), inputs);
    return inputDelta;
  }

  /** Leaves dL/dθ in DL4J's gradient and returns dL/dx. */
  private INDArray propagate(Tensor outputGradient) {
    if (forwardRows < 0) {
      throw Shapes.noForward();
    }
    Shapes.requireShape("output gradient", outputGradient, forwardRows, outputs);
    // DL4J may work in the array it is given.
    return network
        .backpropGradient(outputGradient.array().dup(), LayerWorkspaceMgr.noWorkspaces())
        .getSecond();
  }

  private void addGradient() {
    gradient.arrayForWriting().addi(network.getFlattenedGradients());
  }

  private static Tensor fill(Tensor reused, INDArray values, int columns) {
    int rows = (int) values.size(0);
    Tensor out = reused.rows() == rows ? reused : reused.like(rows, columns);
    out.arrayForWriting().assign(values.reshape('c', rows, columns));
    return out;
  }

  /**
   * Not offered.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public Tensor directional(Tensor v, @Nullable Tensor u) {
    throw new UnsupportedOperationException(
        "directional derivatives, which second-order methods need, exist for dense networks only,"
            + " not for this DL4J network of layers "
            + Dl4jModels.layerNames(network.getLayerWiseConfigurations()));
  }

  @Override
  public void save(StateWriter out) {
    out.put("parameters", parameters.floats(), parameters.offset(), parameters.columns());
  }

  @Override
  public void load(StateReader in) {
    in.get("parameters", parameters.floatsForWriting(), parameters.offset(), parameters.columns());
  }
}
