package org.deeprl4j.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A dense network on ND4J operations alone: it runs on any backend, a GPU's included, in float or
 * double. The host's kernels are faster on a CPU; this is the reference they are compared with.
 *
 * <p>For each batch size the operations of a pass are prepared once on arrays of their own, see
 * {@link Nd4jSteps}; the last few batch sizes are kept. Accuracy: ND4J's tanh and elu lose relative
 * accuracy near 0, so that in float a value is good to about 1e-7 absolutely, not relatively;
 * derivatives are computed from values, without a second loss.
 */
final class Nd4jDenseNetwork implements Network, Bindable {
  /** Acting with one row, learning with a minibatch, and a rest or an evaluation. */
  private static final int BATCH_SIZES_KEPT = 4;

  private final Mlp mlp;
  private final MlpLayout layout;
  private final DataType type;
  private final Map<Integer, Pass> predictions = newCache();
  private final Map<Integer, Pass> passes = newCache();

  private Tensor parameters;
  private Tensor gradient;
  private List<Part> theta;
  private List<Part> thetaGradient;
  private @Nullable Direction direction;
  private @Nullable Pass last;

  /**
   * A network with parameters drawn from {@code random}, or 0 without one.
   *
   * @param type FLOAT or DOUBLE
   */
  Nd4jDenseNetwork(Mlp mlp, DataType type, @Nullable Rng random) {
    if (type != DataType.FLOAT && type != DataType.DOUBLE) {
      throw new IllegalArgumentException("type must be FLOAT or DOUBLE, not " + type);
    }
    this.mlp = mlp;
    this.type = type;
    layout = MlpLayout.of(mlp);
    parameters = Tensor.nd4j(type, 1, layout.parameterCount());
    gradient = Tensor.nd4j(type, 1, layout.parameterCount());
    if (random != null) {
      layout.initialise(random, parameters.floatsForWriting());
    }
    theta = parts(parameters);
    thetaGradient = parts(gradient);
  }

