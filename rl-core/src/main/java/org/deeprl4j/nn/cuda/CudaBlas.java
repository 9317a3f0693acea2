package org.deeprl4j.nn.cuda;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;

/**
 * Matrix products by cuBLAS on a device's stream. Matrices are row-major, {@code float}, and given
 * by where they start and how many floats their rows are apart. With a workspace of its own and one
 * stream, the same product on the same device has the same bits every time.
 */
public final class CudaBlas {
  /** What NVIDIA recommends for its newer devices. */
  private static final long WORKSPACE_BYTES = 32L << 20;

  private final CudaDevice device;
  private final DeviceMemory workspace; // to be held as long as cuBLAS uses it
  private final long handle;
  private final int version;

  /** The factors of a product, alpha then beta, which cuBLAS reads during the call. */
  private final Memory factors = new Memory(8);

  private final long alpha = Pointer.nativeValue(factors);
  private final long beta = alpha + 4;

  CudaBlas(CudaDevice device) {
    this.device = device;
    NativeLibraries.cublas(device.driverVersion());
    workspace = device.allocate(WORKSPACE_BYTES);
    long[] made = new long[1];
    check(CuBlas.cublasCreate_v2(made), "cublasCreate");
    long created = made[0];
    handle = created;
    // Its numbers are not the driver's.
    device.add(() -> CuBlas.cublasDestroy_v2(created) == 0 ? 0 : Driver.UNKNOWN);
    int[] number = new int[1];
    check(CuBlas.cublasGetVersion_v2(handle, number), "cublasGetVersion");
    version = number[0];
    // In this order: a new stream takes the workspace away.
    check(CuBlas.cublasSetStream_v2(handle, device.stream()), "cublasSetStream");
    check(
        CuBlas.cublasSetWorkspace_v2(handle, workspace.address(), WORKSPACE_BYTES),
        "cublasSetWorkspace");
    allowTf32(false);
  }

  /** cuBLAS's version: 120401 for 12.4.1. */
  public int version() {
    return version;
  }

  /**
   * Whether products may round their factors to TF32's 10 bits of mantissa, which tensor cores
   * multiply faster. They may not, at first.
   */
  public void allowTf32(boolean allowed) {
    device.enter();
    check(
        CuBlas.cublasSetMathMode(handle, allowed ? CuBlas.TF32_MATH : CuBlas.DEFAULT_MATH),
        "cublasSetMathMode");
  }

  /**
   * {@code C = factor · op(A) · op(B) + keep · C}, where op transposes or not, op(A) is m×k, op(B)
   * k×n and C m×n.
   *
   * @param lda floats between the starts of A's rows, and so on
   * @throws IllegalArgumentException if a matrix does not fit into its memory
   */
  public void product(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float factor,
      DeviceMemory a,
      int lda,
      DeviceMemory b,
      int ldb,
      float keep,
      DeviceMemory c,
      int ldc) {
    requireFits("A", a, transposeA ? k : m, transposeA ? m : k, lda, 0, 1);
    requireFits("B", b, transposeB ? n : k, transposeB ? k : n, ldb, 0, 1);
    requireFits("C", c, m, n, ldc, 0, 1);
    device.enter();
    setFactors(factor, keep);
    // Row-major C is column-major Cᵀ = op(B)ᵀ · op(A)ᵀ.
    int status =
        CuBlas.cublasSgemm_v2(
            handle,
            transposeB ? CuBlas.TRANSPOSED : CuBlas.NOT_TRANSPOSED,
            transposeA ? CuBlas.TRANSPOSED : CuBlas.NOT_TRANSPOSED,
            n,
            m,
            k,
            alpha,
            b.address(),
            ldb,
            a.address(),
            lda,
            beta,
            c.address(),
            ldc);
    check(status, "cublasSgemm");
  }

  /**
   * {@link #product} for {@code count} matrices each, whose starts are a stride of floats apart; a
   * stride of 0 takes the same A or B each time.
   */
  public void products(
      int count,
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float factor,
      DeviceMemory a,
      int lda,
      long strideA,
      DeviceMemory b,
      int ldb,
      long strideB,
      float keep,
      DeviceMemory c,
      int ldc,
      long strideC) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be at least 1, not " + count);
    }
    requireFits("A", a, transposeA ? k : m, transposeA ? m : k, lda, strideA, count);
    requireFits("B", b, transposeB ? n : k, transposeB ? k : n, ldb, strideB, count);
    requireFits("C", c, m, n, ldc, strideC, count);
    if (count > 1 && strideC < (m - 1L) * ldc + n) {
      throw new IllegalArgumentException("the products overlap with a stride of " + strideC);
    }
    device.enter();
    setFactors(factor, keep);
    int status =
        CuBlas.cublasSgemmStridedBatched(
            handle,
            transposeB ? CuBlas.TRANSPOSED : CuBlas.NOT_TRANSPOSED,
            transposeA ? CuBlas.TRANSPOSED : CuBlas.NOT_TRANSPOSED,
            n,
            m,
            k,
            alpha,
            b.address(),
            ldb,
            strideB,
            a.address(),
            lda,
            strideA,
            beta,
            c.address(),
            ldc,
            strideC,
            count);
    check(status, "cublasSgemmStridedBatched");
  }

  private void setFactors(float factor, float keep) {
    factors.setFloat(0, factor);
    factors.setFloat(4, keep);
  }

  private void requireFits(
      String matrix, DeviceMemory memory, int rows, int columns, int ld, long stride, int count) {
    if (memory.device() != device) {
      throw new IllegalArgumentException(matrix + " is memory of " + memory.device());
    }
    if (rows < 1 || columns < 1 || ld < columns || stride < 0) {
      throw new IllegalArgumentException(
          matrix
              + " cannot be "
              + rows
              + "×"
              + columns
              + " with rows "
              + ld
              + " apart and a stride of "
              + stride);
    }
    long last = Math.addExact(Math.multiplyExact(count - 1L, stride), (rows - 1L) * ld + columns);
    if (last > memory.bytes() / 4) {
      throw new IllegalArgumentException(
          matrix + " needs " + last + " floats, and its memory has " + memory.bytes() / 4);
    }
  }

  private void check(int status, String call) {
    if (status == CuBlas.ALLOCATION_FAILED) {
      throw new CudaException(
          "out of memory on " + device + " in " + call + "; take a smaller batch or network");
    }
    if (status == CuBlas.EXECUTION_FAILED) {
      // The driver knows more, if an earlier kernel is to blame.
      int error = Driver.cuStreamSynchronize(device.stream());
      if (Driver.isSticky(error)) {
        device.check(error, call);
      }
    }
    if (status != 0) {
      throw new CudaException(
          call
              + " on "
              + device
              + ": "
              + CuBlas.cublasGetStatusString(status)
              + " ("
              + status
              + ")");
    }
  }
}
