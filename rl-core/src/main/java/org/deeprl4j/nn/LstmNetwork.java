package org.deeprl4j.nn;

import java.util.Arrays;
import java.util.function.Consumer;
import org.deeprl4j.random.Rng;
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
 * lie together, each in its place, and none is padded. What does not depend on the step before, x·W
 * and the gradients of the parameters, is one product over all rows.
 *
 * <p>Where sequences are few, a step takes as long as reading R, which therefore lies in panels
 * that are read from beginning to end. What a loop over units reads has one shape, [rows, ld], and
 * so one index, which is what the JIT compiler asks of a loop that it vectorises.
 *
 * <p>Threads share a sweep over the steps: the units where each step has enough to do, or else the
 * sequences. An element does not depend on who computes it, and neither do the bits.
 */
final class LstmNetwork extends FlatNetwork {
  /** Multiply-adds of a part at least, some three microseconds on one core. */
  private static final long SHARE = 1 << 17;

  /** Multiply-adds that take as long as moving a parameter, which waits for memory. */
  private static final long MOVE = 16;

  /** The widest panel of R. */
  private static final int WIDEST = 64;

  private static final float[] NO_FLOATS = {};
  private static final int[] NO_INTS = {};

  private final Compute compute;
  private final HostKernels kernels;
  private final NetworkSpec.Lstm spec;
  private final int in;
  private final int units; // H
  private final int ldIn;
  private final int ld; // padded(H)
  private final int width; // of R's panels
  private final int columns; // of R that one call of the kernels takes
  private final Gate a;
  private final Gate f;
  private final Gate o;
  private final Gate g;
  private final Gate[] gates; // in the order of θ
  private final float[] zeros; // [max(ldIn, ld)]
  private float[] theta = NO_FLOATS;
  private float[] slope = NO_FLOATS; // dL/dθ
  private long loadedVersion = -1;
  private long rowsVersion = -1;

  // Which rows a step computes, for as many rows as there have been at most.
  private int capacity;
  private int[] first = NO_INTS; // rows of the sequences
  private int[] length = NO_INTS; // rows in each of them
  private int[] active = NO_INTS; // sequences with more rows than so many
  private int[] seen = NO_INTS; // of them, those that have their place
  private int[] offset = NO_INTS; // places before those of a step
  private int[] rowOf = NO_INTS; // the row at a place
  private int rows;
  private int steps;

  // By place, [rows, ld] but for x and dx.
  private float[] x = NO_FLOATS; // [rows, ldIn]
  private float[] h = NO_FLOATS;
  private float[] c = NO_FLOATS;
  private float[] next = NO_FLOATS; // h′
  private float[] nextCell = NO_FLOATS; // c′
  private float[] squashed = NO_FLOATS; // tanh c′
  private float[] dh = NO_FLOATS; // dL/dh′
  private float[] dc = NO_FLOATS; // dL/dc′
  private float[] later = NO_FLOATS; // of dL/dc′, what comes from the step behind
  private float[] before = NO_FLOATS; // dL/dc
  private float[] dx = NO_FLOATS; // [rows, ldIn]
  private float[] ones = NO_FLOATS; // [rows]

  private final Part[] parts; // one a thread
  private final Part all = new Part(0); // of a step
  private int count; // parts that the batch is cut into
  private boolean byUnits; // or by sequences
  private int step; // that parts by units compute
  private final Runnable[] loads;
  private final Runnable[] rowLoads;
  private final Runnable[] inputs;
  private final Runnable[] slopes;
  private final Runnable[] forwards;
  private final Runnable[] backwards;
  private final Runnable[] inputSlopes;
  private int forwardRows = -1;
  private Tensor output;
  private Tensor predicted;
  private Tensor inputDelta;

