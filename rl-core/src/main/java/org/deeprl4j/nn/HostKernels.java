package org.deeprl4j.nn;

/**
 * The operations a dense network spends its time in, on {@code float[]} matrices, row-major. One
 * thread; the same arguments give the same bits.
 */
interface HostKernels {
  /** Columns of matrices are padded to a multiple of this, the widest vector's length. */
  int LANES = 16;

  /** A number of columns, padded. */
  static int padded(int columns) {
    return (columns + LANES - 1) / LANES * LANES;
  }

  /** What runs, for people. */
  String describe();

  /**
   * C = init + A·B, or C = init + Aᵀ·B.
   *
   * @param transposed whether A is stored as [k, m] with leading dimension {@code lda}, not as [m,
   *     k]
   * @param m rows of C
   * @param n columns of B and C, a multiple of {@link #LANES}
   * @param k rows of B
   * @param init what C starts from, at {@code io} with rows {@code is} apart: 0 repeats one row (a
   *     bias), and C itself accumulates
   * @param c [m, n]. Modified.
   */
  void gemm(
      boolean transposed,
      int m,
      int n,
      int k,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] init,
      int io,
      int is,
      float[] c,
      int co,
      int ldc);

  /**
   * c_i = init + a_i·v for the rows a_i of A [m, k]: a product with a single column, of which a
   * padded one would compute sixteen.
   *
   * @param c receives c_i at {@code co + i * ldc}. Modified.
   */
  default void dots(
      int m,
      int k,
      float[] a,
      int ao,
      int lda,
      float[] v,
      int vo,
      float init,
      float[] c,
      int co,
      int ldc) {
    for (int i = 0; i < m; i++) {
      c[co + i * ldc] = (float) (init + HostMath.dot(a, ao + i * lda, v, vo, k));
    }
  }

  /** y ← tanh y for {@code y[offset .. offset + n)}, within a few units in the last place. */
  void tanh(float[] y, int offset, int n);

  /** y ← max(0, y) for {@code y[offset .. offset + n)}. */
  void relu(float[] y, int offset, int n);

  /** d ← d where y > 0, else 0, for the elements [offset, offset + n). */
  void multiplyReluDerivative(float[] y, float[] d, int offset, int n);
}
