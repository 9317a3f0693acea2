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

  /**
   * Whether the bits of an element of a product do not depend on the rows that are computed with
   * it, so that threads may cut a product as they like.
   */
  default boolean rowsAreIndependent() {
    return true;
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

  /**
   * y ← tanh y for {@code y[offset .. offset + n)}, within a few units in the last place: a
   * rational approximation, here in a loop that the JIT compiler vectorises.
   */
  default void tanh(float[] y, int offset, int n) {
    for (int i = offset; i < offset + n; i++) {
      float x = Math.max(-7.90531110763549805f, Math.min(7.90531110763549805f, y[i]));
      float s = x * x;
      float p = -2.76076847742355e-16f;
      p = p * s + 2.00018790482477e-13f;
      p = p * s - 8.60467152213735e-11f;
      p = p * s + 5.12229709037114e-08f;
      p = p * s + 1.48572235717979e-05f;
      p = p * s + 6.37261928875436e-04f;
      p = p * s + 4.89352455891786e-03f;
      float q = 1.19825839466702e-06f;
      q = q * s + 1.18534705686654e-04f;
      q = q * s + 2.26843463243900e-03f;
      q = q * s + 4.89352518554385e-03f;
      y[i] = x * p / q;
    }
  }

  /** y ← max(0, y) for {@code y[offset .. offset + n)}. */
  default void relu(float[] y, int offset, int n) {
    for (int i = offset; i < offset + n; i++) {
      y[i] = Math.max(0, y[i]);
    }
  }

  /** d ← d where y > 0, else 0, for the elements [offset, offset + n). */
  default void multiplyReluDerivative(float[] y, float[] d, int offset, int n) {
    for (int i = offset; i < offset + n; i++) {
      // min is 1 where y > 0 and 0 where y = 0: a choice would be a mispredicted branch.
      d[i] *= Math.min(1, y[i] * 1e38f * 1e38f);
    }
  }

  /**
   * Copies runs of numbers one after the other, as for what a filter sees at one place.
   *
   * @param at to which {@code starts} are relative
   * @param starts where each run begins
   * @param length numbers of a run
   * @param to receives them from {@code target} on. Modified.
   */
  default void gather(float[] from, int at, int[] starts, int length, float[] to, int target) {
    int q = target;
    for (int start : starts) {
      for (int p = at + start; p < at + start + length; p++) {
        to[q++] = from[p];
      }
    }
  }

  /**
   * Adds to runs of numbers what {@link #gather} would have copied from them.
   *
   * @param from values for the runs one after the other, from {@code source} on
   * @param to where the runs are. Modified.
   */
  default void scatterAdd(float[] from, int source, float[] to, int at, int[] starts, int length) {
    int q = source;
    for (int start : starts) {
      for (int p = at + start; p < at + start + length; p++) {
        to[p] += from[q++];
      }
    }
  }
}
