package org.deeprl4j.nn;

import java.util.Arrays;
import org.deeprl4j.random.Rng;
import org.jspecify.annotations.Nullable;

/**
 * A convolution as a dense layer over the patches of its pictures: what the filters see at one
 * place is one row of a product.
 *
 * <p>Patches are copied out of the pictures a block at a time, so that they are multiplied while
 * they are in a core's cache, and anew for the gradient, which is cheaper than to keep them: they
 * are several times as large as the pictures. The scale of the input is a part of the working
 * copies of W, so that copying is no more than that.
 *
 * <p>A batch is cut into shares, which the threads take one after the other; the gradient is the
 * sum of the shares' in their order, whatever runs where.
 */
final class ConvolutionNetwork extends FlatNetwork {
  private static final float[] NO_FLOATS = {};

  /** Into which a batch is cut, whatever the number of threads. */
  private static final int SHARES = 8;

  /** Numbers of a block of patches, about: 128 kB. */
  private static final int BLOCK = 1 << 15;

  /** Rows of a block are a multiple of this, and so of the rows of the kernels' tiles. */
  private static final int TILES = 24;

  private final Compute compute;
  private final HostKernels kernels;
  private final NetworkSpec.Convolution spec;
  private final float scale;
  private final int terms; // of a patch, kernel² · channels
  private final int ldTerms;
  private final int filters;
  private final int ld; // padded(filters)
  private final int places; // of a filter on a picture
  private final int run; // numbers of a patch that follow one another in the picture
  private final int[] runs; // where each run of a patch begins, from the patch's first number
  private final int[] starts; // where the patch at each place begins in the picture
  private final int blockRows;

  // Copies of θ.
  private long columnsVersion = -1;
  private long rowsVersion = -1;
  private final float[] columns; // s·Wᵀ, [terms, ld] in panels
  private final float[] bias; // [ld]
  private float[] rows = NO_FLOATS; // s·W, [filters, ldTerms] in panels
  private final float[] zeros; // [max(ld, ldTerms)]
  private final float[] ones; // [blockRows]

  private final Share[] shares = new Share[SHARES];
  private final Runnable[] forwards = new Runnable[SHARES];
  private final Runnable[] backwards = new Runnable[SHARES];

  // What the shares work on.
  private float[] x = NO_FLOATS; // pictures
  private int xOffset;
  private float[] y = NO_FLOATS; // [B · places, filters]
  private float[] z = NO_FLOATS; // pre-activations, where the derivative needs them
  private boolean keepsZ;
  private float[] dy = NO_FLOATS;
  private int dyOffset;
  private float[] delta = NO_FLOATS; // dL/dz, [B · places, filters]
  private float[] dx = NO_FLOATS;
  private boolean ofParameters;
  private boolean ofInput;

  private @Nullable Tensor forwardInput;
  private Tensor output; // [B, places · filters]
  private Tensor predicted; // the same
  private Tensor inputDelta; // [B, inputs]

  /**
   * A network with parameters drawn from {@code random}, or 0 without one.
   *
   * @param like a tensor of its home and type
   */
  ConvolutionNetwork(
      Compute compute,
      HostKernels kernels,
      NetworkSpec.Convolution spec,
      Tensor like,
      @Nullable Rng random) {
    super(spec, like);
    this.compute = compute;
    this.kernels = kernels;
    this.spec = spec;
    scale = (float) spec.scale();
    places = spec.outputHeight() * spec.outputWidth();
    int kernel = spec.kernel();
    int width = spec.width();
    int pixel; // from a pixel to the next one
    int channels = spec.channels();
    if (spec.channelsFirst()) {
      run = kernel;
      runs = new int[channels * kernel];
      for (int i = 0; i < runs.length; i++) {
        runs[i] = i / kernel * spec.height() * width + i % kernel * width;
      }
      pixel = 1;
    } else {
      run = kernel * channels;
      runs = new int[kernel];
      for (int i = 0; i < runs.length; i++) {
        runs[i] = i * width * channels;
      }
      pixel = channels;
    }
    starts = new int[places];
    for (int i = 0; i < places; i++) {
      int row = i / spec.outputWidth();
      int column = i % spec.outputWidth();
      starts[i] = spec.stride() * (row * width + column) * pixel;
    }
    terms = runs.length * run;
    ldTerms = HostKernels.padded(terms);
    filters = spec.filters();
    ld = HostKernels.padded(filters);
    blockRows = Math.max(1, BLOCK / ldTerms / TILES) * TILES;
    columns = new float[terms * ld];
    bias = new float[ld];
    zeros = new float[Math.max(ld, ldTerms)];
    ones = new float[blockRows];
    Arrays.fill(ones, 1);
    for (int s = 0; s < SHARES; s++) {
      Share share = new Share();
      shares[s] = share;
      forwards[s] = share::forward;
      backwards[s] = share::backward;
    }
    output = like.like(0, spec.outputs());
    predicted = like.like(0, spec.outputs());
    inputDelta = like.like(0, spec.inputs());
    if (random != null) {
      MlpLayout.of(spec.ofPatch()).initialise(random, parameters().floatsForWriting());
    }
  }

