package org.deeprl4j.nn.cuda;

import org.jspecify.annotations.Nullable;

/**
 * A matrix product {@code C = A·B}, what is added to it and what it then goes through; see {@link
 * CudaKernels#multiply}. Matrices are row-major; an object is set up once and changed where the
 * number of rows changes.
 */
public final class Product {
  /** Bytes of the structure Product in kernels.cu. */
  static final int BYTES = 7 * 8 + 14 * 4;

  private static final int PLAIN = 0;
  private static final int ACTIVATE = 1;
  private static final int DIFFERENTIATE = 2;

  @Nullable DeviceMemory a;
  @Nullable DeviceMemory b;
  @Nullable DeviceMemory c;
  @Nullable DeviceMemory bias;
  @Nullable DeviceMemory z;
  @Nullable DeviceMemory y;
  @Nullable DeviceMemory sums;
  int m;
  int n;
  int k;
  int lda;
  int ldb;
  int ldc;
  int ldy;
  boolean transposedA;
  boolean transposedB;
  private int mode;
  private int activation;
  boolean accumulate;

  /**
   * Sets the shape: op(A) is m×k, op(B) k×n and C m×n. What C goes through, its bias and its sums
   * are none from then on.
   */
  public Product shape(int rows, int columns, int inner) {
    if (rows < 1 || columns < 1 || inner < 1) {
      throw new IllegalArgumentException(
          "a product must be at least 1×1×1, not " + rows + "×" + columns + "×" + inner);
    }
    m = rows;
    n = columns;
    k = inner;
    mode = PLAIN;
    activation = 0;
    accumulate = false;
    bias = null;
    z = null;
    y = null;
    sums = null;
    return this;
  }

  /**
   * Sets A.
   *
   * @param ld floats between the starts of its rows
   * @param transposed whether it is stored as k×m
   */
  public Product a(DeviceMemory memory, int ld, boolean transposed) {
    a = memory;
    lda = ld;
    transposedA = transposed;
    return this;
  }

  /** Sets B, likewise; transposed, it is stored as n×k. */
  public Product b(DeviceMemory memory, int ld, boolean transposed) {
    b = memory;
    ldb = ld;
    transposedB = transposed;
    return this;
  }

  /** Sets C. */
  public Product c(DeviceMemory memory, int ld) {
    c = memory;
    ldc = ld;
    return this;
  }

  /** Adds the product to what C holds, and the sums to theirs. */
  public Product accumulating() {
    accumulate = true;
    return this;
  }

  /** Adds a row to each row of C. */
  public Product bias(DeviceMemory row) {
    bias = row;
    return this;
  }

  /**
   * Writes the sums of op(A)'s rows, too: of a transposed A, those of its columns. B is not to be
   * transposed.
   */
  public Product sums(DeviceMemory column) {
    sums = column;
    return this;
  }

  /**
   * Puts C through an activation.
   *
   * @param f its ordinal
   * @param pre receives what f is applied to, or null
   */
  public Product activate(int f, @Nullable DeviceMemory pre) {
    mode = ACTIVATE;
    activation = f;
    z = pre;
    ldy = n;
    return this;
  }

  /** Multiplies C by f′(z), element by element, y = f(z) and, where needed, z being m×n. */
  public Product differentiate(int f, DeviceMemory value, @Nullable DeviceMemory pre) {
    mode = DIFFERENTIATE;
    activation = f;
    y = value;
    z = pre;
    ldy = n;
    return this;
  }

  boolean plain() {
    return mode == PLAIN && bias == null;
  }

  long work() {
    return (long) m * n * k;
  }

  /** Checks that everything lies in its memory. */
  void check() {
    if (sums != null && transposedB) {
      throw new IllegalArgumentException("sums of A's rows are for products with B as it is");
    }
    requireFits("A", a, transposedA ? k : m, transposedA ? m : k, lda);
    requireFits("B", b, transposedB ? n : k, transposedB ? k : n, ldb);
    requireFits("C", c, m, n, ldc);
    requireFitsIfGiven("the bias", bias, 1, n, n);
    requireFitsIfGiven("z", z, m, n, ldy);
    requireFitsIfGiven("y", y, m, n, ldy);
    requireFitsIfGiven("the sums", sums, 1, m, m);
  }

  private static void requireFitsIfGiven(
      String what, @Nullable DeviceMemory memory, int rows, int columns, int ld) {
    if (memory != null) {
      requireFits(what, memory, rows, columns, ld);
    }
  }

  static void requireFits(
      String what, @Nullable DeviceMemory memory, int rows, int columns, int ld) {
    if (memory == null || ld < columns || (rows - 1L) * ld + columns > memory.bytes() / 4) {
      throw new IllegalArgumentException(
          "%s does not fit: %d×%d with rows %d apart in %s"
              .formatted(what, rows, columns, ld, memory));
    }
  }

  /** Fills the structure at an offset of a launch's argument. */
  void put(KernelLaunch launch, int at, int firstTile, int tileColumns) {
    launch.putOrNull(at, a);
    launch.putOrNull(at + 8, b);
    launch.putOrNull(at + 16, c);
    launch.putOrNull(at + 24, bias);
    launch.putOrNull(at + 32, z);
    launch.putOrNull(at + 40, y);
    launch.putOrNull(at + 48, sums);
    launch.put(at + 56, m);
    launch.put(at + 60, n);
    launch.put(at + 64, k);
    launch.put(at + 68, lda);
    launch.put(at + 72, ldb);
    launch.put(at + 76, ldc);
    launch.put(at + 80, ldy);
    launch.put(at + 84, transposedA ? 1 : 0);
    launch.put(at + 88, transposedB ? 1 : 0);
    launch.put(at + 92, mode);
    launch.put(at + 96, activation);
    launch.put(at + 100, accumulate ? 1 : 0);
    launch.put(at + 104, firstTile);
    launch.put(at + 108, tileColumns);
  }
}
