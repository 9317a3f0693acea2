package org.deeprl4j.nn;

import java.util.Arrays;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.jspecify.annotations.Nullable;

/**
 * A layer of long short-term memory on the host kernels, with DL4J's equations and layout (Graves
 * 2012, "Supervised sequence labelling with recurrent neural networks", without peepholes). With h
 * and c the state that a row begins with,
 *
 * <pre>
 * [a | f | o | g] = x·W + h·R + b,  a through tanh, f, o and g through σ
 * c′ = f∘c + g∘a
 * h′ = o∘tanh c′
 * </pre>
 *
 * <p>θ holds W, which DL4J sees as [in, 4H] in 'f' order, that is, row-major [4H][in]; R likewise,
 * row-major [4H][H]; and b.
 *
 * <p>Rows that continue one another are a sequence. The sequences of a batch, longest first, are
 * computed side by side: a step takes the next row of each that has one, so that all rows of a step
 * lie together and none is padded. What does not depend on the step before, x·W and the gradients
 * of the parameters, is one product over all rows.
 */
final class LstmNetwork implements Network, Bindable {
  private static final float[] NO_FLOATS = {};
  private static final int[] NO_INTS = {};

  private final HostKernels kernels;
  private final NetworkSpec.Lstm spec;
  private final Product product = new Product();
  private final int in;
  private final int units; // H
  private final int gates; // 4H
  private final int ldIn;
  private final int ldUnits;
  private final int ldGates;
  private Tensor parameters;
  private Tensor gradient;

  // Copies of θ. As σ(z) = ½ + ½ tanh(z/2), those for going forward hold f, o and g halved, and one
  // tanh serves all four.
  private long loadedVersion = -1;
  private final float[] inputColumns; // Wᵀ, [in, ldGates]
  private final float[] recurrentColumns; // Rᵀ, [H, ldGates]
  private final float[] bias; // [ldGates]
  private final float[] inputRows; // W, [4H, ldIn]
  private final float[] recurrentRows; // R, [4H, ldUnits]
  private final float[] zeros;

  // Which rows a step computes, for as many rows as there have been at most.
  private int capacity;
  private int[] first = NO_INTS; // rows of the sequences
  private int[] length = NO_INTS; // rows in each of them
  private int[] active = NO_INTS; // sequences with more rows than so many
  private int[] seen = NO_INTS; // of them, those that have their place
  private int[] offset = NO_INTS; // places before those of a step
  private int[] rowOf = NO_INTS; // the row at a place
  private int steps;

  // By place.
  private float[] x = NO_FLOATS; // [rows, ldIn]
  private float[] z = NO_FLOATS; // [a | f | o | g], [rows, ldGates]
  private float[] h = NO_FLOATS; // [rows, ldUnits]
  private float[] c = NO_FLOATS; // [rows, H]
  private float[] next = NO_FLOATS; // h′, [rows, ldUnits]
  private float[] nextCell = NO_FLOATS; // c′, [rows, H]
  private float[] squashed = NO_FLOATS; // tanh c′, [rows, H]
  private float[] dz = NO_FLOATS; // [rows, ldGates]
  private float[] dx = NO_FLOATS; // [rows, ldIn]
  private float[] ones = NO_FLOATS; // [rows]

  // By sequence.
  private float[] dh = NO_FLOATS; // [rows, ldUnits]
  private float[] dc = NO_FLOATS; // [rows, H]

  private final float[] inputScratch; // dW, [4H, ldIn]
  private final float[] recurrentScratch; // dR, [4H, ldUnits]
  private final float[] biasScratch; // [ldGates]
  private int forwardRows = -1;
  private Tensor output;
  private Tensor predicted;
  private Tensor inputDelta;