  private static Map<Integer, Pass> newCache() {
    return new LinkedHashMap<>(8, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<Integer, Pass> eldest) {
        return size() > BATCH_SIZES_KEPT;
      }
    };
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
    return run(predictions, x).output();
  }

  @Override
  public Tensor forward(Tensor x) {
    last = null;
    Pass pass = run(passes, x);
    last = pass;
    pass.slopesCurrent = false;
    return pass.output();
  }

  private Pass run(Map<Integer, Pass> cache, Tensor x) {
    Shapes.requireColumns("input", x, mlp.inputs());
    int rows = x.rows();
    Pass pass = cache.get(rows);
    if (pass == null) {
      pass = new Pass(rows);
      cache.put(rows, pass);
    }
    parameters.array();
    pass.x.assign(x.array());
    pass.forward.run();
    return pass;
  }

  @Override
  public void backward(Tensor outputGradient) {
    backward(outputGradient, true, false);
  }

  @Override
  public Tensor backwardWithInput(Tensor outputGradient) {
    return backward(outputGradient, true, true);
  }

  @Override
  public Tensor inputGradient(Tensor outputGradient) {
    return backward(outputGradient, false, true);
  }

  private Tensor backward(Tensor outputGradient, boolean toParameters, boolean toInput) {
    Pass pass = differentiable();
    Shapes.requireShape("output gradient", outputGradient, pass.rows, mlp.outputs());
    parameters.array();
    if (toParameters) {
      gradient.arrayForWriting();
    }
    Backward backward = pass.backward();
    backward.outputGradient.assign(outputGradient.array());
    for (int l = pass.levels.size() - 1; l >= 0; l--) {
      backward.deltas.get(l).run();
      if (toParameters) {
        backward.gradients.get(l).run();
      }
      if (l > 0 || toInput) {
        backward.inputs.get(l).run();
      }
    }
    if (toInput) {
      backward.inputGradient.arrayForWriting();
    }
    return backward.inputGradient;
  }

  @Override
  public Tensor directional(Tensor v, @Nullable Tensor u) {
    Pass pass = differentiable();
    Shapes.requireShape("direction", v, 1, layout.parameterCount());
    Direction d = direction;
    if (d == null) {
      d = new Direction();
      direction = d;
    }
    parameters.array();
    d.vector.arrayForWriting().assign(v.array());
    Directional directional = pass.directional(d, u != null);
    if (u != null) {
      Shapes.requireShape("input direction", u, pass.rows, mlp.inputs());
      directional.input.assign(u.array());
    }
    directional.steps.run();
    directional.output.arrayForWriting();
    return directional.output;
  }

  /** The last forward pass, with the activations' slopes. */
  private Pass differentiable() {
    Pass pass = last;
    if (pass == null) {
      throw Shapes.noForward();
    }
    if (!pass.slopesCurrent) {
      pass.slopes.run();
      pass.slopesCurrent = true;
    }
    return pass;
  }

  @Override
  public void bind(Tensor newParameters, Tensor newGradient) {
    Shapes.requireShape("parameters", newParameters, 1, layout.parameterCount());
    Shapes.requireShape("gradient", newGradient, 1, layout.parameterCount());
    newParameters.arrayForWriting().assign(parameters.array());
    newGradient.arrayForWriting().assign(gradient.array());
    parameters = newParameters;
    gradient = newGradient;
    theta = parts(parameters);
    thetaGradient = parts(gradient);
    predictions.clear();
    passes.clear();
    last = null;
  }

  @Override
  public void save(StateWriter out) {
    out.put("parameters", parameters.floats(), parameters.offset(), parameters.size());
  }

  @Override
  public void load(StateReader in) {
    in.get("parameters", parameters.floatsForWriting(), parameters.offset(), parameters.size());
  }

  /** One layer's part of a flat vector. */
  private record Part(INDArray w, INDArray b, INDArray bRow, @Nullable INDArray gRow) {
    INDArray gains() {
      if (gRow == null) {
        throw new IllegalStateException("the layer has no gains");
      }
      return gRow;
    }
  }

  private List<Part> parts(Tensor vector) {
    INDArray flat = vector.array();
    List<Part> parts = new ArrayList<>();
    for (MlpLayout.Layer layer : layout.layers()) {
      long in = layer.inputs();
      long out = layer.outputs();
      INDArray b = range(flat, layer.biases(), out);
      parts.add(
          new Part(
              range(flat, layer.weights(), in * out).reshape('f', in, out),
              b,
              b.reshape('c', 1, out),
              layer.layerNorm() ? range(flat, layer.gains(), out).reshape('c', 1, out) : null));
    }
    return parts;
  }

  private static INDArray range(INDArray flat, long from, long length) {
    return flat.get(NDArrayIndex.point(0), NDArrayIndex.interval(from, from + length));
  }

  private INDArray zeros(long rows, long columns) {
    return Nd4j.createUninitializedDetached(type, rows, columns).assign(0);
  }

  private INDArray ones(long rows, long columns) {
    return Nd4j.createUninitializedDetached(type, rows, columns).assign(1);
  }

  /** The arrays of one layer for a batch size. */
  private final class Level {
    final MlpLayout.Layer layer;
    final Part theta;
    final INDArray x;
    final INDArray z;
    final INDArray y;
    final INDArray slope;
    final INDArray scratch;
    final @Nullable Normalisation normalisation;

    Level(MlpLayout.Layer layer, Part theta, INDArray x, INDArray y) {
      this.layer = layer;
      this.theta = theta;
      this.x = x;
      this.y = y;
      long rows = x.rows();
      boolean identity = layer.activation() == Activation.IDENTITY;
      z = identity ? y : zeros(rows, layer.outputs());
      slope = zeros(rows, layer.outputs());
      scratch = zeros(rows, layer.outputs());
      normalisation = layer.layerNorm() ? new Normalisation(rows, layer.outputs()) : null;
    }

    void forward(Nd4jSteps steps) {
      Normalisation n = normalisation;
      if (n == null) {
        steps.affine(x, theta.w, theta.b, z);
      } else {
        steps.product(x, theta.w, n.normal, 1, 0);
        n.forward(steps, scratch);
        steps.multiply(n.normal, theta.gains(), z);
        steps.add(z, theta.bRow, z);
      }
      if (z != y) {
        steps.activate(layer.activation(), z, y, scratch);
      }
    }

    /** out = f′(z)∘in; out may be in. */
    void throughActivation(Nd4jSteps steps, INDArray in, INDArray out) {
      if (z != y) {
        steps.multiply(in, slope, out);
      } else if (in != out) {
        steps.then(() -> out.assign(in));
      }
    }
  }

  /** A normalised layer's arrays: ū = (u − μ)/σ and σ. */
  private final class Normalisation {
    final INDArray normal;
    final INDArray deviation;
    final INDArray mean;
    final INDArray one;

    Normalisation(long rows, long columns) {
      normal = zeros(rows, columns);
      deviation = zeros(rows, 1);
      mean = zeros(rows, 1);
      one = ones(columns, 1);
    }

    /** From u in {@link #normal}, whose place ū takes. */
    void forward(Nd4jSteps steps, INDArray scratch) {
      double share = 1.0 / one.length();
      steps.product(normal, one, mean, share, 0);
      steps.subtract(normal, mean, normal);
      steps.multiply(normal, normal, scratch);
      steps.product(scratch, one, deviation, share, 0);
      steps.then(() -> Transforms.sqrt(deviation, false));
      steps.divide(normal, deviation, normal);
    }

    /**
     * The Jacobian ∂ū/∂u, which is symmetric: d becomes (d − mean(d) − ū∘mean(ū∘d))/σ in place, so
     * that it serves the backward pass and the R-pass alike.
     */
    void jacobian(Nd4jSteps steps, INDArray d, INDArray scratch) {
      double share = 1.0 / one.length();
      steps.multiply(normal, d, scratch);
      steps.product(d, one, mean, share, 0);
      steps.subtract(d, mean, d);
      steps.product(scratch, one, mean, share, 0);
      steps.multiply(normal, mean, scratch);
      steps.subtract(d, scratch, d);
      steps.divide(d, deviation, d);
    }
  }

  /** The prepared operations and arrays for one batch size. */
  private final class Pass {
    final int rows;
    final INDArray x;
    final List<Level> levels = new ArrayList<>();
    final Nd4jSteps forward = new Nd4jSteps();
    final Nd4jSteps slopes = new Nd4jSteps();
    final Tensor y;
    boolean slopesCurrent;
    private @Nullable Backward backward;
    private final @Nullable Directional[] directional = new Directional[2];

    Pass(int rows) {
      this.rows = rows;
      x = zeros(rows, mlp.inputs());
      y = Tensor.nd4j(type, rows, mlp.outputs());
      INDArray in = x;
      for (int l = 0; l < layout.layers().size(); l++) {
        MlpLayout.Layer layer = layout.layers().get(l);
        boolean isLast = l == layout.layers().size() - 1;
        INDArray out = isLast ? y.array() : zeros(rows, layer.outputs());
        Level level = new Level(layer, theta.get(l), in, out);
        level.forward(forward);
        if (level.z != level.y) {
          INDArray ones = ones(rows, layer.outputs());
          slopes.slope(layer.activation(), level.z, out, level.slope, ones, level.scratch);
        }
        levels.add(level);
        in = out;
      }
    }

    Tensor output() {
      y.arrayForWriting();
      return y;
    }

    Backward backward() {
      Backward b = backward;
      if (b == null) {
        b = new Backward(this);
        backward = b;
      }
      return b;
    }

    Directional directional(Direction d, boolean ofInput) {
      int i = ofInput ? 1 : 0;
      Directional r = directional[i];
      if (r == null) {
        r = new Directional(this, d, ofInput);
        directional[i] = r;
      }
      return r;
    }
  }

  /** The backward pass, split by layer and by what is asked for. */
  private final class Backward {
    final INDArray outputGradient;
    final Tensor inputGradient;
    final List<Nd4jSteps> deltas = new ArrayList<>();
    final List<Nd4jSteps> gradients = new ArrayList<>();
    final List<Nd4jSteps> inputs = new ArrayList<>();

    Backward(Pass pass) {
      inputGradient = Tensor.nd4j(type, pass.rows, mlp.inputs());
      INDArray onesRow = ones(1, pass.rows);
      INDArray below = inputGradient.array();
      for (int l = 0; l < pass.levels.size(); l++) {
        Level level = pass.levels.get(l);
        INDArray above = zeros(pass.rows, level.layer.outputs());
        Part g = thetaGradient.get(l);
        Nd4jSteps delta = new Nd4jSteps();
        Nd4jSteps toTheta = new Nd4jSteps();
        Nd4jSteps toInput = new Nd4jSteps();
        // `above` is dL/dy, then dL/dz, and with layer normalisation the gain's gradient is taken
        // before it becomes dL/du, which W's gradient and dL/dx need.
        level.throughActivation(delta, above, above);
        Normalisation n = level.normalisation;
        INDArray du = above;
        if (n != null) {
          du = zeros(pass.rows, level.layer.outputs());
          delta.multiply(above, level.theta.gains(), du);
          n.jacobian(delta, du, level.scratch);
          toTheta.multiply(above, n.normal, level.scratch);
          toTheta.product(onesRow, level.scratch, g.gains(), 1, 1);
        }
        toTheta.product(onesRow, above, g.bRow, 1, 1);
        toTheta.addTransposedProduct(level.x, du, g.w);
        toInput.productTransposed(du, level.theta.w, below);
        deltas.add(delta);
        gradients.add(toTheta);
        inputs.add(toInput);
        below = above;
      }
      outputGradient = below;
    }
  }

  /** The direction v of an R-pass, seen as layers. */
  private final class Direction {
    final Tensor vector = Tensor.nd4j(type, 1, layout.parameterCount());
    final List<Part> parts = parts(vector);
  }

  /**
   * The forward R-pass: R{z} = x·V_W + R{x}·W + V_b and R{y} = f′(z)∘R{z}; with layer normalisation
   * R{u} takes the place of R{z}, and R{z} = V_g∘ū + g∘(∂ū/∂u·R{u}) + V_b.
   */
  private final class Directional {
    final Nd4jSteps steps = new Nd4jSteps();
    final Tensor output;
    final INDArray input; // R{x}, of which only some passes know

    Directional(Pass pass, Direction direction, boolean ofInput) {
      output = Tensor.nd4j(type, pass.rows, mlp.outputs());
      input = ofInput ? zeros(pass.rows, mlp.inputs()) : output.array();
      INDArray rx = ofInput ? input : null;
      for (int l = 0; l < pass.levels.size(); l++) {
        Level level = pass.levels.get(l);
        Part v = direction.parts.get(l);
        boolean isLast = l == pass.levels.size() - 1;
        INDArray r = isLast ? output.array() : zeros(pass.rows, level.layer.outputs());
        Normalisation n = level.normalisation;
        if (n == null) {
          steps.affine(level.x, v.w, v.b, r);
        } else {
          steps.product(level.x, v.w, r, 1, 0);
        }
        if (rx != null) {
          steps.product(rx, level.theta.w, r, 1, 1);
        }
        if (n != null) {
          n.jacobian(steps, r, level.scratch);
          steps.multiply(r, level.theta.gains(), r);
          steps.multiply(n.normal, v.gains(), level.scratch);
          steps.add(r, level.scratch, r);
          steps.add(r, v.bRow, r);
        }
        level.throughActivation(steps, r, r);
        rx = r;
      }
    }
  }
}
