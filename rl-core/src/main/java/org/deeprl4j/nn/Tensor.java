package org.deeprl4j.nn;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A matrix [rows, columns], row-major, that two worlds see: plain Java code as a {@code float[]},
 * ND4J as an {@link INDArray}. Either side is brought up to date when it is asked for, so that host
 * kernels never touch ND4J in a hot loop and values on a device stay there until the host asks.
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
    ND4J
  }

  private final Tensor root;
  private final int offset;
  private final Home home;
  private final DataType type;
  private final int capacity;
  private final int columns;
  private int rows;

  // Of the root only.
  private float @Nullable [] host;
  private @Nullable INDArray array;
  private boolean hostCurrent;
  private boolean arrayCurrent;
  private long version;

  // A view of `array` for this tensor's rows, or this slice's range.
  private @Nullable INDArray view;

  private Tensor(
      @Nullable Tensor root, int offset, Home home, DataType type, int rows, int columns) {
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
    this.type = type;
    this.capacity = rows;
    this.rows = rows;
    this.columns = columns;
    if (root == null) {
      if (home == Home.HOST) {
        host = new float[rows * columns];
        hostCurrent = true;
      } else {
        array = create(type, rows, columns).assign(0);
        arrayCurrent = true;
      }
    }
  }

  /** An array in ND4J's memory; without rows it still has one. */
  private static INDArray create(DataType type, int rows, int columns) {
    OpenBlas.prepare();
    return Nd4j.createUninitializedDetached(type, Math.max(1, rows), columns);
  }

  /** A zero matrix whose home is Java's heap. */
  public static Tensor host(int rows, int columns) {
    return new Tensor(null, 0, Home.HOST, DataType.FLOAT, rows, columns);
  }

  /** A zero matrix whose home is ND4J's memory, of type FLOAT or DOUBLE. */
  public static Tensor nd4j(DataType type, int rows, int columns) {
    return new Tensor(null, 0, Home.ND4J, type, rows, columns);
  }

  /** A zero matrix with this one's home and type. */
  public Tensor like(int otherRows, int otherColumns) {
    return new Tensor(null, 0, home, type, otherRows, otherColumns);
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
    return new Tensor(root, offset + from, home, type, 1, length);
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
      HostMemory.read(requireArray(r), values);
      r.hostCurrent = true;
    }
    return values;
  }

  /** As {@link #floats()}, for writing: the ND4J side is stale afterwards. */
  public float[] floatsForWriting() {
    float[] values = floats();
    root.arrayCurrent = false;
    root.version++;
    return values;
  }

  /** The current values for reading as an ND4J array [rows, columns]. */
  public INDArray array() {
    Tensor r = root;
    INDArray whole = r.array;
    if (whole == null) {
      whole = create(type, r.capacity, r.columns);
      r.array = whole;
    }
    if (!r.arrayCurrent) {
      float[] values = r.host;
      if (values == null) {
        throw new IllegalStateException("neither side of the tensor is current");
      }
      HostMemory.write(values, whole);
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

  /** As {@link #array()}, for writing: the host side is stale afterwards. */
  public INDArray arrayForWriting() {
    INDArray a = array();
    root.hostCurrent = false;
    root.version++;
    return a;
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
    if (home == Home.HOST) {
      float[] v = floatsForWriting();
      Arrays.fill(v, offset, offset + size(), value);
    } else {
      arrayForWriting().assign(value);
    }
  }

  /** Copies the elements of a tensor of the same shape. */
  public void copyFrom(Tensor other) {
    requireSameShape(other);
    if (home == Home.HOST) {
      System.arraycopy(other.floats(), other.offset, floatsForWriting(), offset, size());
    } else {
      arrayForWriting().assign(other.array());
    }
  }

  /** This ← this + α·x. */
  public void axpy(double alpha, Tensor x) {
    requireSameShape(x);
    if (home == Home.HOST) {
      HostMath.axpy((float) alpha, x.floats(), x.offset, floatsForWriting(), offset, size());
    } else {
      arrayForWriting().addi(x.array().mul(alpha));
    }
  }

  /** This ← α·this. */
  public void scale(double alpha) {
    if (home == Home.HOST) {
      HostMath.scale((float) alpha, floatsForWriting(), offset, size());
    } else {
      arrayForWriting().muli(alpha);
    }
  }

  /** This ← τ·x + (1 − τ)·this, a target network's soft update. */
  public void moveTowards(Tensor x, double tau) {
    requireSameShape(x);
    if (home == Home.HOST) {
      HostMath.lerp((float) tau, x.floats(), x.offset, floatsForWriting(), offset, size());
    } else {
      INDArray a = arrayForWriting();
      a.muli(1 - tau).addi(x.array().mul(tau));
    }
  }

  /** Σ this_i·x_i, in a fixed order. */
  public double dot(Tensor x) {
    requireSameShape(x);
    if (home == Home.HOST) {
      return HostMath.dot(floats(), offset, x.floats(), x.offset, size());
    }
    return array().mul(x.array()).sumNumber().doubleValue();
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
