package org.deeprl4j.nn;

import java.util.Arrays;
import org.deeprl4j.nn.cuda.CudaKernels;
import org.deeprl4j.nn.cuda.Descent;
import org.deeprl4j.nn.cuda.DeviceMemory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A matrix [rows, columns], row-major, that several worlds see: plain Java code as a {@code
 * float[]}, ND4J as an {@link INDArray}, a GPU as memory of its own. Each side is brought up to
 * date when it is asked for, so that host kernels never touch ND4J in a hot loop and values on a
 * device stay there until the host asks.
 *
 * <p>Ask again before each use: {@link #floats()} and {@link #array()} for reading, {@link
 * #floatsForWriting()} and {@link #arrayForWriting()} before a write. The number of rows may change
 * within the capacity. Not thread-safe.
 */
public final class Tensor {
  /** Where a tensor's values usually live, which decides where its arithmetic runs. */
  public enum Home {
    /** In Java's heap, float. */
    HOST,
    /** In ND4J's memory, which is the device's with a CUDA backend. */
    ND4J,
    /** In a GPU's memory, float, as {@link Compute.Kernels#CUDA} has it. */
    CUDA
  }

  /** Fewer elements are copied faster by a loop, which the compiler does not vectorise. */
  private static final int SHORT = 12;

  private final Tensor root;
  private final int offset;
  private final Home home;
  private final boolean
      isDouble; // in ND4J's memory; not its DataType, as programs that only act have no ND4J
  private final @Nullable CudaKernels kernels; // of the home CUDA
  private final int capacity;
  private final int columns;
  private int rows;

  // Of the root only.
  private float @Nullable [] host;
  private @Nullable INDArray array;
  private @Nullable DeviceMemory device;
  private @Nullable CudaKernels deviceKernels; // whose `device` is
  private boolean hostCurrent;
  private boolean arrayCurrent;
  private boolean deviceCurrent;
  private long version;

  // A view of `array` for this tensor's rows, or this slice's range; and of `device`.
  private @Nullable INDArray view;
  private @Nullable DeviceMemory deviceView;

  private Tensor(
      @Nullable Tensor root,
      int offset,
      Home home,
      boolean isDouble,
      @Nullable CudaKernels kernels,
      int rows,
      int columns) {
    if (rows < 0 || columns < 1 || (long) rows * columns > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a tensor's shape must be [rows >= 0, columns >= 1] with less than 2^31 elements, not ["
              + rows
              + ", "
              + columns
              + "]");
    }
    this.root = root == null ? this : root;
    this.offset = offset;
    this.home = home;
    this.isDouble = isDouble;
    this.kernels = kernels;
    this.capacity = rows;
    this.rows = rows;
    this.columns = columns;
    if (root == null) {
      if (home == Home.HOST) {
        host = new float[rows * columns];
        hostCurrent = true;
      } else if (home == Home.ND4J) {
        array = create(isDouble, rows, columns).assign(0);
        arrayCurrent = true;
      } else {
        deviceKernels = requireKernels();
        device = deviceKernels.floats((long) rows * columns);
        deviceCurrent = true;
      }
    }
  }

  /** An array in ND4J's memory; without rows it still has one. */
  private static INDArray create(boolean isDouble, int rows, int columns) {
    OpenBlas.prepare();
    DataType type = isDouble ? DataType.DOUBLE : DataType.FLOAT;
    return Nd4j.createUninitializedDetached(type, Math.max(1, rows), columns);
  }

  /** A zero matrix whose home is Java's heap. */
  public static Tensor host(int rows, int columns) {
    return new Tensor(null, 0, Home.HOST, false, null, rows, columns);
  }

  /** A zero matrix whose home is ND4J's memory, of type FLOAT or DOUBLE. */
  public static Tensor nd4j(DataType type, int rows, int columns) {
    return new Tensor(null, 0, Home.ND4J, type == DataType.DOUBLE, null, rows, columns);
  }

  /** A zero matrix whose home is a GPU's memory. */
  static Tensor cuda(CudaKernels kernels, int rows, int columns) {
    return new Tensor(null, 0, Home.CUDA, false, kernels, rows, columns);
  }

  /** A zero matrix with this one's home and type. */
  public Tensor like(int otherRows, int otherColumns) {
    return new Tensor(null, 0, home, isDouble, kernels, otherRows, otherColumns);
  }

  /** A matrix with a number of rows: this one where it has room for them. Modified. */
  Tensor ofRows(int count) {
    if (capacity < count) {
      return like(count, columns);
    }
    setRows(count);
    return this;
  }

  /** The range [from, from + length) of a row vector, sharing its memory. */
  public Tensor slice(int from, int length) {
    if (capacity != 1 || from < 0 || length < 1 || from + length > columns) {
      throw new IllegalArgumentException(
          "cannot slice ["
              + from
              + ", "
              + (from + length)
              + ") out of ["
              + capacity
              + ", "
              + columns
              + "]");
    }
    return new Tensor(root, offset + from, home, isDouble, kernels, 1, length);
  }

  /** The home of the values. */
  public Home home() {
    return home;
  }

  /** The number of rows in use. */
  public int rows() {
    return rows;
  }

  /** The number of columns. */
  public int columns() {
    return columns;
  }

  /** The number of elements in use, rows × columns. */
  public int size() {
    return rows * columns;
  }

  /** Changes the number of rows in use; at most the number it was created with. */
  public void setRows(int value) {
    if (value < 0 || value > capacity) {
      throw new IllegalArgumentException("rows must be in [0, " + capacity + "], not " + value);
    }
    if (value != rows) {
      rows = value;
      view = null;
    }
  }

  /** The most rows it can have, those it was created with. */
  int capacity() {
    return capacity;
  }

  /** Increases at every request for writing: tells a reader whether a derived copy is stale. */
  public long version() {
    return root.version;
  }

  /** Where this tensor's first element lies in {@link #floats()}: 0 but for slices. */
  public int offset() {
    return offset;
  }

  /** The current values for reading, starting at {@link #offset()}; the array may be longer. */
  public float[] floats() {
    Tensor r = root;
    float[] values = r.host;
    if (values == null) {
      values = new float[r.capacity * r.columns];
      r.host = values;
    }
    if (!r.hostCurrent) {
      DeviceMemory memory = r.device;
      CudaKernels on = r.deviceKernels;
      if (r.deviceCurrent && memory != null && on != null) {
        on.read(memory, values, 0, values.length);
      } else {
        HostMemory.read(requireArray(r), values);
      }
      r.hostCurrent = true;
    }
    return values;
  }

  /** As {@link #floats()}, for writing: the other sides are stale afterwards. */
  public float[] floatsForWriting() {
    float[] values = floats();
    root.arrayCurrent = false;
    root.deviceCurrent = false;
    root.version++;
    return values;
  }

  /** The current values for reading as an ND4J array [rows, columns]. */
  public INDArray array() {
    Tensor r = root;
    INDArray whole = r.array;
    if (whole == null) {
      whole = create(isDouble, r.capacity, r.columns);
      r.array = whole;
    }
    if (!r.arrayCurrent) {
      HostMemory.write(floats(), whole);
      r.arrayCurrent = true;
    }
    INDArray v = view;
    if (v == null) {
      v =
          this == r && rows == capacity
              ? whole
              : whole.data().length() == size()
                  ? whole
                  : Nd4j.create(
                      whole.data(),
                      new long[] {rows, columns},
                      new long[] {columns, 1},
                      offset,
                      'c');
      view = v;
    }
    return v;
  }

  /** As {@link #array()}, for writing: the other sides are stale afterwards. */
  public INDArray arrayForWriting() {
    INDArray a = array();
    root.hostCurrent = false;
    root.deviceCurrent = false;
    root.version++;
    return a;
  }

  /**
   * The current values for reading in the memory of a GPU, from this tensor's first element on.
   *
   * @param on where, for a tensor of another home
   */
  DeviceMemory device(CudaKernels on) {
    Tensor r = root;
    DeviceMemory whole = r.device;
    if (whole == null || r.deviceKernels != on) {
      if (home == Home.CUDA) {
        throw new IllegalArgumentException("a tensor of another device, or of one that is closed");
      }
      floats();
      whole = on.floats((long) r.capacity * r.columns);
      r.device = whole;
      r.deviceKernels = on;
      r.deviceCurrent = false;
    }
    if (!r.deviceCurrent) {
      float[] values = floats();
      on.write(values, 0, values.length, whole);
      r.deviceCurrent = true;
    }
    if (this == r) {
      return whole;
    }
    DeviceMemory v = deviceView;
    if (v == null) {
      v = whole.slice(4L * offset, 4L * columns);
      deviceView = v;
    }
    return v;
  }

  /** As {@link #device}, for writing: the other sides are stale afterwards. */
  DeviceMemory deviceForWriting(CudaKernels on) {
    DeviceMemory memory = device(on);
    root.hostCurrent = false;
    root.arrayCurrent = false;
    root.version++;
    return memory;
  }

  private CudaKernels requireKernels() {
    CudaKernels k = kernels;
    if (k == null) {
      throw new IllegalStateException("the tensor's home is " + home);
    }
    return k;
  }

  private static INDArray requireArray(Tensor r) {
    INDArray a = r.array;
    if (a == null) {
      throw new IllegalStateException("neither side of the tensor is current");
    }
    return a;
  }

  /** Sets every element. */
  public void fill(float value) {
    switch (home) {
      case HOST -> Arrays.fill(floatsForWriting(), offset, offset + size(), value);
      case ND4J -> arrayForWriting().assign(value);
      case CUDA -> {
        CudaKernels on = requireKernels();
        on.fill(deviceForWriting(on), size(), value);
      }
    }
  }

  /** Copies the elements of a tensor of the same shape. */
  public void copyFrom(Tensor other) {
    requireSameShape(other);
    switch (home) {
      case HOST ->
          System.arraycopy(other.floats(), other.offset, floatsForWriting(), offset, size());
      case ND4J -> arrayForWriting().assign(other.array());
      case CUDA -> {
        CudaKernels on = requireKernels();
        on.copy(other.device(on), deviceForWriting(on), size());
      }
    }
  }

  /** This ← this + α·x. */
  public void axpy(double alpha, Tensor x) {
    requireSameShape(x);
    switch (home) {
      case HOST ->
          HostMath.axpy((float) alpha, x.floats(), x.offset, floatsForWriting(), offset, size());
      case ND4J -> arrayForWriting().addi(x.array().mul(alpha));
      case CUDA -> {
        CudaKernels on = requireKernels();
        on.axpy((float) alpha, x.device(on), deviceForWriting(on), size());
      }
    }
  }

  /** This ← α·this. */
  public void scale(double alpha) {
    switch (home) {
      case HOST -> HostMath.scale((float) alpha, floatsForWriting(), offset, size());
      case ND4J -> arrayForWriting().muli(alpha);
      case CUDA -> {
        CudaKernels on = requireKernels();
        on.scale((float) alpha, deviceForWriting(on), size());
      }
    }
  }

  /** This ← τ·x + (1 − τ)·this, a target network's soft update. */
  public void moveTowards(Tensor x, double tau) {
    requireSameShape(x);
    switch (home) {
      case HOST ->
          HostMath.lerp((float) tau, x.floats(), x.offset, floatsForWriting(), offset, size());
      case ND4J -> {
        INDArray a = arrayForWriting();
        a.muli(1 - tau).addi(x.array().mul(tau));
      }
      case CUDA -> {
        CudaKernels on = requireKernels();
        on.lerp((float) tau, x.device(on), deviceForWriting(on), size());
      }
    }
  }

  /** Σ this_i·x_i, in a fixed order. */
  public double dot(Tensor x) {
    requireSameShape(x);
    return switch (home) {
      case HOST -> HostMath.dot(floats(), offset, x.floats(), x.offset, size());
      case ND4J -> array().mul(x.array()).sumNumber().doubleValue();
      case CUDA -> {
        CudaKernels on = requireKernels();
        yield on.dot(device(on), x.device(on), size());
      }
    };
  }

  /**
   * One step of Adam on this vector, on the GPU where the gradient lives: m ← β₁m + (1 − β₁)g, v ←
   * β₂v + (1 − β₂)g², this ← this − rate·m/(√v + ε).
   *
   * @param first m, [1, P]. Modified.
   * @param second v, [1, P]. Modified.
   * @param gradient g, [1, P]
   * @throws IllegalStateException if the gradient's home is not {@link Home#CUDA}
   */
  public void adamStep(
      Tensor first,
      Tensor second,
      Tensor gradient,
      double beta1,
      double beta2,
      double rate,
      double epsilon) {
    CudaKernels on = gradient.requireKernels();
    on.adam(
        descent(on, first, second, gradient)
            .rates((float) beta1, (float) beta2, (float) rate, (float) epsilon));
  }

  /**
   * One step of RMSProp on this vector, on the GPU where the gradient lives: v ← ρv + (1 − ρ)g²,
   * this ← this − rate·g/(√v + ε).
   *
   * @param meanSquare v, [1, P]. Modified.
   * @param gradient g, [1, P]
   * @throws IllegalStateException if the gradient's home is not {@link Home#CUDA}
   */
  public void rmsPropStep(
      Tensor meanSquare, Tensor gradient, double decay, double rate, double epsilon) {
    CudaKernels on = gradient.requireKernels();
    on.rmsProp(
        descent(on, meanSquare, meanSquare, gradient)
            .rates(0, (float) decay, (float) rate, (float) epsilon));
  }

  private Descent descent(CudaKernels on, Tensor first, Tensor second, Tensor gradient) {
    requireSameShape(first);
    requireSameShape(second);
    requireSameShape(gradient);
    return new Descent(
        deviceForWriting(on),
        first.deviceForWriting(on),
        second.deviceForWriting(on),
        gradient.device(on),
        size());
  }

  /**
   * Copies {@code count} columns of a matrix into this one's.
   *
   * @param from with as many rows
   */
  void copyColumns(Tensor from, int fromColumn, int toColumn, int count) {
    if (from.rows != rows
        || fromColumn < 0
        || fromColumn + count > from.columns
        || toColumn < 0
        || toColumn + count > columns) {
      throw new IllegalArgumentException(
          "cannot copy %d columns of [%d, %d] from %d to %d of [%d, %d]"
              .formatted(count, from.rows, from.columns, fromColumn, toColumn, rows, columns));
    }
    if (home == Home.CUDA) {
      CudaKernels on = requireKernels();
      if (rows > 0) {
        on.copyColumns(
            from.device(on),
            fromColumn,
            from.columns,
            deviceForWriting(on),
            toColumn,
            columns,
            rows,
            count);
      }
      return;
    }
    float[] source = from.floats();
    float[] target = floatsForWriting();
    for (int b = 0; b < rows; b++) {
      int p = from.offset + b * from.columns + fromColumn;
      int q = offset + b * columns + toColumn;
      if (count < SHORT) {
        for (int j = 0; j < count; j++) {
          target[q + j] = source[p + j];
        }
      } else {
        System.arraycopy(source, p, target, q, count);
      }
    }
  }

  /** Sets every row to a vector's elements. */
  void repeat(Tensor row) {
    if (row.size() != columns) {
      throw new IllegalArgumentException(
          "a row of " + columns + " elements is needed, not of " + row.size());
    }
    if (home == Home.CUDA) {
      CudaKernels on = requireKernels();
      if (rows > 0) {
        on.copyColumns(row.device(on), 0, 0, deviceForWriting(on), 0, columns, rows, columns);
      }
      return;
    }
    float[] source = row.floats();
    float[] target = floatsForWriting();
    for (int b = 0; b < rows; b++) {
      System.arraycopy(source, row.offset, target, offset + b * columns, columns);
    }
  }

  /** This vector ← this + Σ_b x_b, the sum of a matrix's rows. */
  void addRowsOf(Tensor x) {
    if (rows != 1 || x.columns != columns) {
      throw new IllegalArgumentException(
          "cannot add rows of [%d, %d] to [%d, %d]".formatted(x.rows, x.columns, rows, columns));
    }
    if (home == Home.CUDA) {
      CudaKernels on = requireKernels();
      if (x.rows > 0) {
        on.addColumnSums(x.device(on), null, columns, x.rows, columns, deviceForWriting(on), null);
      }
      return;
    }
    float[] d = x.floats();
    float[] g = floatsForWriting();
    for (int b = 0, p = x.offset; b < x.rows; b++) {
      for (int j = 0; j < columns; j++) {
        g[offset + j] += d[p++];
      }
    }
  }

  /** √Σ this_i². */
  public double norm2() {
    return Math.sqrt(dot(this));
  }

  private void requireSameShape(Tensor other) {
    if (other.rows != rows || other.columns != columns) {
      throw new IllegalArgumentException(
          "the shapes must agree: ["
              + rows
              + ", "
              + columns
              + "] and ["
              + other.rows
              + ", "
              + other.columns
              + "]");
    }
  }
}