  @Override
  void rebound() {
    columnsVersion = -1;
    rowsVersion = -1;
  }

  @Override
  public Tensor predict(Tensor input) {
    predicted = predicted.ofRows(input.rows());
    keepsZ = false;
    return run(input, predicted);
  }

  @Override
  public Tensor forward(Tensor input) {
    output = output.ofRows(input.rows());
    keepsZ = Activations.needsPreActivation(spec.activation());
    if (keepsZ && z.length < output.size()) {
      z = new float[output.size()];
    }
    run(input, output);
    forwardInput = input;
    return output;
  }

  private Tensor run(Tensor input, Tensor out) {
    Shapes.requireColumns("input", input, spec.inputs());
    refreshColumns();
    x = input.floats();
    xOffset = input.offset();
    y = out.floatsForWriting();
    int count = input.rows() * places;
    for (int s = 0; s < SHARES; s++) {
      shares[s].from = (int) ((long) count * s / SHARES);
      shares[s].to = (int) ((long) count * (s + 1) / SHARES);
    }
    compute.run(work(input.rows()), forwards);
    return out;
  }

  /** Multiply-adds of one product over so many pictures. */
  private long work(int pictures) {
    return (long) pictures * places * terms * filters;
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

  private void backward(Tensor outputGradient, boolean addsGradient, boolean givesInput) {
    Tensor input = forwardInput;
    if (input == null) {
      throw Shapes.noForward();
    }
    int pictures = output.rows();
    Shapes.requireShape("output gradient", outputGradient, pictures, spec.outputs());
    ofParameters = addsGradient;
    ofInput = givesInput;
    x = input.floats();
    xOffset = input.offset();
    y = output.floats();
    dy = outputGradient.floats();
    dyOffset = outputGradient.offset();
    if (delta.length < output.size()) {
      delta = new float[output.size()];
    }
    if (givesInput) {
      refreshRows();
      inputDelta = inputDelta.ofRows(pictures);
      dx = inputDelta.floatsForWriting();
    }
    // Whole pictures, as neighbouring places see the same pixels.
    for (int s = 0; s < SHARES; s++) {
      shares[s].from = (int) ((long) pictures * s / SHARES) * places;
      shares[s].to = (int) ((long) pictures * (s + 1) / SHARES) * places;
    }
    compute.run((addsGradient && givesInput ? 2 : 1) * work(pictures), backwards);
    if (addsGradient && pictures > 0) {
      addGradient(gradient().floatsForWriting(), gradient().offset());
    }
  }

  private void addGradient(float[] g, int offset) {
    Share sum = shares[SHARES - 1]; // the last of the batch, never empty
    for (int s = 0; s < SHARES - 1; s++) {
      if (!shares[s].isEmpty()) {
        HostMath.axpy(1, shares[s].weightSums, 0, sum.weightSums, 0, filters * ldTerms);
        HostMath.axpy(1, shares[s].biasSums, 0, sum.biasSums, 0, ld);
      }
    }
    for (int f = 0; f < filters; f++) {
      for (int i = 0; i < terms; i++) {
        g[offset + f * terms + i] += scale * sum.weightSums[f * ldTerms + i];
      }
      g[offset + filters * terms + f] += sum.biasSums[f];
    }
  }

  private void refreshColumns() {
    if (columnsVersion != parameters().version()) {
      columnsVersion = parameters().version();
      float[] theta = parameters().floats();
      int offset = parameters().offset();
      Panels.transpose(theta, offset, 0, filters, terms, kernels.panelWidth(), ld, columns);
      scale(columns);
      System.arraycopy(theta, offset + filters * terms, bias, 0, filters);
    }
  }

  private void refreshRows() {
    if (rowsVersion != parameters().version()) {
      rowsVersion = parameters().version();
      if (rows.length == 0) {
        rows = new float[filters * ldTerms];
      }
      Panels.copy(
          parameters().floats(),
          parameters().offset(),
          0,
          filters,
          filters,
          terms,
          kernels.panelWidth(),
          ldTerms,
          rows);
      scale(rows);
    }
  }

  private void scale(float[] weights) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= scale;
    }
  }

  /** The places [from, to) of a batch that one task works on. */
  private final class Share {
    private final Product product = new Product();
    private int from;
    private int to;
    private float[] patches = NO_FLOATS; // [blockRows, ldTerms]
    private float[] wide = NO_FLOATS; // [blockRows, ld], where filters need padding
    private float[] patchDelta = NO_FLOATS; // [blockRows, ldTerms]
    private float[] weightSums = NO_FLOATS; // dL/dW / s, [filters, ldTerms]
    private float[] biasSums = NO_FLOATS; // [ld]

    boolean isEmpty() {
      return from == to;
    }

    private boolean pads() {
      return ld != filters;
    }

    private void reserve() {
      if (patches.length == 0) {
        patches = new float[blockRows * ldTerms];
        wide = pads() ? new float[blockRows * ld] : NO_FLOATS;
      }
    }

    void forward() {
      if (isEmpty()) {
        return;
      }
      reserve();
      for (int first = from; first < to; first += blockRows) {
        int count = Math.min(blockRows, to - first);
        int at = first * filters;
        int size = count * filters;
        unfold(first, count);
        kernels.multiply(
            product
                .of(count, ld, terms)
                .a(patches, 0, ldTerms)
                .panels(columns, 0)
                .from(bias)
                .into(pads() ? wide : y, pads() ? 0 : at, ld));
        if (pads()) {
          for (int r = 0; r < count; r++) {
            System.arraycopy(wide, r * ld, y, at + r * filters, filters);
          }
        }
        if (keepsZ) {
          System.arraycopy(y, at, z, at, size);
        }
        Activations.apply(spec.activation(), kernels, y, at, size);
      }
    }

    /** Copies what the filters see at each place. */
    private void unfold(int first, int count) {
      int picture = first / places;
      int place = first % places;
      for (int r = 0; r < count; r++) {
        int at = xOffset + picture * spec.inputs() + starts[place];
        kernels.gather(x, at, runs, run, patches, r * ldTerms);
        if (++place == places) {
          place = 0;
          picture++;
        }
      }
    }

    void backward() {
      if (isEmpty()) {
        return;
      }
      reserve();
      if (ofParameters) {
        if (weightSums.length == 0) {
          weightSums = new float[filters * ldTerms];
          biasSums = new float[ld];
        }
        Arrays.fill(weightSums, 0);
        Arrays.fill(biasSums, 0);
      }
      if (ofInput) {
        if (patchDelta.length == 0) {
          patchDelta = new float[blockRows * ldTerms];
        }
        Arrays.fill(dx, from / places * spec.inputs(), to / places * spec.inputs(), 0);
      }
      for (int first = from; first < to; first += blockRows) {
        backward(first, Math.min(blockRows, to - first));
      }
    }

    private void backward(int first, int count) {
      int at = first * filters;
      System.arraycopy(dy, dyOffset + at, delta, at, count * filters);
      Activations.multiplyDerivative(spec.activation(), kernels, y, z, delta, at, count * filters);
      float[] d = delta;
      if (pads()) {
        for (int r = 0; r < count; r++) {
          System.arraycopy(delta, at + r * filters, wide, r * ld, filters);
        }
        d = wide;
        at = 0;
      }
      if (ofParameters) {
        unfold(first, count);
        kernels.multiply(
            product
                .of(filters, ldTerms, count)
                .transposedA(d, at, ld)
                .b(patches, 0, ldTerms)
                .onto(weightSums, 0, ldTerms));
        kernels.multiply(
            product.of(1, ld, count).a(ones, 0, count).b(d, at, ld).onto(biasSums, 0, ld));
      }
      if (ofInput) {
        kernels.multiply(
            product
                .of(count, ldTerms, filters)
                .a(d, at, ld)
                .panels(rows, 0)
                .from(zeros)
                .into(patchDelta, 0, ldTerms));
        fold(first, count);
      }
    }

    /** Adds what reached each place to the pixels that it saw. */
    private void fold(int first, int count) {
      int picture = first / places;
      int place = first % places;
      for (int r = 0; r < count; r++) {
        int at = picture * spec.inputs() + starts[place];
        kernels.scatterAdd(patchDelta, r * ldTerms, dx, at, runs, run);
        if (++place == places) {
          place = 0;
          picture++;
        }
      }
    }
  }

  @Override
  public Tensor directional(Tensor v, @Nullable Tensor u) {
    throw new UnsupportedOperationException(
        "a convolution has no directional derivative: use dense layers");
  }
}
