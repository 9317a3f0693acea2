package org.deeprl4j.nn;

import org.jspecify.annotations.Nullable;

/**
 * A matrix product C = init + A·B: its size, its operands and where they lie. All are row-major
 * blocks of arrays, given by their first element and the distance of their rows.
 *
 * <p>It is filled in anew for every product, so that networks multiply without allocating; one
 * thread uses it at a time.
 */
final class Product {
  private static final float[] NONE = {};

  /** Rows of C. */
  int m;

  /** Columns of B and C. */
  int n;

  /** Columns of A and rows of B. */
  int k;

  /** Whether A is stored as [k, m]. */
  boolean transposed;

  float[] a = NONE;
  int ao;
  int lda;
  float[] b = NONE;
  int bo;
  int ldb;

  /** Whether B lies in panels, as {@link HostKernels#panelWidth} says. */
  boolean panels;

  float[] init = NONE;
  int io;
  int is;
  float[] c = NONE;
  int co;
  int ldc;

  /** Room for a kernel's rearranged operands. */
  float[] packedA = NONE;

  /** Where the first panel of A starts. */
  int packedAt;

  float[] packedB = NONE;

  private @Nullable Product edge;

  /** C is [m, n], the sum of its elements has k terms. */
  Product of(int rows, int columns, int terms) {
    m = rows;
    n = columns;
    k = terms;
    return this;
  }

  /** A [m, k]. */
  Product a(float[] values, int offset, int stride) {
    transposed = false;
    a = values;
    ao = offset;
    lda = stride;
    return this;
  }

  /** A is the transpose of a matrix [k, m]. */
  Product transposedA(float[] values, int offset, int stride) {
    a(values, offset, stride);
    transposed = true;
    return this;
  }

  /** B [k, n]. */
  Product b(float[] values, int offset, int stride) {
    panels = false;
    b = values;
    bo = offset;
    ldb = stride;
    return this;
  }

  /** B [k, n] in panels; called after {@link #of}. Only with A as it is. */
  Product panels(float[] values, int offset) {
    b(values, offset, n);
    panels = true;
    return this;
  }

  /** Makes room for the rearranged operands. */
  void reservePacked(int sizeA, int sizeB) {
    if (packedA.length < sizeA) {
      packedA = new float[sizeA];
    }
    if (packedB.length < sizeB) {
      packedB = new float[sizeB];
    }
  }

  /** What C starts from, [m, n]; a stride of 0 repeats one row. */
  Product from(float[] values, int offset, int stride) {
    init = values;
    io = offset;
    is = stride;
    return this;
  }

  /** What each row of C starts from. */
  Product from(float[] row) {
    return from(row, 0, 0);
  }

  /** C [m, n], where the result goes. */
  Product into(float[] values, int offset, int stride) {
    c = values;
    co = offset;
    ldc = stride;
    return this;
  }

  /** C [m, n], which starts from what is there. */
  Product onto(float[] values, int offset, int stride) {
    return from(values, offset, stride).into(values, offset, stride);
  }

  /**
   * A product onto a tile of its own, five rows of sixteen, with the rearranged operands of this.
   */
  Product edge() {
    if (edge == null) {
      edge = new Product().onto(new float[5 * 16], 0, 16);
    }
    edge.packedA = packedA;
    edge.packedB = packedB;
    return edge;
  }
}