  /**
   * A network with parameters drawn from {@code random}, or 0 without one.
   *
   * @param like a tensor of the home and type to use
   */
  LstmNetwork(HostKernels kernels, NetworkSpec.Lstm spec, Tensor like, @Nullable Rng random) {
    this.kernels = kernels;
    this.spec = spec;
    in = spec.features();
    units = spec.units();
    gates = 4 * units;
    ldIn = HostKernels.padded(in);
    ldUnits = HostKernels.padded(units);
    ldGates = HostKernels.padded(gates);
    parameters = like.like(1, spec.parameterCount());
    gradient = like.like(1, spec.parameterCount());
    inputColumns = new float[in * ldGates];
    recurrentColumns = new float[units * ldGates];
    bias = new float[ldGates];
    inputRows = new float[gates * ldIn];
    recurrentRows = new float[gates * ldUnits];
    zeros = new float[Math.max(ldIn, ldGates)];
    inputScratch = new float[gates * ldIn];
    recurrentScratch = new float[gates * ldUnits];
    biasScratch = new float[ldGates];
    output = like.like(0, spec.outputs());
    predicted = like.like(0, spec.outputs());
    inputDelta = like.like(0, spec.inputs());
    reserve(1);
    if (random != null) {
      initialise(random, parameters.floatsForWriting());
    }
  }

  /**
   * Orthogonal matrices for each of the four parts, and biases 0 but for those of f, which are 1.
   */
  private void initialise(Rng random, float[] theta) {
    int recurrent = gates * in;
    for (int part = 0; part < 4; part++) {
      orthogonal(random, in, part * units * in, theta);
    }
    for (int part = 0; part < 4; part++) {
      orthogonal(random, units, recurrent + part * units * units, theta);
    }
    int biases = recurrent + gates * units;
    Arrays.fill(theta, biases + units, biases + 2 * units, 1);
  }

  private void orthogonal(Rng random, int inputs, int at, float[] theta) {
    MlpLayout.orthogonal(
        random, new MlpLayout.Layer(inputs, units, at, -1, -1, Activation.IDENTITY), 1, theta);
  }

  @Override
  public NetworkSpec spec() {
    return spec;
  }

  @Override
  public int inputSize() {
    return spec.inputs();
  }

