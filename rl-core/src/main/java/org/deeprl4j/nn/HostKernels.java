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

  /**
   * The columns of a panel. A matrix B [k, n] that is multiplied by often is kept in panels: each a
   * row-major [k, width], one after the other, the last as wide as the columns that remain. A
   * kernel that wants none has a single one, which is the row-major matrix.
   */
  default int panelWidth() {
    return Integer.MAX_VALUE;
  }

  /** What runs, for people. */
  String describe();

  /** Computes a product whose {@code n} is a multiple of {@link #LANES}. */
  void multiply(Product product);

  /**
   * c_i = init_i + a_i·b for the rows a_i of A: a product with a single column b, {@code n = 1} and
   * {@code ldb = 1}, of which a padded one would compute sixteen.
   */
  default void dots(Product p) {
    for (int i = 0; i < p.m; i++) {
      double sum = HostMath.dot(p.a, p.ao + i * p.lda, p.b, p.bo, p.k);
      p.c[p.co + i * p.ldc] = (float) (p.init[p.io + i * p.is] + sum);
    }
  }

  /** y ← tanh y for {@code y[offset .. offset + n)}, within a few units in the last place. */
  void tanh(float[] y, int offset, int n);

  /** y ← max(0, y) for {@code y[offset .. offset + n)}. */
  void relu(float[] y, int offset, int n);

  /** d ← d where y > 0, else 0, for the elements [offset, offset + n). */
  void multiplyReluDerivative(float[] y, float[] d, int offset, int n);
}
