package org.deeprl4j.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.deeprl4j.random.Rng;
import org.jspecify.annotations.Nullable;

/**
 * An MLP on the host kernels.
 *
 * <p>A layer's W lies in θ as a row-major [out][in] matrix V. Of its three products, dL/dV = dzᵀ·x
 * reads x as it is; y = x·Vᵀ and dL/dx = dz·V read Vᵀ and V from copies in the kernels' panels,
 * made once a version of θ and only when asked for. Columns are padded to whole vectors, so that no
 * kernel has a tail.
 *
 * <p>Large batches are cut into ranges of rows, and gradients into blocks of parameters, which the
 * threads take one after the other: a slow core takes fewer. A row does not depend on its range,
 * nor a parameter on its block. A gradient is the sum over the first half of the batch plus that
 * over the second, whatever runs where.
 */
final class DenseNetwork extends FlatNetwork {
  /** From this many rows on a batch is cut. */
  private static final int SPLIT = 128;

  /** Rows of a range at least: each one reads the parameters anew. */
  private static final int RANGE = 32;

  /** How many ranges each thread may take: the more, the less one waits for another. */
  private static final int SHARES = 8;

  /** Parameters of a block of a gradient, about. */
  private static final int BLOCK = 1 << 14;

  /** Multiply-adds that take as long as moving a parameter, which waits for memory. */
  private static final long MOVE = 16;

  private static final float[] NO_FLOATS = {};

  private final Compute compute;
  private final HostKernels kernels;
  private final Mlp mlp;
  private final Dense[] layers;
  private final int parameterCount;
  private long loadedVersion = -1;

  // Sized to the most rows seen.
  private int capacity;
  private float[] input = NO_FLOATS; // [rows, padded(in)], used where in is not a multiple of LANES
  private float[] ones = NO_FLOATS; // [rows]
  private Tensor output;
  private Tensor predicted;
  private Tensor inputDelta;
  private Tensor tangent;
  private Range[] ranges = {new Range()};
  private Block[] blocks = {}; // of the gradient, made when it is first computed
  private int forwardRows;
  private float[] movedInput = NO_FLOATS;
  private float[] forwardInput = NO_FLOATS;
  private int forwardInputColumns;

  // What tasks are to do, made once so that few rows allocate nothing, and what they work on.
  private final Runnable[] loads = {() -> load(false), () -> load(true)};
  private final Consumer<Range> forwards = this::forwardRange;
  private final Consumer<Range> backwards = this::backwardRange;
  private float[] given = NO_FLOATS; // x, or dL/dy
  private float[] wanted = NO_FLOATS; // y, or dL/dx if requested
  private float[] slope = NO_FLOATS; // dL/dθ

