package org.deeprl4j.nn;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.jspecify.annotations.Nullable;

/**
 * An MLP on the host kernels.
 *
 * <p>A layer's W lies in θ as a row-major [out][in] matrix V. Of its three products, dL/dV = dzᵀ·x
 * reads x as it is; y = x·Vᵀ and dL/dx = dz·V read Vᵀ and V from copies in the kernels' panels,
 * made once a version of θ and only when asked for. Columns are padded to whole vectors, so that no
 * kernel has a tail.
 *
 * <p>Batches from {@link #SPLIT} rows on are cut in two halves, which may run on two threads. The
 * cut depends on the rows alone and the halves' gradients are added in order, so that the bits do
 * not depend on the threads.
 */
final class DenseNetwork implements Network, Bindable {
  /** From this many rows on a batch is cut in halves. */
  private static final int SPLIT = 128;

  /** Multiply-adds that take as long as moving a parameter, which waits for memory. */
  private static final long MOVE = 16;

  private static final float[] NO_FLOATS = {};

  private final Compute compute;
  private final HostKernels kernels;
  private final Mlp mlp;
  private final Dense[] layers;
  private final int parameterCount;
  private Tensor parameters;
  private Tensor gradient;
  private long loadedVersion = -1;

  // Sized to the most rows seen.
  private int capacity;
  private float[] input = NO_FLOATS; // [rows, padded(in)], used where in is not a multiple of LANES
  private float[] outputDelta = NO_FLOATS; // [rows, padded(out)]
  private float[] ones = NO_FLOATS; // [rows]
  private Tensor output;
  private Tensor predicted;
  private Tensor inputDelta;
  private Tensor tangent;
  private float[] secondHalf = NO_FLOATS; // the gradient of the second half, [P]
  private final Half[] halves = {new Half(0), new Half(1)};
  private int forwardRows;
  private float[] forwardInput = NO_FLOATS;
  private int forwardInputColumns;

