package org.deeprl4j.nn;

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
  float[] init = NONE;
  int io;
  int is;
  float[] c = NONE;
  int co;
  int ldc;

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
    b = values;
    bo = offset;
    ldb = stride;
    return this;
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
}