  /**
   * A network with parameters drawn from {@code random}, or 0 without one.
   *
   * @param like a tensor of the home and type to use
   */
  LstmNetwork(
      Compute compute,
      HostKernels kernels,
      NetworkSpec.Lstm spec,
      Tensor like,
      @Nullable Rng random) {
    super(spec, like);
    this.compute = compute;
    this.kernels = kernels;
    this.spec = spec;
    in = spec.features();
    units = spec.units();
    ldIn = HostKernels.padded(in);
    ld = HostKernels.padded(units);
    boolean hasPanels = kernels.panelWidth() <= WIDEST;
    width = hasPanels ? kernels.panelWidth() : WIDEST;
    columns = hasPanels ? ld : WIDEST;
    zeros = new float[Math.max(ldIn, ld)];
    a = new Gate(0, 1);
    f = new Gate(1, 0.5f);
    o = new Gate(2, 0.5f);
    g = new Gate(3, 0.5f);
    gates = new Gate[] {a, f, o, g};
    loads = each(gates, Gate::load);
    rowLoads = each(gates, Gate::loadRows);
    inputs = each(gates, Gate::ofInput);
    slopes = each(gates, Gate::addGradient);
    parts = new Part[compute.threads()];
    Arrays.setAll(parts, Part::new);
    forwards = each(parts, Part::forward);
    backwards = each(parts, Part::backward);
    inputSlopes = each(parts, Part::toInput);
    output = like.like(0, spec.outputs());
    predicted = like.like(0, spec.outputs());
    inputDelta = like.like(0, spec.inputs());
    reserve(1);
    if (random != null) {
      initialise(random, parameters().floatsForWriting());
    }
  }

  /** Tasks, made once so that passes allocate nothing. */
  private static <T> Runnable[] each(T[] of, Consumer<T> work) {
    Runnable[] tasks = new Runnable[of.length];
    Arrays.setAll(tasks, i -> () -> work.accept(of[i]));
    return tasks;
  }

  /**
   * Orthogonal matrices for each of the four parts, and biases 0 but for those of f, which are 1.
   */
  private void initialise(Rng random, float[] values) {
    int recurrent = 4 * units * in;
    for (int part = 0; part < 4; part++) {
      orthogonal(random, in, part * units * in, values);
    }
    for (int part = 0; part < 4; part++) {
      orthogonal(random, units, recurrent + part * units * units, values);
    }
    int biases = recurrent + 4 * units * units;
    Arrays.fill(values, biases + units, biases + 2 * units, 1);
  }

  private void orthogonal(Rng random, int inputs, int at, float[] values) {
    MlpLayout.orthogonal(
        random, new MlpLayout.Layer(inputs, units, at, -1, -1, Activation.IDENTITY), 1, values);
  }

  @Override
  void rebound() {
    loadedVersion = -1;
    rowsVersion = -1;
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
    forwardRows = rows;
    return output;
  }

  private Tensor run(Tensor input, Tensor y) {
    Shapes.requireColumns("input", input, spec.inputs());
    rows = input.rows();
    reserve(rows);
    refresh();
    float[] given = input.floats();
    arrange(given);
    cut();
    for (int p = 0; p < rows; p++) {
      System.arraycopy(given, rowOf[p] * spec.inputs(), x, p * ldIn, in);
    }
    for (int p = 0; p < active[0]; p++) {
      int state = rowOf[p] * spec.inputs() + in;
      System.arraycopy(given, state, h, p * ld, units);
      System.arraycopy(given, state + units, c, p * ld, units);
    }
    // A sweep wakes no helpers for a step: they are to be awake by then.
    compute.run(work(rows, steps > 1 ? in + units : in), inputs);
    sweep(forwards, false);
    float[] out = y.floatsForWriting();
    for (int p = 0; p < rows; p++) {
      int at = rowOf[p] * spec.outputs();
      System.arraycopy(next, p * ld, out, at, units);
      System.arraycopy(next, p * ld, out, at + units, units);
      System.arraycopy(nextCell, p * ld, out, at + 2 * units, units);
    }
    return y;
  }

