package org.deeprl4j.nn;

import java.util.List;
import org.deeprl4j.nn.cuda.CudaKernels;
import org.deeprl4j.nn.cuda.DeviceMemory;
import org.deeprl4j.nn.cuda.Product;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.jspecify.annotations.Nullable;

/**
 * An MLP on a GPU. θ, activations and gradients stay there; a layer is one launch forward, with its
 * bias and activation, and one backward: dL/dW, dL/db and dL/dx, which becomes dL/dz of the layer
 * below on its way to memory.
 */
final class CudaDenseNetwork implements Network, Bindable {
  private final CudaKernels kernels;
  private final Mlp mlp;
  private final MlpLayout layout;
  private final Dense[] layers;
  private Tensor parameters;
  private Tensor gradient;
  private Tensor output;
  private Tensor predicted;
  private Tensor inputDelta;
  private Tensor tangent;
  private int capacity;
  private int forwardRows = -1;
  private @Nullable DeviceMemory forwardInput;

  /** A network with parameters drawn from {@code random}, or 0 without one. */
  CudaDenseNetwork(CudaKernels kernels, Mlp mlp, @Nullable Rng random) {
    this.kernels = kernels;
    this.mlp = mlp;
    layout = MlpLayout.of(mlp);
    parameters = Tensor.cuda(kernels, 1, layout.parameterCount());
    gradient = Tensor.cuda(kernels, 1, layout.parameterCount());
    if (random != null) {
      layout.initialise(random, parameters.floatsForWriting());
    }
    List<MlpLayout.Layer> described = layout.layers();
    layers = new Dense[described.size()];
    for (int l = 0; l < layers.length; l++) {
      layers[l] = new Dense(described.get(l));
    }
    output = Tensor.cuda(kernels, 0, mlp.outputs());
    predicted = Tensor.cuda(kernels, 0, mlp.outputs());
    inputDelta = Tensor.cuda(kernels, 0, mlp.inputs());
    tangent = Tensor.cuda(kernels, 0, mlp.outputs());
    bindLayers();
  }

  private void bindLayers() {
    DeviceMemory theta = parameters.device(kernels);
    DeviceMemory slope = gradient.device(kernels);
    for (Dense layer : layers) {
      layer.theta = new Part(layer.layer, theta);
      layer.slope = new Part(layer.layer, slope);
    }
  }

  @Override
  public void bind(Tensor newParameters, Tensor newGradient) {
    newParameters.copyFrom(parameters);
    newGradient.copyFrom(gradient);
    parameters = newParameters;
    gradient = newGradient;
    bindLayers();
  }

  CudaKernels kernels() {
    return kernels;
  }

  @Override
  public NetworkSpec spec() {
    return mlp;
  }

  @Override
  public int inputSize() {
    return mlp.inputs();
  }

