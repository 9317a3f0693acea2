package org.deeprl4j.nn;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The host kernels on Java's Vector API; loaded only where the module is present.
 *
 * <p>Matrix products keep a tile of the result in registers. Each of its elements is one chain of
 * multiply-adds over the terms in their order, so that the bits depend neither on the tile nor on
 * the width of vectors.
 *
 * <p>Of the 32 registers of 512-bit machines, 6 rows × 4 vectors reach the peak: 24 accumulators, 4
 * vectors of B and one broadcast element of A, and 10 loads for 24 multiply-adds; 8 rows × 3
 * vectors do as well where columns remain. 256-bit machines have 16 registers and half the
 * arithmetic for an instruction, so that bounds checks, index arithmetic and spilled registers
 * count: they read B, and where it is transposed A, in panels whose strides are constants, and use
 * tiles that leave the compiler registers to spare. 128-bit machines with 32 registers (ARM) do the
 * same with tiles of their own.
 */
final class VectorKernels implements HostKernels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  /** Of runs of eight numbers, which the rows of a common filter are. */
  private static final VectorSpecies<Float> RUN =
      L < 8 ? FloatVector.SPECIES_128 : FloatVector.SPECIES_256;

  /** Whether operands are read from panels. */
  private static final boolean PANELS = L == 4 || L == 8;

  private static final int PANEL = PANELS ? 4 * L : Integer.MAX_VALUE;

  /** Terms of a product that are added in one go, where operands are read from panels. */
  private static final int TERMS = 128;

  /** Tiles below one another that one call computes, so that the call costs little beside them. */
  private static final int TILES = 32;

  // tanh x = x·P(x²)/Q(x²) on [−C, C], the rational approximation of Eigen's
  // generic_fast_tanh_float: a few
  // units in the last place, and exact in relative terms near 0.
  private static final float TANH_CLAMP = 7.90531110763549805f;
  private static final float[] TANH_P = {
    4.89352455891786e-03f,
    6.37261928875436e-04f,
    1.48572235717979e-05f,
    5.12229709037114e-08f,
    -8.60467152213735e-11f,
    2.00018790482477e-13f,
    -2.76076847742355e-16f
  };
  private static final float[] TANH_Q = {
    4.89352518554385e-03f, 2.26843463243900e-03f, 1.18534705686654e-04f, 1.19825839466702e-06f
  };

  @Override
  public String describe() {
    return "Vector API, " + S.vectorBitSize() + "-bit";
  }

  @Override
  public int panelWidth() {
    return PANEL;
  }

  @Override
  public void multiply(Product p) {
    if (p.panels && PANELS) {
      panels(p);
    } else if (p.transposed && PANELS && p.m > 1) {
      packed(p);
    } else {
      rowMajor(p);
    }
  }

  /** All rows by one panel of B after the other, of which so many terms that they stay cached. */
  private static void panels(Product p) {
    for (int first = 0; first < p.k; first += TERMS) {
      int end = Math.min(p.k, first + TERMS);
      for (int j = 0; j < p.n; j += PANEL) {
        panel(p, j, first, end);
      }
    }
  }

  private static void panel(Product p, int j, int first, int end) {
    boolean narrow = p.n - j < PANEL;
    int rows = narrow || L == 4 ? 4 : 2;
    int whole = p.m / rows * rows;
    for (int i = 0; i < whole; i += TILES * rows) {
      int to = Math.min(whole, i + TILES * rows);
      if (narrow) {
        VectorTiles.panel4x2(p, i, to, j, first, end);
      } else if (L == 4) {
        VectorTiles.panel4x4(p, i, to, j, first, end);
      } else {
        VectorTiles.panel2x4(p, i, to, j, first, end);
      }
    }
    if (whole < p.m) {
      if (narrow) {
        VectorTiles.panel1x2(p, whole, p.m, j, first, end);
      } else {
        VectorTiles.panel1x4(p, whole, p.m, j, first, end);
      }
    }
  }

  /**
   * Columns of A lie far apart and B is used once, as activations are in a gradient: both are
   * copied into panels, five rows of A and sixteen columns of B at a time. The five take the room
   * of eight, since only a stride that is a power of two lets the compiler do without bounds
   * checks.
   */
  private static void packed(Product p) {
    int blocks = (p.m + 4) / 5;
    int whole = p.m / 5 * 5;
    p.reservePacked(blocks * 8 * Math.min(p.k, TERMS), 16 * Math.min(p.k, TERMS));
    for (int first = 0; first < p.k; first += TERMS) {
      int terms = Math.min(TERMS, p.k - first);
      for (int i = 0; i < p.m; i += 5) {
        packRows(p, i, first, terms);
      }
      for (int j = 0; j < p.n; j += 16) {
        packColumns(p, j, first, terms);
        for (int i = 0; i < whole; i += 5 * TILES) {
          packedTiles(p, i, Math.min(whole, i + 5 * TILES), j, terms, first > 0);
        }
        if (whole < p.m) {
          packedEdge(p, whole, j, terms, first > 0);
        }
      }
    }
  }

  private static void packRows(Product p, int i, int first, int terms) {
    float[] a = p.a;
    int lda = p.lda;
    float[] to = p.packedA;
    int ao = p.ao + first * lda + i;
    int at = i / 5 * 8 * terms;
    int q = 0;
    if (i + 8 <= lda) { // else the next row of A would be read, which for the last one is not there
      for (; q < terms - 1; q++) {
        for (int v = 0; v < 8; v += L) {
          FloatVector.fromArray(S, a, ao + q * lda + v).intoArray(to, at + 8 * q + v);
        }
      }
    }
    int rows = Math.min(5, p.m - i);
    for (; q < terms; q++) {
      for (int r = 0; r < rows; r++) {
        to[at + 8 * q + r] = a[ao + q * lda + r];
      }
    }
  }

  private static void packColumns(Product p, int j, int first, int terms) {
    float[] b = p.b;
    int ldb = p.ldb;
    float[] to = p.packedB;
    int bo = p.bo + first * ldb + j;
    for (int q = 0; q < terms; q++) {
      for (int v = 0; v < 16; v += L) {
        FloatVector.fromArray(S, b, bo + q * ldb + v).intoArray(to, 16 * q + v);
      }
    }
  }

  private static void packedTiles(Product p, int from, int to, int j, int terms, boolean onto) {
    if (L == 4) {
      VectorTiles.packed5x4(p, from, to, j, terms, onto);
    } else {
      VectorTiles.packed5x2(p, from, to, j, terms, onto);
    }
  }

  /** The last rows, fewer than five: a whole tile beside C, of which they are copied. */
  private static void packedEdge(Product p, int i, int j, int terms, boolean onto) {
    Product edge = p.edge();
    float[] tile = edge.c;
    for (int r = i; r < p.m; r++) {
      float[] from = onto ? p.c : p.init;
      int at = onto ? p.co + r * p.ldc : p.io + r * p.is;
      System.arraycopy(from, at + j, tile, 16 * (r - i), 16);
    }
    edge.packedAt = i / 5 * 8 * terms;
    packedTiles(edge, 0, 5, 0, terms, true);
    for (int r = i; r < p.m; r++) {
      System.arraycopy(tile, 16 * (r - i), p.c, p.co + r * p.ldc + j, 16);
    }
  }

  /**
   * Four vectors at a time, and what remains by tiles of three and two: those of one vector load as
   * much as they compute.
   */
  private static void rowMajor(Product p) {
    int vectors = p.n / L;
    int rest = vectors % 4 == 1 && vectors > 1 ? 5 : vectors % 4;
    int done = (vectors - rest) * L;
    columns4(p, 0, done);
    if (rest == 3 || rest == 5) {
      columns3(p, done);
      done += 3 * L;
    }
    if (rest == 2 || rest == 5) {
      columns2(p, done);
      done += 2 * L;
    }
    columns1(p, 0, done, p.n);
  }

  /** The columns [from, to) of the result, four vectors at a time. */
  private static void columns4(Product p, int from, int to) {
    int i = 0;
    for (; i + 6 <= p.m; i += 6) {
      for (int j = from; j < to; j += 4 * L) {
        if (p.transposed) {
          VectorTiles.tile6x4T(p, i, j);
        } else {
          VectorTiles.tile6x4(p, i, j);
        }
      }
    }
    for (; i + 2 <= p.m; i += 2) {
      for (int j = from; j < to; j += 4 * L) {
        if (p.transposed) {
          VectorTiles.tile2x4T(p, i, j);
        } else {
          VectorTiles.tile2x4(p, i, j);
        }
      }
    }
    if (i < p.m) {
      for (int j = from; j < to; j += 4 * L) {
        if (p.transposed) {
          VectorTiles.tile1x4T(p, i, j);
        } else {
          VectorTiles.tile1x4(p, i, j);
        }
      }
    }
  }

  /** Three vectors of columns from {@code j} on. */
  private static void columns3(Product p, int j) {
    int i = 0;
    for (; i + 8 <= p.m; i += 8) {
      if (p.transposed) {
        VectorTiles.tile8x3T(p, i, j);
      } else {
        VectorTiles.tile8x3(p, i, j);
      }
    }
    columns1(p, i, j, j + 3 * L);
  }

  /** Two vectors of columns from {@code j} on. */
  private static void columns2(Product p, int j) {
    int i = 0;
    for (; i + 8 <= p.m; i += 8) {
      if (p.transposed) {
        VectorTiles.tile8x2T(p, i, j);
      } else {
        VectorTiles.tile8x2(p, i, j);
      }
    }
    columns1(p, i, j, j + 2 * L);
  }

  /** The rows from {@code first} on of the columns [from, to), one vector at a time. */
  private static void columns1(Product p, int first, int from, int to) {
    int i = first;
    for (; i + 8 <= p.m; i += 8) {
      for (int j = from; j < to; j += L) {
        if (p.transposed) {
          VectorTiles.tile8x1T(p, i, j);
        } else {
          VectorTiles.tile8x1(p, i, j);
        }
      }
    }
    for (; i < p.m; i++) {
      for (int j = from; j < to; j += L) {
        if (p.transposed) {
          VectorTiles.tile1x1T(p, i, j);
        } else {
          VectorTiles.tile1x1(p, i, j);
        }
      }
    }
  }

  @Override
  public void dots(Product p) {
    int i = 0;
    for (; i + 4 <= p.m; i += 4) {
      dots4(p, i);
    }
    float[] a = p.a;
    float[] v = p.b;
    for (; i < p.m; i++) {
      int row = p.ao + i * p.lda;
      FloatVector sum = FloatVector.zero(S);
      int q = 0;
      for (; q + L <= p.k; q += L) {
        sum = FloatVector.fromArray(S, a, row + q).fma(FloatVector.fromArray(S, v, p.bo + q), sum);
      }
      float total = p.init[p.io + i * p.is] + sum.reduceLanes(VectorOperators.ADD);
      for (; q < p.k; q++) {
        total += a[row + q] * v[p.bo + q];
      }
      p.c[p.co + i * p.ldc] = total;
    }
  }

  private static void dots4(Product product, int i) {
    int k = product.k;
    float[] a = product.a;
    int a0 = product.ao + i * product.lda;
    int a1 = a0 + product.lda;
    int a2 = a0 + 2 * product.lda;
    int a3 = a0 + 3 * product.lda;
    float[] v = product.b;
    int vo = product.bo;
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = FloatVector.zero(S);
    FloatVector s2 = FloatVector.zero(S);
    FloatVector s3 = FloatVector.zero(S);
    int p = 0;
    for (; p + L <= k; p += L) {
      FloatVector x = FloatVector.fromArray(S, v, vo + p);
      s0 = x.fma(FloatVector.fromArray(S, a, a0 + p), s0);
      s1 = x.fma(FloatVector.fromArray(S, a, a1 + p), s1);
      s2 = x.fma(FloatVector.fromArray(S, a, a2 + p), s2);
      s3 = x.fma(FloatVector.fromArray(S, a, a3 + p), s3);
    }
    float[] init = product.init;
    int io = product.io + i * product.is;
    float t0 = init[io] + s0.reduceLanes(VectorOperators.ADD);
    float t1 = init[io + product.is] + s1.reduceLanes(VectorOperators.ADD);
    float t2 = init[io + 2 * product.is] + s2.reduceLanes(VectorOperators.ADD);
    float t3 = init[io + 3 * product.is] + s3.reduceLanes(VectorOperators.ADD);
    for (; p < k; p++) {
      t0 += a[a0 + p] * v[vo + p];
      t1 += a[a1 + p] * v[vo + p];
      t2 += a[a2 + p] * v[vo + p];
      t3 += a[a3 + p] * v[vo + p];
    }
    float[] c = product.c;
    int co = product.co + i * product.ldc;
    c[co] = t0;
    c[co + product.ldc] = t1;
    c[co + 2 * product.ldc] = t2;
    c[co + 3 * product.ldc] = t3;
  }

  @Override
  public void tanh(float[] y, int offset, int n) {
    int i = offset;
    int end = offset + n;
    for (; i + L <= end; i += L) {
      tanh(FloatVector.fromArray(S, y, i)).intoArray(y, i);
    }
    if (i < end) {
      VectorMask<Float> rest = S.indexInRange(i, end);
      tanh(FloatVector.fromArray(S, y, i, rest)).intoArray(y, i, rest);
    }
  }

  private static FloatVector tanh(FloatVector argument) {
    FloatVector x = argument.max(-TANH_CLAMP).min(TANH_CLAMP);
    FloatVector s = x.mul(x);
    FloatVector p = FloatVector.broadcast(S, TANH_P[6]);
    p = p.fma(s, FloatVector.broadcast(S, TANH_P[5]));
    p = p.fma(s, FloatVector.broadcast(S, TANH_P[4]));
    p = p.fma(s, FloatVector.broadcast(S, TANH_P[3]));
    p = p.fma(s, FloatVector.broadcast(S, TANH_P[2]));
    p = p.fma(s, FloatVector.broadcast(S, TANH_P[1]));
    p = p.fma(s, FloatVector.broadcast(S, TANH_P[0]));
    FloatVector q = FloatVector.broadcast(S, TANH_Q[3]);
    q = q.fma(s, FloatVector.broadcast(S, TANH_Q[2]));
    q = q.fma(s, FloatVector.broadcast(S, TANH_Q[1]));
    q = q.fma(s, FloatVector.broadcast(S, TANH_Q[0]));
    return x.mul(p).div(q);
  }

  @Override
  public void relu(float[] y, int offset, int n) {
    int i = offset;
    int end = offset + n;
    for (; i + L <= end; i += L) {
      FloatVector.fromArray(S, y, i).max(0).intoArray(y, i);
    }
    for (; i < end; i++) {
      y[i] = Math.max(0, y[i]);
    }
  }

  @Override
  public void multiplyReluDerivative(float[] y, float[] d, int offset, int n) {
    int i = offset;
    int end = offset + n;
    FloatVector zero = FloatVector.zero(S);
    for (; i + L <= end; i += L) {
      VectorMask<Float> positive = FloatVector.fromArray(S, y, i).compare(VectorOperators.GT, 0);
      zero.blend(FloatVector.fromArray(S, d, i), positive).intoArray(d, i);
    }
    for (; i < end; i++) {
      d[i] = y[i] > 0 ? d[i] : 0;
    }
  }

  @Override
  public void gather(float[] from, int at, int[] starts, int length, float[] to, int target) {
    if (length % RUN.length() != 0) {
      HostKernels.super.gather(from, at, starts, length, to, target);
      return;
    }
    int q = target;
    for (int start : starts) {
      for (int p = at + start; p < at + start + length; p += RUN.length()) {
        FloatVector.fromArray(RUN, from, p).intoArray(to, q);
        q += RUN.length();
      }
    }
  }

  @Override
  public void scatterAdd(float[] from, int source, float[] to, int at, int[] starts, int length) {
    if (length % RUN.length() != 0) {
      HostKernels.super.scatterAdd(from, source, to, at, starts, length);
      return;
    }
    int q = source;
    for (int start : starts) {
      for (int p = at + start; p < at + start + length; p += RUN.length()) {
        FloatVector.fromArray(RUN, to, p).add(FloatVector.fromArray(RUN, from, q)).intoArray(to, p);
        q += RUN.length();
      }
    }
  }
}