  /** A network with parameters drawn from {@code random}, or 0 without one. */
  DenseNetwork(Compute compute, HostKernels kernels, Mlp mlp, @Nullable Rng random) {
    this.compute = compute;
    this.kernels = kernels;
    this.mlp = mlp;
    MlpLayout layout = MlpLayout.of(mlp);
    parameterCount = layout.parameterCount();
    parameters = Tensor.host(1, parameterCount);
    gradient = Tensor.host(1, parameterCount);
    if (random != null) {
      layout.initialise(random, parameters.floatsForWriting());
    }
    List<MlpLayout.Layer> described = layout.layers();
    layers = new Dense[described.size()];
    for (int l = 0; l < layers.length; l++) {
      layers[l] = new Dense(described.get(l));
    }
    output = Tensor.host(0, mlp.outputs());
    predicted = Tensor.host(0, mlp.outputs());
    inputDelta = Tensor.host(0, mlp.inputs());
    tangent = Tensor.host(0, mlp.outputs());
    reserve(1);
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
  public void bind(Tensor newParameters, Tensor newGradient) {
    newParameters.copyFrom(parameters);
    newGradient.copyFrom(gradient);
    parameters = newParameters;
    gradient = newGradient;
    loadedVersion = -1;
    for (Dense layer : layers) {
      layer.rowsVersion = -1;
    }
  }

  /** {@inheritDoc} The working copies move along, which is cheaper than transposing anew. */
  @Override
  public void moveTowards(Network other, double tau) {
    boolean alongside = other instanceof DenseNetwork dense && dense.mlp.equals(mlp);
    if (alongside) {
      refresh();
      ((DenseNetwork) other).refresh();
    }
    if (!alongside) {
      parameters.moveTowards(other.parameters(), tau);
      return;
    }
    float[] theta = parameters.floats();
    compute.run(
        2 * MOVE * parameterCount,
        () -> parameters.moveTowards(other.parameters(), tau),
        () -> {
          for (int l = 0; l < layers.length; l++) {
            layers[l].moveTowards(((DenseNetwork) other).layers[l], (float) tau, theta);
          }
        });
    loadedVersion = parameters.version();
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
    refresh();
    float[] in = x.floats();
    int inColumns = mlp.inputs();
    if (remember) {
      forwardRows = rows;
      forwardInput = in;
      forwardInputColumns = inColumns;
      if (inColumns % HostKernels.LANES != 0) {
        copyRows(in, inColumns, input, HostKernels.padded(inColumns), inColumns, 0, rows);
        forwardInput = input;
        forwardInputColumns = HostKernels.padded(inColumns);
      }
    } else {
      forwardRows = -1; // the activations of an earlier forward pass are gone
    }
    float[] out = y.floatsForWriting();
    halves(rows, 1, half -> forwardRange(half, in, inColumns, out));
    return y;
  }

  private void forwardRange(Half half, float[] x, int xColumns, float[] out) {
    float[] in = x;
    int columns = xColumns;
    for (Dense layer : layers) {
      layer.forward(half, in, columns);
      in = layer.y;
      columns = layer.ld;
    }
    copyRows(in, columns, out, mlp.outputs(), mlp.outputs(), half.from, half.to);
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
    Dense last = layers[layers.length - 1];
    float[] dy = outputGradient.floats();
    if (ofInput) {
      inputDelta = inputDelta.ofRows(rows);
      layers[0].reserveInputDelta(); // before the halves, which share it, may run side by side
    }
    refreshRows(ofInput ? 0 : 1);
    float[] dx = ofInput ? inputDelta.floatsForWriting() : NO_FLOATS;
    float[] first = ofParameters ? gradient.floatsForWriting() : NO_FLOATS;
    int offset = gradient.offset();
    boolean split = rows >= SPLIT;
    if (ofParameters && split) {
      if (secondHalf.length == 0) {
        secondHalf = new float[parameterCount];
      }
    }
    halves(
        rows,
        ofParameters ? 2 : 1,
        half -> {
          copyRows(dy, mlp.outputs(), outputDelta, last.ld, mlp.outputs(), half.from, half.to);
          boolean second = half.index == 1;
          float[] g = second ? secondHalf : first;
          if (ofParameters && second) {
            Arrays.fill(g, 0);
          }
          backwardRange(half, ofParameters, g, second ? 0 : offset, dx);
        });
    if (ofParameters && split) {
      addSecondHalf(first, offset);
    }
  }

  private void addSecondHalf(float[] g, int offset) {
    int middle = parameterCount / 2;
    compute.run(
        MOVE * parameterCount,
        () -> HostMath.axpy(1, secondHalf, 0, g, offset, middle),
        () -> HostMath.axpy(1, secondHalf, middle, g, offset + middle, parameterCount - middle));
  }

  private void backwardRange(Half half, boolean ofParameters, float[] g, int go, float[] dx) {
    float[] delta = outputDelta;
    for (int l = layers.length - 1; l >= 0; l--) {
      Dense layer = layers[l];
      layer.toPreActivation(half, delta, ofParameters, g, go);
      if (ofParameters) {
        float[] in = l == 0 ? forwardInput : layers[l - 1].y;
        int columns = l == 0 ? forwardInputColumns : layers[l - 1].ld;
        layer.weightGradient(half, in, columns, delta, g, go);
      }
      if (l > 0) {
        layer.inputDelta(half, delta, layers[l - 1].delta, layers[l - 1].ld);
        delta = layers[l - 1].delta;
      } else if (dx.length > 0) {
        int padded = HostKernels.padded(mlp.inputs());
        if (padded == mlp.inputs()) {
          layer.inputDelta(half, delta, dx, padded);
        } else {
          layer.inputDelta(half, delta, layer.inputDelta, padded);
          copyRows(layer.inputDelta, padded, dx, mlp.inputs(), mlp.inputs(), half.from, half.to);
        }
      }
    }
  }

  @Override
  public Tensor directional(Tensor v) {
    requireForward();
    Shapes.requireShape("direction", v, 1, parameterCount);
    tangent = tangent.ofRows(forwardRows);
    float[] direction = v.floats();
    for (Dense layer : layers) {
      layer.loadDirection(direction, v.offset(), capacity);
    }
    float[] out = tangent.floatsForWriting();
    halves(
        forwardRows,
        2,
        half -> {
          for (int l = 0; l < layers.length; l++) {
            float[] in = l == 0 ? forwardInput : layers[l - 1].y;
            int columns = l == 0 ? forwardInputColumns : layers[l - 1].ld;
            float[] tangentIn = l == 0 ? NO_FLOATS : layers[l - 1].tangent;
            layers[l].directional(half, in, columns, tangentIn, direction, v.offset());
          }
          Dense last = layers[layers.length - 1];
          copyRows(last.tangent, last.ld, out, mlp.outputs(), mlp.outputs(), half.from, half.to);
        });
    return tangent;
  }

  @Override
  public void save(StateWriter out) {
    out.put("parameters", parameters.floats(), parameters.offset(), parameterCount);
  }

  @Override
  public void load(StateReader in) {
    in.get("parameters", parameters.floatsForWriting(), parameters.offset(), parameterCount);
  }

  /** The rows [from, to) of a batch that one thread works on, and the product it fills in. */
  private static final class Half {
    private final int index;
    private final Product product = new Product();
    private int from;
    private int to;

    Half(int index) {
      this.index = index;
    }

    Half of(int first, int end) {
      from = first;
      to = end;
      return this;
    }
  }

  /**
   * Runs work on the two halves of a batch, or on the whole of a small one.
   *
   * @param passes how often the work multiplies a row by the parameters
   */
  private void halves(int rows, int passes, Consumer<Half> work) {
    if (rows < SPLIT) {
      work.accept(halves[0].of(0, rows));
    } else {
      int middle = rows / 2;
      Half first = halves[0].of(0, middle);
      Half second = halves[1].of(middle, rows);
      compute.run(
          (long) passes * rows * parameterCount,
          () -> work.accept(first),
          () -> work.accept(second));
    }
  }

  private void refresh() {
    if (parameters.version() != loadedVersion) {
      float[] theta = parameters.floats();
      int offset = parameters.offset();
      compute.run(
          MOVE * parameterCount, () -> load(theta, offset, false), () -> load(theta, offset, true));
      loadedVersion = parameters.version();
    }
  }

  /** Brings what derivatives read of the layers from {@code first} on up to date with θ. */
  private void refreshRows(int first) {
    long version = parameters.version();
    for (int l = first; l < layers.length; l++) {
      Dense layer = layers[l];
      if (layer.needsRows(version)) {
        layer.reserveRows();
        compute.run(
            MOVE * layer.in * layer.out,
            () -> layer.loadRows(version, false),
            () -> layer.loadRows(version, true));
      }
    }
  }

  private void load(float[] theta, int offset, boolean second) {
    for (Dense layer : layers) {
      layer.load(theta, offset, second);
    }
  }

  private void reserve(int rows) {
    if (rows > capacity) {
      capacity = rows;
      input = new float[rows * HostKernels.padded(mlp.inputs())];
      outputDelta = new float[rows * HostKernels.padded(mlp.outputs())];
      ones = new float[rows];
      Arrays.fill(ones, 1);
      for (Dense layer : layers) {
        layer.reserve(rows);
      }
      forwardRows = -1;
    }
  }

  private void requireForward() {
    if (forwardRows < 0) {
      throw Shapes.noForward();
    }
  }

  private static void copyRows(
      float[] from, int fromColumns, float[] to, int toColumns, int columns, int first, int end) {
    if (from == to) {
      return;
    }
    if (fromColumns == columns && toColumns == columns) {
      System.arraycopy(from, first * columns, to, first * columns, (end - first) * columns);
      return;
    }
    for (int b = first; b < end; b++) {
      int p = b * fromColumns;
      int q = b * toColumns;
      for (int j = 0; j < columns; j++) {
        to[q + j] = from[p + j];
      }
    }
  }

  /** One layer: its padded working copies of the parameters and its activations. */
  private final class Dense {
    private final MlpLayout.Layer layer;
    private final int in;
    private final int out;
    private final int ldIn;
    private final int ld; // padded(out)
    private final boolean aligned; // whether V's rows need no padding
    private final float[] transposed; // Vᵀ, [in, ld] in panels
    private final float[] bias; // [ld]
    private float[] rows = NO_FLOATS; // V, [out, ldIn] in panels, where θ itself does not do
    private long rowsVersion = -1; // of θ
    private float[] theta = NO_FLOATS;
    private int weights;
    // dV [out, ldIn] or dVᵀ [in, ld], one a half, where not aligned
    private final float[][] weightScratch;
    private final float[][] biasScratch; // db [ld], one a half
    private final float[] zeros; // [max(ldIn, ld)]
    private float[] z = NO_FLOATS; // pre-activations, where the derivative needs them
    private float[] y = NO_FLOATS; // [rows, ld]
    private float[] delta = NO_FLOATS; // dL/dy, then dL/dz
    private float[] normalized = NO_FLOATS; // layer normalisation's (u − μ)/σ
    private float[] inverseDeviation = NO_FLOATS;
    private float[] inputDelta = NO_FLOATS;
    private float[] tangent = NO_FLOATS;
    private float[] transposedDirection = NO_FLOATS;
    private float[] directionBias = NO_FLOATS;

    Dense(MlpLayout.Layer layer) {
      this.layer = layer;
      in = layer.inputs();
      out = layer.outputs();
      ldIn = HostKernels.padded(in);
      ld = HostKernels.padded(out);
      aligned = ldIn == in;
      transposed = new float[in * ld];
      bias = new float[ld];
      weightScratch = aligned ? new float[0][] : new float[2][Math.min(out * ldIn, in * ld)];
      biasScratch = new float[2][ld];
      zeros = new float[Math.max(ldIn, ld)];
    }

    void reserve(int count) {
      y = new float[count * ld];
      delta = new float[count * ld];
      if (Activations.needsPreActivation(layer.activation())) {
        z = new float[count * ld];
      }
      if (layer.layerNorm()) {
        normalized = new float[count * ld];
        inverseDeviation = new float[count];
      }
    }

    void reserveInputDelta() {
      if (!aligned && inputDelta.length < capacity * ldIn) {
        inputDelta = new float[capacity * ldIn];
      }
    }

    /** Takes one half of θ in for forward passes. */
    void load(float[] source, int offset, boolean second) {
      int at = offset + layer.weights();
      int middle = middle();
      transpose(source, at, second ? middle : 0, second ? out : middle, transposed);
      if (second) {
        theta = source;
        weights = at;
        if (!layer.layerNorm()) {
          System.arraycopy(source, offset + layer.biases(), bias, 0, out);
        }
      }
    }

    private int middle() {
      return out / 2 / 8 * 8;
    }

    /** Copies the rows [from, to) of V into columns of the panels of Vᵀ. */
    private void transpose(float[] source, int at, int from, int to, float[] panels) {
      int width = kernels.panelWidth();
      for (int o = from; o < to; ) {
        int panel = o / width * width;
        int end = Math.min(to, panel + width);
        int ldPanel = Math.min(width, ld - panel);
        transpose8(source, at, o, end, in, panels, panel * in - panel, ldPanel);
        o = end;
      }
    }

    /** Whether dL/dx can read V where it lies in θ. */
    private boolean readsTheta() {
      return aligned && in <= kernels.panelWidth();
    }

    boolean needsRows(long version) {
      return !readsTheta() && rowsVersion != version;
    }

    /** Takes one half of θ in for the derivative of the input. */
    void loadRows(long version, boolean second) {
      int width = kernels.panelWidth();
      int middle = middle();
      for (int c = 0; c < in; c += width) {
        int ldPanel = Math.min(width, ldIn - c);
        int columns = Math.min(width, in - c);
        for (int o = second ? middle : 0; o < (second ? out : middle); o++) {
          System.arraycopy(theta, weights + o * in + c, rows, c * out + o * ldPanel, columns);
        }
      }
      if (second) {
        rowsVersion = version;
      }
    }

    void reserveRows() {
      if (rows.length == 0) {
        rows = new float[out * ldIn];
      }
    }

    /** The same arithmetic, element by element, as on θ itself. */
    void moveTowards(Dense other, float tau, float[] source) {
      theta = source;
      HostMath.lerp(tau, other.transposed, 0, transposed, 0, transposed.length);
      HostMath.lerp(tau, other.bias, 0, bias, 0, bias.length);
    }

    void forward(Half half, float[] x, int columns) {
      int from = half.from;
      int to = half.to;
      // With layer normalisation the bias comes after it, and `bias` stays 0 here.
      if (out == 1) {
        kernels.dots(
            half.product
                .of(to - from, 1, in)
                .a(x, from * columns, columns)
                .b(theta, weights, 1)
                .from(bias)
                .into(y, from * ld, ld));
      } else {
        kernels.multiply(
            half.product
                .of(to - from, ld, in)
                .a(x, from * columns, columns)
                .panels(transposed, 0)
                .from(bias)
                .into(y, from * ld, ld));
      }
      if (layer.layerNorm()) {
        normalize(from, to);
      }
      if (z.length > 0) {
        System.arraycopy(y, from * ld, z, from * ld, (to - from) * ld);
      }
      Activations.apply(layer.activation(), kernels, y, from * ld, (to - from) * ld);
    }

    private void normalize(int from, int to) {
      int gains = weights - layer.weights() + layer.gains();
      int biases = weights - layer.weights() + layer.biases();
      for (int b = from; b < to; b++) {
        int row = b * ld;
        double mean = 0;
        for (int j = 0; j < out; j++) {
          mean += y[row + j];
        }
        mean /= out;
        double variance = 0;
        for (int j = 0; j < out; j++) {
          double d = y[row + j] - mean;
          variance += d * d;
        }
        variance /= out;
        float scale = variance > 0 ? (float) (1 / Math.sqrt(variance)) : 0;
        inverseDeviation[b] = scale;
        for (int j = 0; j < out; j++) {
          float n = (float) (y[row + j] - mean) * scale;
          normalized[row + j] = n;
          y[row + j] = theta[gains + j] * n + theta[biases + j];
        }
      }
    }

    /**
     * Turns dL/dy in {@code d} into dL/du (the product's output), adding the bias's and gain's
     * gradients.
     */
    void toPreActivation(Half half, float[] d, boolean ofParameters, float[] g, int go) {
      int from = half.from;
      int to = half.to;
      Activations.multiplyDerivative(
          layer.activation(), kernels, y, z, d, from * ld, (to - from) * ld);
      if (ofParameters) {
        float[] sums = biasScratch[half.index];
        kernels.multiply(
            half.product
                .of(1, ld, to - from)
                .a(ones, 0, to - from)
                .b(d, from * ld, ld)
                .from(zeros)
                .into(sums, 0, ld));
        int biases = go + layer.biases();
        for (int j = 0; j < out; j++) {
          g[biases + j] += sums[j];
        }
      }
      if (layer.layerNorm()) {
        normalizeBackward(d, from, to, ofParameters, g, go + layer.gains());
      }
    }

    /** dL/dû = g∘dL/dz, then dL/du = (dL/dû − mean(dL/dû) − û·mean(dL/dû∘û))/σ. */
    private void normalizeBackward(
        float[] d, int from, int to, boolean ofParameters, float[] g, int gainGradient) {
      int gains = weights - layer.weights() + layer.gains();
      for (int b = from; b < to; b++) {
        int row = b * ld;
        double mean = 0;
        double projection = 0;
        for (int j = 0; j < out; j++) {
          if (ofParameters) {
            g[gainGradient + j] += d[row + j] * normalized[row + j];
          }
          d[row + j] *= theta[gains + j];
          mean += d[row + j];
          projection += (double) d[row + j] * normalized[row + j];
        }
        mean /= out;
        projection /= out;
        for (int j = 0; j < out; j++) {
          d[row + j] =
              (float)
                  ((d[row + j] - mean - normalized[row + j] * projection) * inverseDeviation[b]);
        }
      }
    }

    /** dL/dV += dzᵀ·x. */
    void weightGradient(Half half, float[] x, int columns, float[] d, float[] g, int go) {
      int from = half.from;
      int k = half.to - from;
      int target = go + layer.weights();
      if (aligned) {
        kernels.multiply(
            half.product
                .of(out, in, k)
                .transposedA(d, from * ld, ld)
                .b(x, from * columns, columns)
                .onto(g, target, in));
        return;
      }
      float[] scratch = weightScratch[half.index];
      if (in * ld < out * ldIn) { // a thin input: dVᵀ wastes less
        kernels.multiply(
            half.product
                .of(in, ld, k)
                .transposedA(x, from * columns, columns)
                .b(d, from * ld, ld)
                .from(zeros)
                .into(scratch, 0, ld));
        for (int o = 0; o < out; o++) {
          for (int i = 0; i < in; i++) {
            g[target + o * in + i] += scratch[i * ld + o];
          }
        }
        return;
      }
      kernels.multiply(
          half.product
              .of(out, ldIn, k)
              .transposedA(d, from * ld, ld)
              .b(x, from * columns, columns)
              .from(zeros)
              .into(scratch, 0, ldIn));
      for (int o = 0; o < out; o++) {
        for (int i = 0; i < in; i++) {
          g[target + o * in + i] += scratch[o * ldIn + i];
        }
      }
    }

    /** dL/dx = dz·V. */
    void inputDelta(Half half, float[] d, float[] dx, int columns) {
      int from = half.from;
      boolean direct = readsTheta();
      kernels.multiply(
          half.product
              .of(half.to - from, ldIn, out)
              .a(d, from * ld, ld)
              .panels(direct ? theta : rows, direct ? weights : 0)
              .from(zeros)
              .into(dx, from * columns, columns));
    }

    void loadDirection(float[] v, int offset, int count) {
      if (transposedDirection.length == 0) {
        transposedDirection = new float[in * ld];
        directionBias = new float[ld];
      }
      if (tangent.length < count * ld) {
        tangent = new float[count * ld];
      }
      transpose(v, offset + layer.weights(), 0, out, transposedDirection);
      if (!layer.layerNorm()) {
        System.arraycopy(v, offset + layer.biases(), directionBias, 0, out);
      }
    }

    /** Ry = f'(z)∘(Rx·W + x·R[W] + R[b]), with layer normalisation differentiated likewise. */
    void directional(Half half, float[] x, int columns, float[] tangentIn, float[] v, int vo) {
      int from = half.from;
      int to = half.to;
      int m = to - from;
      kernels.multiply(
          half.product
              .of(m, ld, in)
              .a(x, from * columns, columns)
              .panels(transposedDirection, 0)
              .from(directionBias)
              .into(tangent, from * ld, ld));
      if (tangentIn.length > 0) {
        kernels.multiply(
            half.product
                .of(m, ld, in)
                .a(tangentIn, from * columns, columns)
                .panels(transposed, 0)
                .onto(tangent, from * ld, ld));
      }
      if (layer.layerNorm()) {
        normalizeDirectional(v, vo, from, to);
      }
      Activations.multiplyDerivative(layer.activation(), kernels, y, z, tangent, from * ld, m * ld);
    }

    private void normalizeDirectional(float[] v, int vo, int from, int to) {
      int gains = weights - layer.weights() + layer.gains();
      for (int b = from; b < to; b++) {
        int row = b * ld;
        double mean = 0;
        double projection = 0;
        for (int j = 0; j < out; j++) {
          mean += tangent[row + j];
          projection += (double) tangent[row + j] * normalized[row + j];
        }
        mean /= out;
        projection /= out;
        for (int j = 0; j < out; j++) {
          double n = normalized[row + j];
          double moved = (tangent[row + j] - mean - n * projection) * inverseDeviation[b];
          tangent[row + j] =
              (float)
                  (theta[gains + j] * moved
                      + v[vo + layer.gains() + j] * n
                      + v[vo + layer.biases() + j]);
        }
      }
    }
  }

  /**
   * Copies the rows [first, end) of a row-major [·, n] matrix into columns, eight at a time: row i
   * becomes the column that starts at {@code start + i}.
   */
  private static void transpose8(
      float[] from, int offset, int first, int end, int n, float[] to, int start, int ld) {
    int i = first;
    for (; i + 8 <= end; i += 8) {
      for (int j = 0, p = offset + i * n, q = start + i; j < n; j++, p++, q += ld) {
        to[q] = from[p];
        to[q + 1] = from[p + n];
        to[q + 2] = from[p + 2 * n];
        to[q + 3] = from[p + 3 * n];
        to[q + 4] = from[p + 4 * n];
        to[q + 5] = from[p + 5 * n];
        to[q + 6] = from[p + 6 * n];
        to[q + 7] = from[p + 7 * n];
      }
    }
    for (; i < end; i++) {
      for (int j = 0; j < n; j++) {
        to[start + j * ld + i] = from[offset + i * n + j];
      }
    }
  }
}