  @Override
  public int outputSize() {
    return mlp.outputs();
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
  public Tensor predict(Tensor x) {
    return run(x, predicted = predicted.ofRows(x.rows()), false);
  }

  @Override
  public Tensor forward(Tensor x) {
    return run(x, output = output.ofRows(x.rows()), true);
  }

  private Tensor run(Tensor x, Tensor y, boolean remember) {
    Shapes.requireColumns("input", x, mlp.inputs());
    int rows = x.rows();
    reserve(rows);
    forwardRows = remember ? rows : -1; // predicting overwrites the activations
    if (rows == 0) {
      return y;
    }
    parameters.device(kernels);
    DeviceMemory in = x.device(kernels);
    forwardInput = in;
    int last = layers.length - 1;
    layers[last].y = y.deviceForWriting(kernels);
    for (Dense layer : layers) {
      layer.forward(in, rows);
      in = layer.y();
    }
    return y;
  }

  @Override
  public void backward(Tensor outputGradient) {
    backward(outputGradient, true, false);
  }

  @Override
  public Tensor backwardWithInput(Tensor outputGradient) {
    backward(outputGradient, true, true);
    return inputDelta;
  }

  @Override
  public Tensor inputGradient(Tensor outputGradient) {
    backward(outputGradient, false, true);
    return inputDelta;
  }

  private void backward(Tensor outputGradient, boolean ofParameters, boolean ofInput) {
    requireForward();
    int rows = forwardRows;
    Shapes.requireShape("output gradient", outputGradient, rows, mlp.outputs());
    if (ofInput) {
      inputDelta = inputDelta.ofRows(rows);
    }
    if (rows == 0) {
      return;
    }
    parameters.device(kernels);
    if (ofParameters) {
      gradient.deviceForWriting(kernels);
    }
    int top = layers.length - 1;
    DeviceMemory delta = layers[top].throughActivation(outputGradient.device(kernels), rows);
    for (int l = top; l >= 0; l--) {
      Dense layer = layers[l];
      delta = layer.throughNormalisation(delta, rows, ofParameters);
      DeviceMemory in = l > 0 ? layers[l - 1].y() : requireInput();
      DeviceMemory below = null;
      if (l > 0) {
        below = layers[l - 1].delta();
      } else if (ofInput) {
        below = inputDelta.deviceForWriting(kernels);
      }
      layer.backward(delta, in, rows, ofParameters, below, l > 0 ? layers[l - 1] : null);
      if (below != null) {
        delta = below;
      }
    }
  }

  @Override
  public Tensor directional(Tensor v, @Nullable Tensor u) {
    requireForward();
    Shapes.requireShape("direction", v, 1, layout.parameterCount());
    int rows = forwardRows;
    if (u != null) {
      Shapes.requireShape("input direction", u, rows, inputSize());
    }
    tangent = tangent.ofRows(rows);
    if (rows == 0) {
      return tangent;
    }
    parameters.device(kernels);
    DeviceMemory direction = v.device(kernels);
    DeviceMemory in = requireInput();
    DeviceMemory tangentIn = u == null ? null : u.device(kernels);
    for (int l = 0; l < layers.length; l++) {
      Dense layer = layers[l];
      boolean last = l == layers.length - 1;
      DeviceMemory out = last ? tangent.deviceForWriting(kernels) : layer.tangent();
      layer.directional(new Part(layer.layer, direction), in, tangentIn, out, rows);
      in = layer.y();
      tangentIn = out;
    }
    return tangent;
  }

  @Override
  public void save(StateWriter out) {
    out.put("parameters", parameters.floats(), parameters.offset(), parameters.size());
  }

  @Override
  public void load(StateReader in) {
    in.get("parameters", parameters.floatsForWriting(), parameters.offset(), parameters.size());
  }

  private void requireForward() {
    if (forwardRows < 0) {
      throw Shapes.noForward();
    }
  }

  private DeviceMemory requireInput() {
    DeviceMemory in = forwardInput;
    if (in == null) {
      throw Shapes.noForward();
    }
    return in;
  }

  private void reserve(int rows) {
    if (rows > capacity) {
      capacity = rows;
      for (int l = 0; l < layers.length; l++) {
        layers[l].reserve(l == layers.length - 1);
      }
    }
  }

  /** One layer's part of a flat vector. */
  private static final class Part {
    final DeviceMemory weights;
    final DeviceMemory biases;
    final @Nullable DeviceMemory gains;

    Part(MlpLayout.Layer layer, DeviceMemory vector) {
      weights = part(vector, layer.weights(), layer.inputs() * layer.outputs());
      biases = part(vector, layer.biases(), layer.outputs());
      gains = layer.layerNorm() ? part(vector, layer.gains(), layer.outputs()) : null;
    }

    private static DeviceMemory part(DeviceMemory vector, int from, int length) {
      return vector.slice(4L * from, 4L * length);
    }

    DeviceMemory gains() {
      return require(gains);
    }
  }

  private static DeviceMemory require(@Nullable DeviceMemory memory) {
    if (memory == null) {
      throw new IllegalStateException("the layer has no memory of that kind");
    }
    return memory;
  }

  /** One layer: its activations, [capacity, out] each. */
  private final class Dense {
    final MlpLayout.Layer layer;
    private final int in;
    private final int out;
    private final int activation;
    private final boolean identity;
    private final Product forward = new Product();
    private final Product again = new Product();
    private final Product toWeights = new Product();
    private final Product toInput = new Product();
    private final Product[] one = {forward};
    private final Product[] other = {again};
    private final Product[] weightsAlone = {toWeights};
    private final Product[] inputAlone = {toInput};
    private final Product[] both = {toWeights, toInput};
    @Nullable Part theta;
    @Nullable Part slope;
    @Nullable DeviceMemory y;
    private @Nullable DeviceMemory z;
    private @Nullable DeviceMemory delta; // dL/dz
    private @Nullable DeviceMemory throughNormal; // dL/du, or dL/dz of the last layer
    private @Nullable DeviceMemory normal;
    private @Nullable DeviceMemory inverse;
    private @Nullable DeviceMemory tangent;

    Dense(MlpLayout.Layer layer) {
      this.layer = layer;
      in = layer.inputs();
      out = layer.outputs();
      activation = layer.activation().ordinal();
      identity = layer.activation() == Activation.IDENTITY;
    }

    void reserve(boolean last) {
      long size = (long) capacity * out;
      if (!last) {
        y = kernels.floats(size);
      }
      delta = kernels.floats(size);
      z = Activations.needsPreActivation(layer.activation()) ? kernels.floats(size) : null;
      if (layer.layerNorm()) {
        normal = kernels.floats(size);
        inverse = kernels.floats(capacity);
        throughNormal = kernels.floats(size);
      }
      tangent = null;
    }

    DeviceMemory y() {
      return require(y);
    }

    DeviceMemory delta() {
      return require(delta);
    }

    DeviceMemory tangent() {
      DeviceMemory memory = tangent;
      if (memory == null) {
        memory = kernels.floats((long) capacity * out);
        tangent = memory;
      }
      return memory;
    }

    private Part theta() {
      Part part = theta;
      if (part == null) {
        throw new IllegalStateException("the layer has no parameters");
      }
      return part;
    }

    private Part slope() {
      Part part = slope;
      if (part == null) {
        throw new IllegalStateException("the layer has no gradient");
      }
      return part;
    }

    /** y = f(x·W + b), or with layer normalisation between. */
    void forward(DeviceMemory x, int rows) {
      Part p = theta();
      forward.shape(rows, out, in).a(x, in, false).b(p.weights, in, true);
      if (layer.layerNorm()) {
        forward.c(require(normal), out);
        kernels.multiply(one);
        kernels.normalise(
            require(normal), require(inverse), p.gains(), p.biases, z, y(), rows, out, activation);
      } else {
        forward.c(y(), out).bias(p.biases);
        if (!identity) {
          forward.activate(activation, z);
        }
        kernels.multiply(one);
      }
    }

    /** dL/dz from dL/dy. */
    DeviceMemory throughActivation(DeviceMemory outputGradient, int rows) {
      if (identity) {
        return outputGradient;
      }
      kernels.differentiate(activation, y(), z, outputGradient, delta(), rows * out);
      return delta();
    }

    /** dL/du from dL/dz, and the gradients of gains and biases if there is normalisation. */
    DeviceMemory throughNormalisation(DeviceMemory dz, int rows, boolean ofParameters) {
      if (!layer.layerNorm()) {
        return dz;
      }
      if (ofParameters) {
        Part g = slope();
        kernels.addColumnSums(dz, normal, out, rows, out, g.biases, g.gains());
      }
      DeviceMemory du = require(throughNormal);
      kernels.normaliseBackward(
          require(normal), require(inverse), theta().gains(), dz, du, rows, out);
      return du;
    }

    /** dL/dW and dL/db, and into {@code to} dL/dx or, where a layer lies below, its dL/dz. */
    void backward(
        DeviceMemory du,
        DeviceMemory x,
        int rows,
        boolean ofParameters,
        @Nullable DeviceMemory to,
        @Nullable Dense below) {
      if (ofParameters) {
        Part g = slope();
        toWeights.shape(out, in, rows).a(du, out, true).b(x, in, false).c(g.weights, in);
        toWeights.accumulating();
        if (!layer.layerNorm()) {
          toWeights.sums(g.biases);
        }
      }
      if (to != null) {
        toInput.shape(rows, in, out).a(du, out, false).b(theta().weights, in, false).c(to, in);
        if (below != null && !below.identity) {
          toInput.differentiate(below.activation, below.y(), below.z);
        }
      }
      if (ofParameters && to != null) {
        kernels.multiply(both);
      } else if (ofParameters) {
        kernels.multiply(weightsAlone);
      } else if (to != null) {
        kernels.multiply(inputAlone);
      }
    }

    /** R{y} = f′(z)∘(R{x}·W + x·R{W} + R{b}), with layer normalisation differentiated likewise. */
    void directional(
        Part v, DeviceMemory x, @Nullable DeviceMemory tangentIn, DeviceMemory to, int rows) {
      boolean normalised = layer.layerNorm();
      Product last = forward;
      forward.shape(rows, out, in).a(x, in, false).b(v.weights, in, true).c(to, out);
      if (!normalised) {
        forward.bias(v.biases);
      }
      if (tangentIn != null) {
        again.shape(rows, out, in).a(tangentIn, in, false).b(theta().weights, in, true).c(to, out);
        again.accumulating();
        last = again;
      }
      if (!normalised && !identity) {
        last.differentiate(activation, y(), z);
      }
      kernels.multiply(one);
      if (tangentIn != null) {
        kernels.multiply(other);
      }
      if (normalised) {
        kernels.normaliseDirectional(
            require(normal),
            require(inverse),
            theta().gains(),
            to,
            v.gains(),
            v.biases,
            y(),
            z,
            rows,
            out,
            activation);
      }
    }
  }
}
