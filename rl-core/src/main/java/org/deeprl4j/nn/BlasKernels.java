package org.deeprl4j.nn;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * The host kernels on OpenBLAS. Operands are staged in native memory, since a {@code float[]}
 * handed to the library would be copied more slowly; the copies cost little beside the product.
 */
final class BlasKernels implements HostKernels {
  /** Native memory for one operand, one a thread: kernels run on several at once. */
  private static final class Staging {
    private FloatPointer pointer = new FloatPointer(1 << 12);

    FloatPointer reserve(long size) {
      if (pointer.capacity() < size) {
        pointer = new FloatPointer(Long.highestOneBit(size) * 2);
      }
      return pointer.position(0);
    }
  }

  private final ThreadLocal<Staging[]> staging =
      ThreadLocal.withInitial(() -> new Staging[] {new Staging(), new Staging(), new Staging()});

  BlasKernels() {
    OpenBlas.prepare();
    openblas.blas_set_num_threads(1);
  }

  /** Whether the library is on the class path and loads. */
  static boolean available() {
    try {
      Class.forName("org.bytedeco.openblas.global.openblas");
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  /** {@inheritDoc} Here it depends on the tile that an element falls into. */
  @Override
  public boolean rowsAreIndependent() {
    return false;
  }

  @Override
  public String describe() {
    return "OpenBLAS, " + OpenBlas.core() + " kernels";
  }

  @Override
  public void multiply(Product p) {
    for (int i = 0; i < p.m; i++) {
      if (p.init != p.c || p.io + i * p.is != p.co + i * p.ldc) {
        System.arraycopy(p.init, p.io + i * p.is, p.c, p.co + i * p.ldc, p.n);
      }
    }
    int rows = p.transposed ? p.k : p.m; // of A as it is stored
    int columns = p.transposed ? p.m : p.k;
    int sizeA = (rows - 1) * p.lda + columns;
    int sizeB = (p.k - 1) * p.ldb + p.n;
    int sizeC = (p.m - 1) * p.ldc + p.n;
    Staging[] own = staging.get();
    FloatPointer pa = own[0].reserve(sizeA).put(p.a, p.ao, sizeA);
    FloatPointer pb = own[1].reserve(sizeB).put(p.b, p.bo, sizeB);
    FloatPointer pc = own[2].reserve(sizeC).put(p.c, p.co, sizeC);
    openblas.cblas_sgemm(
        CblasRowMajor,
        p.transposed ? CblasTrans : CblasNoTrans,
        CblasNoTrans,
        p.m,
        p.n,
        p.k,
        1,
        pa,
        Math.max(p.lda, columns),
        pb,
        p.ldb,
        1,
        pc,
        p.ldc);
    pc.get(p.c, p.co, sizeC);
  }
}