  /** A network with parameters drawn from {@code random}, or 0 without one. */
  DenseNetwork(Compute compute, HostKernels kernels, Mlp mlp, @Nullable Rng random) {
    super(mlp, Tensor.host(0, 1));
    this.compute = compute;
    this.kernels = kernels;
    this.mlp = mlp;
    MlpLayout layout = MlpLayout.of(mlp);
    parameterCount = layout.parameterCount();
    if (random != null) {
      layout.initialise(random, parameters().floatsForWriting());
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
  void rebound() {
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
      parameters().moveTowards(other.parameters(), tau);
      return;
    }
    float[] theta = parameters().floats();
    compute.run(
        2 * MOVE * parameterCount,
        () -> parameters().moveTowards(other.parameters(), tau),
        () -> {
          for (int l = 0; l < layers.length; l++) {
            layers[l].moveTowards(((DenseNetwork) other).layers[l], (float) tau, theta);
          }
        });
    loadedVersion = parameters().version();
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
    given = x.floats();
    int columns = mlp.inputs();
    if (remember) {
      forwardRows = rows;
      forwardInput = given;
      forwardInputColumns = columns;
      if (columns % HostKernels.LANES != 0) {
        copyRows(given, columns, input, HostKernels.padded(columns), columns, 0, rows);
        forwardInput = input;
        forwardInputColumns = HostKernels.padded(columns);
      }
    } else {
      forwardRows = -1; // the activations of an earlier forward pass are gone
    }
    wanted = y.floatsForWriting();
    inRanges(rows, forwards);
    return y;
  }

  private void forwardRange(Range range) {
    float[] x = given;
    int columns = mlp.inputs();
    for (Dense layer : layers) {
      layer.forward(range, x, columns);
      x = layer.y;
      columns = layer.ld;
    }
    copyRows(x, columns, wanted, mlp.outputs(), mlp.outputs(), range.from, range.to);
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
    given = outputGradient.floats();
    if (ofInput) {
      inputDelta = inputDelta.ofRows(rows);
      layers[0].reserveInputDelta(); // before the ranges, which share it, may run side by side
    }
    refreshRows(ofInput ? 0 : 1);
    wanted = ofInput ? inputDelta.floatsForWriting() : NO_FLOATS;
    inRanges(rows, backwards);
    if (ofParameters) {
      addGradient();
    }
  }

  /** Leaves dL/du of each layer (the product's output) in its array, and dL/dx if requested. */
  private void backwardRange(Range range) {
    float[] dx = wanted;
    Dense last = layers[layers.length - 1];
    copyRows(given, mlp.outputs(), last.delta, last.ld, mlp.outputs(), range.from, range.to);
    for (int l = layers.length - 1; l >= 0; l--) {
      Dense layer = layers[l];
      layer.toPreActivation(range);
      if (l > 0) {
        layer.inputDelta(range, layers[l - 1].delta, layers[l - 1].ld);
      } else if (dx.length > 0) {
        int padded = HostKernels.padded(mlp.inputs());
        if (padded == mlp.inputs()) {
          layer.inputDelta(range, dx, padded);
        } else {
          layer.inputDelta(range, layer.inputDelta, padded);
          copyRows(layer.inputDelta, padded, dx, mlp.inputs(), mlp.inputs(), range.from, range.to);
        }
      }
    }
  }

  private void addGradient() {
    if (blocks.length == 0) {
      List<Block> made = new ArrayList<>();
      for (Dense layer : layers) {
        layer.cut(made);
      }
      made.sort(Comparator.comparingInt(Block::size).reversed()); // a long one begins first
      blocks = made.toArray(Block[]::new);
    }
    slope = gradient().floatsForWriting();
    compute.run((long) forwardRows * parameterCount, blocks);
  }

  @Override
  public Tensor directional(Tensor v, @Nullable Tensor u) {
    requireForward();
    Shapes.requireShape("direction", v, 1, parameterCount);
    tangent = tangent.ofRows(forwardRows);
    float[] direction = v.floats();
    float[] inputTangent = u == null ? NO_FLOATS : asForwardInput(u);
    for (Dense layer : layers) {
      layer.loadDirection(direction, v.offset(), capacity);
    }
    float[] out = tangent.floatsForWriting();
    inRanges(
        forwardRows,
        range -> {
          for (int l = 0; l < layers.length; l++) {
            float[] tangentIn = l == 0 ? inputTangent : layers[l - 1].tangent;
            layers[l].directional(range, input(l), columns(l), tangentIn, direction, v.offset());
          }
          Dense last = layers[layers.length - 1];
          copyRows(last.tangent, last.ld, out, mlp.outputs(), mlp.outputs(), range.from, range.to);
        });
    return tangent;
  }

  /** Rows as wide as those of the last forward pass's input. */
  private float[] asForwardInput(Tensor u) {
    Shapes.requireShape("input direction", u, forwardRows, mlp.inputs());
    if (forwardInputColumns == mlp.inputs()) {
      return u.floats();
    }
    if (movedInput.length < forwardRows * forwardInputColumns) {
      movedInput = new float[forwardRows * forwardInputColumns];
    }
    copyRows(
        u.floats(), mlp.inputs(), movedInput, forwardInputColumns, mlp.inputs(), 0, forwardRows);
    return movedInput;
  }

  /** What a layer read in the last forward pass, [rows, {@link #columns}]. */
  private float[] input(int layer) {
    return layer == 0 ? forwardInput : layers[layer - 1].y;
  }

  private int columns(int layer) {
    return layer == 0 ? forwardInputColumns : layers[layer - 1].ld;
  }

  /** The rows [from, to) of a batch that one task works on, and the product it fills in. */
  private static final class Range implements Runnable {
    private final Product product = new Product();
    private Consumer<Range> work = range -> {};
    private int from;
    private int to;

    Range of(Consumer<Range> onRows, int first, int end) {
      work = onRows;
      from = first;
      to = end;
      return this;
    }

    @Override
    public void run() {
      work.accept(this);
    }
  }

  /** Runs work on all rows of a batch, cut into ranges if it is large. */
  private void inRanges(int rows, Consumer<Range> work) {
    int count = rows < SPLIT ? 1 : 2;
    if (rows >= SPLIT && kernels.rowsAreIndependent()) {
      int threads = compute.threads();
      count = rows / (threads == 1 ? SPLIT : Math.max(RANGE, rows / (SHARES * threads)));
    }
    if (count == 1) { // allocates nothing: a policy that acts
      ranges[0].of(work, 0, rows).run();
      return;
    }
    if (ranges.length < count) {
      ranges = new Range[count];
      Arrays.setAll(ranges, i -> new Range());
    }
    for (int i = 0; i < count; i++) {
      ranges[i].of(work, rows * i / count, rows * (i + 1) / count);
    }
    compute.run((long) rows * parameterCount, Arrays.copyOf(ranges, count));
  }

  private void refresh() {
    if (parameters().version() != loadedVersion) {
      parameters().floats(); // brought up to date before two threads read them
      compute.run(MOVE * parameterCount, loads);
      loadedVersion = parameters().version();
    }
  }

  /** Brings what derivatives read of the layers from {@code first} on up to date with θ. */
  private void refreshRows(int first) {
    long version = parameters().version();
    for (int l = first; l < layers.length; l++) {
      Dense layer = layers[l];
      if (layer.needsRows(version)) {
        layer.reserveRows();
        compute.run(MOVE * layer.in * layer.out, layer.rowLoads);
        layer.rowsVersion = version;
      }
    }
  }

  private void load(boolean second) {
    for (Dense layer : layers) {
      layer.load(parameters().floats(), parameters().offset(), second);
    }
  }

  private void reserve(int rows) {
    if (rows > capacity) {
      capacity = rows;
      input = new float[rows * HostKernels.padded(mlp.inputs())];
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
    private final Runnable[] rowLoads = {() -> loadRows(false), () -> loadRows(true)};
    private float[] theta = NO_FLOATS;
    private int weights;
    private final float[] zeros; // [max(ldIn, ld)]
    private float[] z = NO_FLOATS; // pre-activations, where the derivative needs them
    private float[] y = NO_FLOATS; // [rows, ld]
    private float[] delta = NO_FLOATS; // dL/dy, then dL/dz, then dL/du
    private float[] normalized = NO_FLOATS; // layer normalisation's (u − μ)/σ
    private float[] normalizedDelta = NO_FLOATS; // dL/dz, where it is not dL/du
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
        normalizedDelta = new float[count * ld];
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
      Panels.transpose(source, at, from, to, in, kernels.panelWidth(), ld, panels);
    }

    /** Whether dL/dx can read V where it lies in θ. */
    private boolean readsTheta() {
      return aligned && in <= kernels.panelWidth();
    }

    boolean needsRows(long version) {
      return !readsTheta() && rowsVersion != version;
    }

    /** Takes one half of θ in for the derivative of the input. */
    private void loadRows(boolean second) {
      int from = second ? middle() : 0;
      int to = second ? out : middle();
      Panels.copy(theta, weights, from, to, out, in, kernels.panelWidth(), ldIn, rows);
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

    void forward(Range range, float[] x, int columns) {
      int from = range.from;
      int to = range.to;
      // With layer normalisation the bias comes after it, and `bias` stays 0 here.
      if (out == 1) {
        kernels.dots(
            range
                .product
                .of(to - from, 1, in)
                .a(x, from * columns, columns)
                .b(theta, weights, 1)
                .from(bias)
                .into(y, from * ld, ld));
      } else {
        kernels.multiply(
            range
                .product
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

    /** Turns dL/dy into dL/du, the product's output. */
    void toPreActivation(Range range) {
      int from = range.from;
      int to = range.to;
      Activations.multiplyDerivative(
          layer.activation(), kernels, y, z, delta, from * ld, (to - from) * ld);
      if (layer.layerNorm()) {
        System.arraycopy(delta, from * ld, normalizedDelta, from * ld, (to - from) * ld);
        normalizeBackward(delta, from, to);
      }
    }

    /** dL/dû = g∘dL/dz, then dL/du = (dL/dû − mean(dL/dû) − û·mean(dL/dû∘û))/σ. */
    private void normalizeBackward(float[] d, int from, int to) {
      int gains = weights - layer.weights() + layer.gains();
      for (int b = from; b < to; b++) {
        int row = b * ld;
        double mean = 0;
        double projection = 0;
        for (int j = 0; j < out; j++) {
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

    /** dL/dx = dz·V. */
    void inputDelta(Range range, float[] dx, int columns) {
      int from = range.from;
      boolean direct = readsTheta();
      kernels.multiply(
          range
              .product
              .of(range.to - from, ldIn, out)
              .a(delta, from * ld, ld)
              .panels(direct ? theta : rows, direct ? weights : 0)
              .from(zeros)
              .into(dx, from * columns, columns));
    }

    /** Whether dVᵀ, [in, padded(out)], wastes less than dV, [out, padded(in)]. */
    private boolean thin() {
      return !aligned && in * ld < out * ldIn;
    }

    /** Cuts the layer's gradient into blocks. */
    void cut(List<Block> to) {
      int lines = thin() ? in : out;
      boolean whole = compute.threads() == 1 || !kernels.rowsAreIndependent();
      int count = whole ? 1 : Math.max(1, in * out / BLOCK);
      int length = ((lines + count - 1) / count + 4) / 5 * 5; // the kernels compute five at a time
      for (int from = 0; from < lines; from += length) {
        to.add(new Block(this, from, Math.min(lines, from + length)));
      }
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
    void directional(Range range, float[] x, int columns, float[] tangentIn, float[] v, int vo) {
      int from = range.from;
      int to = range.to;
      int m = to - from;
      kernels.multiply(
          range
              .product
              .of(m, ld, in)
              .a(x, from * columns, columns)
              .panels(transposedDirection, 0)
              .from(directionBias)
              .into(tangent, from * ld, ld));
      if (tangentIn.length > 0) {
        kernels.multiply(
            range
                .product
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
   * Some rows of a layer's dV, or of dVᵀ where the layer is thin; the first block also has the
   * gradients of the biases and gains.
   */
  private final class Block implements Runnable {
    private final Dense layer;
    private final int index; // of the layer
    private final int from;
    private final int to;
    private final int width; // of a row
    private final Product product = new Product();
    private final float[] sums; // the block's rows, or [ld] biases or gains

    Block(Dense layer, int from, int to) {
      this.layer = layer;
      this.from = from;
      this.to = to;
      index = Arrays.asList(layers).indexOf(layer);
      width = layer.thin() ? layer.ld : layer.ldIn;
      sums = new float[Math.max((to - from) * width, layer.ld)];
    }

    int size() {
      return (to - from) * width;
    }

    @Override
    public void run() {
      int rows = forwardRows;
      int first = rows < SPLIT ? rows : rows / 2;
      add(0, first, slope, gradient().offset());
      if (first < rows) {
        add(first, rows, slope, gradient().offset());
      }
    }

    /** Adds dzᵀ·x and the sum of dz over the rows [first, end) of the batch. */
    void add(int first, int end, float[] g, int offset) {
      addWeights(first, end, g, offset + layer.layer.weights());
      if (from == 0) {
        addBiases(first, end, g, offset);
      }
    }

    private void addWeights(int first, int end, float[] g, int target) {
      float[] x = input(index);
      int columns = columns(index);
      int in = layer.in;
      int ld = layer.ld;
      product.of(to - from, width, end - first);
      if (layer.thin()) {
        product.transposedA(x, first * columns + from, columns).b(layer.delta, first * ld, ld);
      } else {
        product.transposedA(layer.delta, first * ld + from, ld).b(x, first * columns, columns);
      }
      if (layer.aligned && first == 0) {
        kernels.multiply(product.onto(g, target + from * in, in));
        return;
      }
      kernels.multiply(product.from(layer.zeros).into(sums, 0, width));
      if (layer.aligned) {
        HostMath.axpy(1, sums, 0, g, target + from * in, (to - from) * in);
      } else if (layer.thin()) {
        for (int o = 0; o < layer.out; o++) {
          for (int i = from; i < to; i++) {
            g[target + o * in + i] += sums[(i - from) * width + o];
          }
        }
      } else {
        for (int o = from; o < to; o++) {
          for (int i = 0; i < in; i++) {
            g[target + o * in + i] += sums[(o - from) * width + i];
          }
        }
      }
    }

    private void addBiases(int first, int end, float[] g, int offset) {
      int ld = layer.ld;
      boolean normalizes = layer.layer.layerNorm();
      float[] d = normalizes ? layer.normalizedDelta : layer.delta;
      kernels.multiply(
          product
              .of(1, ld, end - first)
              .a(ones, 0, end - first)
              .b(d, first * ld, ld)
              .from(layer.zeros)
              .into(sums, 0, ld));
      addTo(g, offset + layer.layer.biases());
      if (normalizes) {
        Arrays.fill(sums, 0, ld, 0);
        for (int b = first; b < end; b++) {
          for (int j = 0; j < layer.out; j++) {
            sums[j] += d[b * ld + j] * layer.normalized[b * ld + j];
          }
        }
        addTo(g, offset + layer.layer.gains());
      }
    }

    private void addTo(float[] g, int at) {
      for (int j = 0; j < layer.out; j++) {
        g[at + j] += sums[j];
      }
    }
  }
}