  /** Multiply-adds of all gates for rows that are multiplied by so many numbers each. */
  private long work(int ofRows, int terms) {
    return 4L * units * terms * ofRows;
  }

  /** Finds the sequences of a batch, and gives each row its place. */
  private void arrange(float[] given) {
    int sequences = 0;
    int inputColumns = spec.inputs();
    for (int row = 0; row < rows; row++) {
      if (row == 0 || given[row * inputColumns + inputColumns - 1] > 0.5f) {
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

  /** Cuts the batch into parts: by units if its steps have enough to do, else by sequences. */
  private void cut() {
    boolean free = kernels.rowsAreIndependent();
    long ofStep = free && steps > 1 ? work(rows, units) / steps : 0; // one alone is cut as a batch
    int panels = (ld + width - 1) / width;
    count = (int) Math.min(Math.min(parts.length, panels), ofStep / SHARE);
    byUnits = count > 1;
    if (byUnits) {
      for (int i = 0; i < count; i++) {
        int from = panels * i / count * width;
        int to = Math.min(ld, panels * (i + 1) / count * width);
        parts[i].of(0, active[0], from, to);
      }
      return;
    }
    long most = free ? Math.min(parts.length, work(rows, units) / SHARE) : 1;
    count = (int) Math.max(1, Math.min(most, active[0]));
    int rank = 0;
    int left = steps; // the length of a sequence of this rank
    long taken = 0;
    for (int i = 0; i < count; i++) {
      int from = rank;
      for (; rank < active[0] && taken * count < (long) rows * (i + 1); rank++) {
        while (active[left - 1] <= rank) {
          left--;
        }
        taken += left;
      }
      parts[i].of(from, rank, 0, ld);
    }
  }

  /** Computes all steps, in their order or back. */
  private void sweep(Runnable[] tasks, boolean back) {
    if (count == 1) {
      tasks[0].run();
      return;
    }
    Runnable[] cut = Arrays.copyOf(tasks, count);
    if (!byUnits) {
      compute.run(work(rows, units), cut);
      return;
    }
    for (int i = 0; i < steps; i++) {
      step = back ? steps - 1 - i : i;
      compute.run(work(active[step], units), cut);
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
    refreshRows();
    float[] given = outputGradient.floats();
    for (int p = 0; p < rows; p++) {
      int dy = rowOf[p] * spec.outputs();
      int at = p * ld;
      for (int j = 0; j < units; j++) {
        dh[at + j] = given[dy + j] + given[dy + units + j];
      }
      System.arraycopy(given, dy + 2 * units, dc, at, units);
    }
    Arrays.fill(later, 0, rows * ld, 0);
    sweep(backwards, true);
    if (ofParameters) {
      slope = gradient().floatsForWriting();
      compute.run(work(rows, in + units), slopes);
    }
    if (ofInput) {
      toInput();
    }
  }

  /** dL/dx = dz·W of every row, and dL/dh and dL/dc of those with which a sequence begins. */
  private void toInput() {
    inputDelta = inputDelta.ofRows(rows);
    inputDelta.fill(0);
    float[] to = inputDelta.floatsForWriting();
    Arrays.fill(dx, 0, rows * ldIn, 0);
    Arrays.fill(dh, 0, active[0] * ld, 0);
    compute.run(work(rows, in), inputSlopes);
    all.of(0, active[0], 0, ld);
    for (Gate gate : gates) {
      all.addProduct(active[0], gate.dz, 0, gate.recurrentRows, dh, 0);
    }
    for (int p = 0; p < rows; p++) {
      System.arraycopy(dx, p * ldIn, to, rowOf[p] * spec.inputs(), in);
    }
    for (int p = 0; p < active[0]; p++) {
      int state = rowOf[p] * spec.inputs() + in;
      System.arraycopy(dh, p * ld, to, state, units);
      System.arraycopy(before, p * ld, to, state + units, units);
    }
  }

  private void refresh() {
    if (parameters().version() != loadedVersion) {
      theta = parameters().floats();
      compute.run(MOVE * parameters().columns(), loads);
      loadedVersion = parameters().version();
    }
  }

  /** Brings what derivatives read up to date with θ. */
  private void refreshRows() {
    if (rowsVersion != loadedVersion) {
      compute.run(MOVE * parameters().columns(), rowLoads);
      rowsVersion = loadedVersion;
    }
  }

  private void reserve(int most) {
    if (most <= capacity) {
      return;
    }
    capacity = most;
    first = new int[most];
    length = new int[most];
    active = new int[most + 1];
    seen = new int[most + 1];
    offset = new int[most + 1];
    rowOf = new int[most];
    x = new float[most * ldIn];
    h = new float[most * ld];
    c = new float[most * ld];
    next = new float[most * ld];
    nextCell = new float[most * ld];
    squashed = new float[most * ld];
    dh = new float[most * ld];
    dc = new float[most * ld];
    later = new float[most * ld];
    before = new float[most * ld];
    dx = new float[most * ldIn];
    ones = new float[most];
    Arrays.fill(ones, 1);
    for (Gate gate : gates) {
      gate.z = new float[most * ld];
      gate.dz = new float[most * ld];
    }
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

  /**
   * One of a, f, o and g: its H rows of W, R and b, and what they give. As σ(z) = ½ + ½ tanh(z/2),
   * the copies of f, o and g for going forward are halved, and one tanh serves all four.
   */
  private final class Gate {
    private final float scale;
    private final int weights; // of W, in θ
    private final int recurrent;
    private final int biases;
    private final Product product = new Product();
    private final float[] inputColumns = new float[in * ld]; // Wᵀ, [in, ld] in the kernels' panels
    private final float[] recurrentColumns = new float[units * ld]; // Rᵀ, [H, ld] in panels
    private final float[] bias = new float[ld];
    private final float[] inputRows =
        new float[units * ldIn]; // W, [H, ldIn] in the kernels' panels
    private final float[] recurrentRows = new float[units * ld]; // R, [H, ld] in panels
    private final float[] sums; // of a gradient whose rows are not those of θ
    private float[] z = NO_FLOATS; // x·W + h·R + b, then a, f, o or g, [rows, ld]
    private float[] dz = NO_FLOATS; // [rows, ld]

    Gate(int index, float scale) {
      this.scale = scale;
      weights = index * units * in;
      recurrent = 4 * units * in + index * units * units;
      biases = 4 * units * (in + units) + index * units;
      sums =
          new float
              [Math.max(ld, Math.max(ldIn > in ? units * ldIn : 0, ld > units ? units * ld : 0))];
    }

    void load() {
      int at = parameters().offset();
      Panels.transpose(theta, at + weights, 0, units, in, kernels.panelWidth(), ld, inputColumns);
      Panels.transpose(theta, at + recurrent, 0, units, units, width, ld, recurrentColumns);
      System.arraycopy(theta, at + biases, bias, 0, units);
      if (scale != 1) {
        HostMath.scale(scale, inputColumns, 0, inputColumns.length);
        HostMath.scale(scale, recurrentColumns, 0, recurrentColumns.length);
        HostMath.scale(scale, bias, 0, units);
      }
    }

    void loadRows() {
      int at = parameters().offset();
      Panels.copy(theta, at + weights, 0, units, units, in, kernels.panelWidth(), ldIn, inputRows);
      Panels.copy(theta, at + recurrent, 0, units, units, units, width, ld, recurrentRows);
    }

    /** x·W + b of every row. */
    void ofInput() {
      kernels.multiply(
          product.of(rows, ld, in).a(x, 0, ldIn).panels(inputColumns, 0).from(bias).into(z, 0, ld));
    }

    /** dL/dW += dzᵀ·x, dL/dR += dzᵀ·h and dL/db += Σ dz. */
    void addGradient() {
      int at = gradient().offset();
      addProduct(x, ldIn, in, at + weights);
      addProduct(h, ld, units, at + recurrent);
      kernels.multiply(
          product.of(1, ld, rows).a(ones, 0, rows).b(dz, 0, ld).from(zeros).into(sums, 0, ld));
      HostMath.axpy(1, sums, 0, slope, at + biases, units);
    }

    private void addProduct(float[] b, int ldb, int columnsOfTheta, int at) {
      product.of(units, ldb, rows).transposedA(dz, 0, ld).b(b, 0, ldb);
      if (ldb == columnsOfTheta) {
        kernels.multiply(product.onto(slope, at, ldb));
        return;
      }
      kernels.multiply(product.from(zeros).into(sums, 0, ldb));
      for (int i = 0; i < units; i++) {
        HostMath.axpy(1, sums, i * ldb, slope, at + i * columnsOfTheta, columnsOfTheta);
      }
    }
  }

  /** What one thread computes of each step: some sequences and units. */
  private final class Part {
    private final int index;
    private final Product product = new Product();
    private int from; // the first sequence
    private int to;
    private int start; // the first unit
    private int end;

    Part(int index) {
      this.index = index;
    }

    void of(int firstSequence, int endSequence, int firstUnit, int endUnit) {
      from = firstSequence;
      to = endSequence;
      start = firstUnit;
      end = endUnit;
    }

    /** Sequences that have a row in a step. */
    private int sequences(int k) {
      return k < steps ? Math.max(0, Math.min(to, active[k]) - from) : 0;
    }

    /** Where the first of them lies. */
    private int place(int k) {
      return (offset[k] + from) * ld;
    }

    /** Elements that lie together: of all sequences, or of one. */
    private int stretch(int sequences) {
      return end - start == ld ? sequences * ld : end - start;
    }

    void forward() {
      for (int k = byUnits ? step : 0, last = byUnits ? step + 1 : steps; k < last; k++) {
        forward(k);
      }
    }

    private void forward(int k) {
      int sequences = sequences(k);
      if (sequences == 0) {
        return;
      }
      int at = place(k);
      for (Gate gate : gates) {
        addProduct(sequences, h, at, gate.recurrentColumns, gate.z, at);
      }
      int stretch = stretch(sequences);
      for (int i = at + start; i < at + sequences * ld; i += Math.max(stretch, ld)) {
        activate(i, stretch);
      }
      if (sequences(k + 1) > 0) {
        copy(next, at, h, place(k + 1), sequences(k + 1));
        copy(nextCell, at, c, place(k + 1), sequences(k + 1));
      }
    }

    void backward() {
      for (int k = byUnits ? step : steps - 1, last = byUnits ? step : 0; k >= last; k--) {
        backward(k);
      }
    }

    private void backward(int k) {
      int sequences = sequences(k);
      if (sequences == 0) {
        return;
      }
      int at = place(k);
      int on = sequences(k + 1);
      if (on > 0) {
        for (Gate gate : gates) {
          addProduct(on, gate.dz, place(k + 1), gate.recurrentRows, dh, at);
        }
        copy(before, place(k + 1), later, at, on);
      }
      int stretch = stretch(sequences);
      for (int i = at + start; i < at + sequences * ld; i += Math.max(stretch, ld)) {
        differentiate(i, i + stretch);
      }
    }

    /** C ← C + A·B for this part's columns of B, which lies in panels. */
    private void addProduct(int m, float[] left, int ao, float[] panels, float[] to, int co) {
      for (int j = start; j < end; j += columns) {
        kernels.multiply(
            product
                .of(m, Math.min(columns, end - j), units)
                .a(left, ao, ld)
                .panels(panels, j * units)
                .onto(to, co + j, ld));
      }
    }

    /** Copies this part's units of some sequences. */
    private void copy(float[] source, int at, float[] target, int there, int sequences) {
      int stretch = stretch(sequences);
      for (int i = start; i < sequences * ld; i += Math.max(stretch, ld)) {
        System.arraycopy(source, at + i, target, there + i, stretch);
      }
    }

    /** dL/dx of a share of the rows. */
    void toInput() {
      int shares = kernels.rowsAreIndependent() ? parts.length : 1;
      int firstRow = (int) ((long) rows * Math.min(index, shares) / shares);
      int endRow = (int) ((long) rows * Math.min(index + 1, shares) / shares);
      if (endRow == firstRow) {
        return;
      }
      for (Gate gate : gates) {
        kernels.multiply(
            product
                .of(endRow - firstRow, ldIn, units)
                .a(gate.dz, firstRow * ld, ld)
                .panels(gate.inputRows, 0)
                .onto(dx, firstRow * ldIn, ldIn));
      }
    }
  }

  /** Takes n elements from the gates' sums to h′ and c′. */
  private void activate(int at, int n) {
    for (Gate gate : gates) {
      kernels.tanh(gate.z, at, n);
    }
    toSigmoid(f.z, at, at + n);
    toSigmoid(o.z, at, at + n);
    toSigmoid(g.z, at, at + n);
    cells(f.z, c, g.z, a.z, nextCell, squashed, at, at + n);
    kernels.tanh(squashed, at, n);
    multiply(o.z, squashed, next, at, at + n);
  }

  /** Takes dL/dh′ and dL/dc′ of the elements [from, to) to dL/dz and dL/dc. */
  private void differentiate(int from, int to) {
    addCellDelta(later, dh, o.z, squashed, dc, from, to);
    forgetDelta(dc, c, f.z, f.dz, before, from, to);
    inputDeltas(dc, a.z, g.z, a.dz, g.dz, from, to);
    outputDelta(dh, squashed, o.z, o.dz, from, to);
  }

  /** σ(z) = ½ + ½ tanh(z/2). */
  private static void toSigmoid(float[] y, int from, int to) {
    for (int i = from; i < to; i++) {
      y[i] = 0.5f + 0.5f * y[i];
    }
  }

  /** c′ = f∘c + g∘a, twice. */
  private static void cells(
      float[] f, float[] c, float[] g, float[] a, float[] y, float[] copy, int from, int to) {
    for (int i = from; i < to; i++) {
      float cell = f[i] * c[i] + g[i] * a[i];
      y[i] = cell;
      copy[i] = cell;
    }
  }

  private static void multiply(float[] u, float[] v, float[] y, int from, int to) {
    for (int i = from; i < to; i++) {
      y[i] = u[i] * v[i];
    }
  }

  /** dL/dc′ += what comes from the step behind + dL/dh′∘o∘(1 − tanh² c′). */
  private static void addCellDelta(
      float[] later, float[] dh, float[] o, float[] tanh, float[] dc, int from, int to) {
    for (int i = from; i < to; i++) {
      dc[i] += later[i] + dh[i] * o[i] * (1 - tanh[i] * tanh[i]);
    }
  }

  /** dL/dz of f, and dL/dc = dL/dc′∘f. */
  private static void forgetDelta(
      float[] dc, float[] c, float[] f, float[] dz, float[] before, int from, int to) {
    for (int i = from; i < to; i++) {
      float through = dc[i] * f[i];
      before[i] = through;
      dz[i] = through * c[i] * (1 - f[i]);
    }
  }

  /** dL/dz of a and g. */
  private static void inputDeltas(
      float[] dc, float[] a, float[] g, float[] da, float[] dg, int from, int to) {
    for (int i = from; i < to; i++) {
      float through = dc[i] * g[i];
      da[i] = through * (1 - a[i] * a[i]);
      dg[i] = through * a[i] * (1 - g[i]);
    }
  }

  /** dL/dz of o. */
  private static void outputDelta(
      float[] dh, float[] tanh, float[] o, float[] dz, int from, int to) {
    for (int i = from; i < to; i++) {
      dz[i] = dh[i] * tanh[i] * o[i] * (1 - o[i]);
    }
  }
}