  @Override
  public int outputSize() {
    return spec.outputs();
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
  public Tensor predict(Tensor input) {
    forwardRows = -1; // the activations of an earlier forward pass are gone
    predicted = predicted.ofRows(input.rows());
    return run(input, predicted);
  }

  @Override
  public Tensor forward(Tensor input) {
    output = output.ofRows(input.rows());
    run(input, output);
    forwardRows = input.rows();
    return output;
  }

  private Tensor run(Tensor input, Tensor y) {
    Shapes.requireColumns("input", input, spec.inputs());
    int rows = input.rows();
    reserve(rows);
    refresh();
    float[] given = input.floats();
    arrange(given, rows);
    for (int p = 0; p < rows; p++) {
      System.arraycopy(given, rowOf[p] * spec.inputs(), x, p * ldIn, in);
    }
    for (int p = 0; p < active[0]; p++) {
      int state = rowOf[p] * spec.inputs() + in;
      System.arraycopy(given, state, h, p * ldUnits, units);
      System.arraycopy(given, state + units, c, p * units, units);
    }
    kernels.multiply(
        product
            .of(rows, ldGates, in)
            .a(x, 0, ldIn)
            .b(inputColumns, 0, ldGates)
            .from(bias)
            .into(z, 0, ldGates));
    for (int k = 0; k < steps; k++) {
      step(k);
    }
    float[] out = y.floatsForWriting();
    for (int p = 0; p < rows; p++) {
      int at = rowOf[p] * spec.outputs();
      System.arraycopy(next, p * ldUnits, out, at, units);
      System.arraycopy(next, p * ldUnits, out, at + units, units);
      System.arraycopy(nextCell, p * units, out, at + 2 * units, units);
    }
    return y;
  }

  /** Computes the rows of a step from what the step before has left. */
  private void step(int k) {
    int from = offset[k];
    int count = active[k];
    if (k > 0) {
      int before = offset[k - 1];
      System.arraycopy(next, before * ldUnits, h, from * ldUnits, count * ldUnits);
      System.arraycopy(nextCell, before * units, c, from * units, count * units);
    }
    kernels.multiply(
        product
            .of(count, ldGates, units)
            .a(h, from * ldUnits, ldUnits)
            .b(recurrentColumns, 0, ldGates)
            .onto(z, from * ldGates, ldGates));
    kernels.tanh(z, from * ldGates, count * ldGates);
    for (int p = from; p < from + count; p++) {
      int f = p * ldGates + units;
      for (int j = f; j < f + 3 * units; j++) {
        z[j] = 0.5f + 0.5f * z[j];
      }
      int cell = p * units;
      for (int j = 0; j < units; j++) {
        nextCell[cell + j] = z[f + j] * c[cell + j] + z[f + 2 * units + j] * z[f - units + j];
      }
    }
    System.arraycopy(nextCell, from * units, squashed, from * units, count * units);
    kernels.tanh(squashed, from * units, count * units);
    for (int p = from; p < from + count; p++) {
      int o = p * ldGates + 2 * units;
      for (int j = 0; j < units; j++) {
        next[p * ldUnits + j] = z[o + j] * squashed[p * units + j];
      }
    }
  }

  /** Finds the sequences of a batch, and gives each row its place. */
  private void arrange(float[] given, int rows) {
    int sequences = 0;
    int columns = spec.inputs();
    for (int row = 0; row < rows; row++) {
      if (row == 0 || given[row * columns + columns - 1] > 0.5f) {
        first[sequences] = row;
        length[sequences++] = 0;
      }
      length[sequences - 1]++;
    }
    Arrays.fill(active, 0, rows + 1, 0);
    steps = 0;
    for (int s = 0; s < sequences; s++) {
      active[length[s]]++;
      steps = Math.max(steps, length[s]);
    }
    for (int k = rows, longer = 0; k >= 0; k--) {
      int equal = active[k];
      active[k] = longer;
      longer += equal;
      seen[k] = 0;
    }
    offset[0] = 0;
    for (int k = 0; k < steps; k++) {
      offset[k + 1] = offset[k] + active[k];
    }
    for (int s = 0; s < sequences; s++) {
      int rank = active[length[s]] + seen[length[s]]++;
      for (int k = 0; k < length[s]; k++) {
        rowOf[offset[k] + rank] = first[s] + k;
      }
    }
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
    if (forwardRows < 0) {
      throw Shapes.noForward();
    }
    Shapes.requireShape("output gradient", outputGradient, forwardRows, spec.outputs());
    float[] given = outputGradient.floats();
    Arrays.fill(dh, 0, active[0] * ldUnits, 0);
    Arrays.fill(dc, 0, active[0] * units, 0);
    for (int k = steps - 1; k >= 0; k--) {
      stepBack(k, given, ofInput);
    }
    if (ofParameters) {
      addParameterGradient();
    }
    if (ofInput) {
      toInput();
    }
  }

  /** Takes dL/dh′ and dL/dc′ of a step, by sequence, to dL/dh and dL/dc. */
  private void stepBack(int k, float[] given, boolean ofInput) {
    int from = offset[k];
    int count = active[k];
    for (int s = 0; s < count; s++) {
      int p = from + s;
      int dy = rowOf[p] * spec.outputs();
      int a = p * ldGates;
      int f = a + units;
      int o = f + units;
      int g = o + units;
      for (int j = 0; j < units; j++) {
        float tanh = squashed[p * units + j];
        float dNext = dh[s * ldUnits + j] + given[dy + j] + given[dy + units + j];
        float dCell =
            dc[s * units + j] + given[dy + 2 * units + j] + dNext * z[o + j] * (1 - tanh * tanh);
        dz[a + j] = dCell * z[g + j] * (1 - z[a + j] * z[a + j]);
        dz[f + j] = dCell * c[p * units + j] * z[f + j] * (1 - z[f + j]);
        dz[o + j] = dNext * tanh * z[o + j] * (1 - z[o + j]);
        dz[g + j] = dCell * z[a + j] * z[g + j] * (1 - z[g + j]);
        dc[s * units + j] = dCell * z[f + j];
      }
    }
    if (k > 0 || ofInput) {
      kernels.multiply(
          product
              .of(count, ldUnits, gates)
              .a(dz, from * ldGates, ldGates)
              .b(recurrentRows, 0, ldUnits)
              .from(zeros)
              .into(dh, 0, ldUnits));
    }
  }

  /** dL/dW += dzᵀ·x, dL/dR += dzᵀ·h and dL/db += Σ dz. */
  private void addParameterGradient() {
    float[] g = gradient.floatsForWriting();
    int at = gradient.offset();
    addProduct(x, ldIn, inputScratch, g, at, in);
    addProduct(h, ldUnits, recurrentScratch, g, at + gates * in, units);
    kernels.multiply(
        product
            .of(1, ldGates, forwardRows)
            .a(ones, 0, forwardRows)
            .b(dz, 0, ldGates)
            .from(zeros)
            .into(biasScratch, 0, ldGates));
    HostMath.axpy(1, biasScratch, 0, g, at + gates * (in + units), gates);
  }

  private void addProduct(float[] b, int ld, float[] scratch, float[] g, int at, int columns) {
    kernels.multiply(
        product
            .of(gates, ld, forwardRows)
            .transposedA(dz, 0, ldGates)
            .b(b, 0, ld)
            .from(zeros)
            .into(scratch, 0, ld));
    for (int i = 0; i < gates; i++) {
      HostMath.axpy(1, scratch, i * ld, g, at + i * columns, columns);
    }
  }

  /** dL/dx = dz·W of every row, and dL/dh and dL/dc of those with which a sequence begins. */
  private void toInput() {
    int rows = forwardRows;
    inputDelta = inputDelta.ofRows(rows);
    inputDelta.fill(0);
    float[] to = inputDelta.floatsForWriting();
    kernels.multiply(
        product
            .of(rows, ldIn, gates)
            .a(dz, 0, ldGates)
            .b(inputRows, 0, ldIn)
            .from(zeros)
            .into(dx, 0, ldIn));
    for (int p = 0; p < rows; p++) {
      System.arraycopy(dx, p * ldIn, to, rowOf[p] * spec.inputs(), in);
    }
    for (int p = 0; p < active[0]; p++) {
      int state = rowOf[p] * spec.inputs() + in;
      System.arraycopy(dh, p * ldUnits, to, state, units);
      System.arraycopy(dc, p * units, to, state + units, units);
    }
  }

  private void refresh() {
    if (parameters.version() == loadedVersion) {
      return;
    }
    float[] theta = parameters.floats();
    int at = parameters.offset();
    for (int i = 0; i < gates; i++) {
      float scale = i < units ? 1 : 0.5f;
      load(theta, at + i * in, in, scale, i, inputColumns, inputRows, ldIn);
      int recurrent = at + gates * in + i * units;
      load(theta, recurrent, units, scale, i, recurrentColumns, recurrentRows, ldUnits);
      bias[i] = scale * theta[at + gates * (in + units) + i];
    }
    loadedVersion = parameters.version();
  }

  private void load(
      float[] theta, int at, int n, float scale, int i, float[] columns, float[] rows, int ld) {
    System.arraycopy(theta, at, rows, i * ld, n);
    for (int j = 0; j < n; j++) {
      columns[j * ldGates + i] = scale * theta[at + j];
    }
  }

  private void reserve(int rows) {
    if (rows <= capacity) {
      return;
    }
    capacity = rows;
    first = new int[rows];
    length = new int[rows];
    active = new int[rows + 1];
    seen = new int[rows + 1];
    offset = new int[rows + 1];
    rowOf = new int[rows];
    x = new float[rows * ldIn];
    z = new float[rows * ldGates];
    h = new float[rows * ldUnits];
    c = new float[rows * units];
    next = new float[rows * ldUnits];
    nextCell = new float[rows * units];
    squashed = new float[rows * units];
    dz = new float[rows * ldGates];
    dx = new float[rows * ldIn];
    dh = new float[rows * ldUnits];
    dc = new float[rows * units];
    ones = new float[rows];
    Arrays.fill(ones, 1);
  }

  /**
   * Not offered.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public Tensor directional(Tensor v, @Nullable Tensor u) {
    throw new UnsupportedOperationException(
        "a network with memory has no directional derivative: use dense layers");
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
