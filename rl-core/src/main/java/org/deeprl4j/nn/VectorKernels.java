package org.deeprl4j.nn;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The host kernels on Java's Vector API; loaded only where the module is present.
 *
 * <p>Matrix products keep a tile of the result in registers. Of 32 registers, 6 rows × 4 vectors
 * reach the machine's peak: 24 accumulators, 4 vectors of B and one broadcast element of A, and 10
 * loads for 24 multiply-adds; 8 rows × 3 vectors do as well where columns remain. Of the 16
 * registers of 256-bit machines 6 × 2 do. Every tile is a small static method of its own, which is
 * what the JIT compiler needs to keep its vectors in registers.
 */
final class VectorKernels implements HostKernels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  /** 256-bit x86 machines have only 16 vector registers. */
  private static final boolean FEW_REGISTERS = S.vectorBitSize() == 256;

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
  public void gemm(
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
      int ldc) {
    int done = 0;
    if (FEW_REGISTERS) {
      done = n / (2 * L) * (2 * L);
      columns2(transposed, m, 0, done, k, a, ao, lda, b, bo, ldb, init, io, is, c, co, ldc);
    } else {
      // Four vectors at a time, and what remains by tiles of three and two: those of one vector
      // load as much as they compute.
      int vectors = n / L;
      int rest = vectors % 4 == 1 && vectors > 1 ? 5 : vectors % 4;
      done = (vectors - rest) * L;
      columns4(transposed, m, 0, done, k, a, ao, lda, b, bo, ldb, init, io, is, c, co, ldc);
      if (rest == 3 || rest == 5) {
        int to = done + 3 * L;
        eightRows3(transposed, m, done, to, k, a, ao, lda, b, bo, ldb, init, io, is, c, co, ldc);
        done = to;
      }
      if (rest == 2 || rest == 5) {
        int to = done + 2 * L;
        eightRows2(transposed, m, done, to, k, a, ao, lda, b, bo, ldb, init, io, is, c, co, ldc);
        done = to;
      }
    }
    columns1(transposed, m, done, n, k, a, ao, lda, b, bo, ldb, init, io, is, c, co, ldc);
  }

  private static void columns4(
      boolean t,
      int m,
      int from,
      int to,
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
      int ldc) {
    int ars = t ? 1 : lda;
    int acs = t ? lda : 1;
    int i = 0;
    for (; i + 6 <= m; i += 6) {
      for (int j = from; j < to; j += 4 * L) {
        if (t) {
          tile6x4T(
              k,
              a,
              ao + i,
              lda,
              b,
              bo + j,
              ldb,
              init,
              io + i * is + j,
              is,
              c,
              co + i * ldc + j,
              ldc);
        } else {
          tile6x4(
              k,
              a,
              ao + i * lda,
              lda,
              b,
              bo + j,
              ldb,
              init,
              io + i * is + j,
              is,
              c,
              co + i * ldc + j,
              ldc);
        }
      }
    }
    for (; i + 2 <= m; i += 2) {
      for (int j = from; j < to; j += 4 * L) {
        if (t) {
          tile2x4T(
              k,
              a,
              ao + i,
              lda,
              b,
              bo + j,
              ldb,
              init,
              io + i * is + j,
              is,
              c,
              co + i * ldc + j,
              ldc);
        } else {
          tile2x4(
              k,
              a,
              ao + i * lda,
              lda,
              b,
              bo + j,
              ldb,
              init,
              io + i * is + j,
              is,
              c,
              co + i * ldc + j,
              ldc);
        }
      }
    }
    for (; i + 1 <= m; i += 1) {
      for (int j = from; j < to; j += 4 * L) {
        tile1x4(
            k, a, ao + i * ars, acs, b, bo + j, ldb, init, io + i * is + j, c, co + i * ldc + j);
      }
    }
  }

  /** Columns of the result 3 vectors at a time, rows eight at a time. */
  private static void eightRows3(
      boolean t,
      int m,
      int from,
      int to,
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
      int ldc) {
    int i = 0;
    for (; i + 8 <= m; i += 8) {
      for (int j = from; j < to; j += 3 * L) {
        if (t) {
          tile8x3T(
              k,
              a,
              ao + i,
              lda,
              b,
              bo + j,
              ldb,
              init,
              io + i * is + j,
              is,
              c,
              co + i * ldc + j,
              ldc);
        } else {
          tile8x3(
              k,
              a,
              ao + i * lda,
              lda,
              b,
              bo + j,
              ldb,
              init,
              io + i * is + j,
              is,
              c,
              co + i * ldc + j,
              ldc);
        }
      }
    }
    if (i < m) {
      int start = t ? i : i * lda;
      columns1(
          t,
          m - i,
          from,
          to,
          k,
          a,
          ao + start,
          lda,
          b,
          bo,
          ldb,
          init,
          io + i * is,
          is,
          c,
          co + i * ldc,
          ldc);
    }
  }

  /** Columns of the result 2 vectors at a time, rows eight at a time. */
  private static void eightRows2(
      boolean t,
      int m,
      int from,
      int to,
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
      int ldc) {
    int i = 0;
    for (; i + 8 <= m; i += 8) {
      for (int j = from; j < to; j += 2 * L) {
        if (t) {
          tile8x2T(
              k,
              a,
              ao + i,
              lda,
              b,
              bo + j,
              ldb,
              init,
              io + i * is + j,
              is,
              c,
              co + i * ldc + j,
              ldc);
        } else {
          tile8x2(
              k,
              a,
              ao + i * lda,
              lda,
              b,
              bo + j,
              ldb,
              init,
              io + i * is + j,
              is,
              c,
              co + i * ldc + j,
              ldc);
        }
      }
    }
    if (i < m) {
      int start = t ? i : i * lda;
      columns1(
          t,
          m - i,
          from,
          to,
          k,
          a,
          ao + start,
          lda,
          b,
          bo,
          ldb,
          init,
          io + i * is,
          is,
          c,
          co + i * ldc,
          ldc);
    }
  }

  private static void columns2(
      boolean t,
      int m,
      int from,
      int to,
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
      int ldc) {
    int ars = t ? 1 : lda;
    int acs = t ? lda : 1;
    int i = 0;
    for (; i + 6 <= m; i += 6) {
      for (int j = from; j < to; j += 2 * L) {
        tile6x2(
            k,
            a,
            ao + i * ars,
            ars,
            acs,
            b,
            bo + j,
            ldb,
            init,
            io + i * is + j,
            is,
            c,
            co + i * ldc + j,
            ldc);
      }
    }
    for (; i + 1 <= m; i += 1) {
      for (int j = from; j < to; j += 2 * L) {
        tile1x2(
            k, a, ao + i * ars, acs, b, bo + j, ldb, init, io + i * is + j, c, co + i * ldc + j);
      }
    }
  }

  private static void columns1(
      boolean t,
      int m,
      int from,
      int to,
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
      int ldc) {
    int ars = t ? 1 : lda;
    int acs = t ? lda : 1;
    int i = 0;
    for (; i + 8 <= m; i += 8) {
      for (int j = from; j < to; j += 1 * L) {
        tile8x1(
            k,
            a,
            ao + i * ars,
            ars,
            acs,
            b,
            bo + j,
            ldb,
            init,
            io + i * is + j,
            is,
            c,
            co + i * ldc + j,
            ldc);
      }
    }
    for (; i + 1 <= m; i += 1) {
      for (int j = from; j < to; j += 1 * L) {
        tile1x1(
            k, a, ao + i * ars, acs, b, bo + j, ldb, init, io + i * is + j, c, co + i * ldc + j);
      }
    }
  }

  private static void tile6x4(
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
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c01 = FloatVector.fromArray(S, init, io + L);
    FloatVector c02 = FloatVector.fromArray(S, init, io + 2 * L);
    FloatVector c03 = FloatVector.fromArray(S, init, io + 3 * L);
    FloatVector c10 = FloatVector.fromArray(S, init, io + is);
    FloatVector c11 = FloatVector.fromArray(S, init, io + is + L);
    FloatVector c12 = FloatVector.fromArray(S, init, io + is + 2 * L);
    FloatVector c13 = FloatVector.fromArray(S, init, io + is + 3 * L);
    FloatVector c20 = FloatVector.fromArray(S, init, io + 2 * is);
    FloatVector c21 = FloatVector.fromArray(S, init, io + 2 * is + L);
    FloatVector c22 = FloatVector.fromArray(S, init, io + 2 * is + 2 * L);
    FloatVector c23 = FloatVector.fromArray(S, init, io + 2 * is + 3 * L);
    FloatVector c30 = FloatVector.fromArray(S, init, io + 3 * is);
    FloatVector c31 = FloatVector.fromArray(S, init, io + 3 * is + L);
    FloatVector c32 = FloatVector.fromArray(S, init, io + 3 * is + 2 * L);
    FloatVector c33 = FloatVector.fromArray(S, init, io + 3 * is + 3 * L);
    FloatVector c40 = FloatVector.fromArray(S, init, io + 4 * is);
    FloatVector c41 = FloatVector.fromArray(S, init, io + 4 * is + L);
    FloatVector c42 = FloatVector.fromArray(S, init, io + 4 * is + 2 * L);
    FloatVector c43 = FloatVector.fromArray(S, init, io + 4 * is + 3 * L);
    FloatVector c50 = FloatVector.fromArray(S, init, io + 5 * is);
    FloatVector c51 = FloatVector.fromArray(S, init, io + 5 * is + L);
    FloatVector c52 = FloatVector.fromArray(S, init, io + 5 * is + 2 * L);
    FloatVector c53 = FloatVector.fromArray(S, init, io + 5 * is + 3 * L);
    int a0 = ao;
    int a1 = ao + lda;
    int a2 = ao + 2 * lda;
    int a3 = ao + 3 * lda;
    int a4 = ao + 4 * lda;
    int a5 = ao + 5 * lda;
    for (int p = 0, q = bo; p < k; p++, q += ldb) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector b1 = FloatVector.fromArray(S, b, q + L);
      FloatVector b2 = FloatVector.fromArray(S, b, q + 2 * L);
      FloatVector b3 = FloatVector.fromArray(S, b, q + 3 * L);
      FloatVector x0 = FloatVector.broadcast(S, a[a0 + p]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      c02 = x0.fma(b2, c02);
      c03 = x0.fma(b3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[a1 + p]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      c12 = x1.fma(b2, c12);
      c13 = x1.fma(b3, c13);
      FloatVector x2 = FloatVector.broadcast(S, a[a2 + p]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      c22 = x2.fma(b2, c22);
      c23 = x2.fma(b3, c23);
      FloatVector x3 = FloatVector.broadcast(S, a[a3 + p]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      c32 = x3.fma(b2, c32);
      c33 = x3.fma(b3, c33);
      FloatVector x4 = FloatVector.broadcast(S, a[a4 + p]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      c42 = x4.fma(b2, c42);
      c43 = x4.fma(b3, c43);
      FloatVector x5 = FloatVector.broadcast(S, a[a5 + p]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
      c52 = x5.fma(b2, c52);
      c53 = x5.fma(b3, c53);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c02.intoArray(c, co + 2 * L);
    c03.intoArray(c, co + 3 * L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c12.intoArray(c, co + ldc + 2 * L);
    c13.intoArray(c, co + ldc + 3 * L);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + L);
    c22.intoArray(c, co + 2 * ldc + 2 * L);
    c23.intoArray(c, co + 2 * ldc + 3 * L);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + L);
    c32.intoArray(c, co + 3 * ldc + 2 * L);
    c33.intoArray(c, co + 3 * ldc + 3 * L);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + L);
    c42.intoArray(c, co + 4 * ldc + 2 * L);
    c43.intoArray(c, co + 4 * ldc + 3 * L);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + L);
    c52.intoArray(c, co + 5 * ldc + 2 * L);
    c53.intoArray(c, co + 5 * ldc + 3 * L);
  }

  private static void tile6x4T(
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
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c01 = FloatVector.fromArray(S, init, io + L);
    FloatVector c02 = FloatVector.fromArray(S, init, io + 2 * L);
    FloatVector c03 = FloatVector.fromArray(S, init, io + 3 * L);
    FloatVector c10 = FloatVector.fromArray(S, init, io + is);
    FloatVector c11 = FloatVector.fromArray(S, init, io + is + L);
    FloatVector c12 = FloatVector.fromArray(S, init, io + is + 2 * L);
    FloatVector c13 = FloatVector.fromArray(S, init, io + is + 3 * L);
    FloatVector c20 = FloatVector.fromArray(S, init, io + 2 * is);
    FloatVector c21 = FloatVector.fromArray(S, init, io + 2 * is + L);
    FloatVector c22 = FloatVector.fromArray(S, init, io + 2 * is + 2 * L);
    FloatVector c23 = FloatVector.fromArray(S, init, io + 2 * is + 3 * L);
    FloatVector c30 = FloatVector.fromArray(S, init, io + 3 * is);
    FloatVector c31 = FloatVector.fromArray(S, init, io + 3 * is + L);
    FloatVector c32 = FloatVector.fromArray(S, init, io + 3 * is + 2 * L);
    FloatVector c33 = FloatVector.fromArray(S, init, io + 3 * is + 3 * L);
    FloatVector c40 = FloatVector.fromArray(S, init, io + 4 * is);
    FloatVector c41 = FloatVector.fromArray(S, init, io + 4 * is + L);
    FloatVector c42 = FloatVector.fromArray(S, init, io + 4 * is + 2 * L);
    FloatVector c43 = FloatVector.fromArray(S, init, io + 4 * is + 3 * L);
    FloatVector c50 = FloatVector.fromArray(S, init, io + 5 * is);
    FloatVector c51 = FloatVector.fromArray(S, init, io + 5 * is + L);
    FloatVector c52 = FloatVector.fromArray(S, init, io + 5 * is + 2 * L);
    FloatVector c53 = FloatVector.fromArray(S, init, io + 5 * is + 3 * L);
    for (int p = 0, q = bo, i = ao; p < k; p++, q += ldb, i += lda) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector b1 = FloatVector.fromArray(S, b, q + L);
      FloatVector b2 = FloatVector.fromArray(S, b, q + 2 * L);
      FloatVector b3 = FloatVector.fromArray(S, b, q + 3 * L);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      c02 = x0.fma(b2, c02);
      c03 = x0.fma(b3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[i + 1]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      c12 = x1.fma(b2, c12);
      c13 = x1.fma(b3, c13);
      FloatVector x2 = FloatVector.broadcast(S, a[i + 2]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      c22 = x2.fma(b2, c22);
      c23 = x2.fma(b3, c23);
      FloatVector x3 = FloatVector.broadcast(S, a[i + 3]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      c32 = x3.fma(b2, c32);
      c33 = x3.fma(b3, c33);
      FloatVector x4 = FloatVector.broadcast(S, a[i + 4]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      c42 = x4.fma(b2, c42);
      c43 = x4.fma(b3, c43);
      FloatVector x5 = FloatVector.broadcast(S, a[i + 5]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
      c52 = x5.fma(b2, c52);
      c53 = x5.fma(b3, c53);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c02.intoArray(c, co + 2 * L);
    c03.intoArray(c, co + 3 * L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c12.intoArray(c, co + ldc + 2 * L);
    c13.intoArray(c, co + ldc + 3 * L);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + L);
    c22.intoArray(c, co + 2 * ldc + 2 * L);
    c23.intoArray(c, co + 2 * ldc + 3 * L);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + L);
    c32.intoArray(c, co + 3 * ldc + 2 * L);
    c33.intoArray(c, co + 3 * ldc + 3 * L);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + L);
    c42.intoArray(c, co + 4 * ldc + 2 * L);
    c43.intoArray(c, co + 4 * ldc + 3 * L);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + L);
    c52.intoArray(c, co + 5 * ldc + 2 * L);
    c53.intoArray(c, co + 5 * ldc + 3 * L);
  }

  private static void tile8x3(
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
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c01 = FloatVector.fromArray(S, init, io + L);
    FloatVector c02 = FloatVector.fromArray(S, init, io + 2 * L);
    FloatVector c10 = FloatVector.fromArray(S, init, io + is);
    FloatVector c11 = FloatVector.fromArray(S, init, io + is + L);
    FloatVector c12 = FloatVector.fromArray(S, init, io + is + 2 * L);
    FloatVector c20 = FloatVector.fromArray(S, init, io + 2 * is);
    FloatVector c21 = FloatVector.fromArray(S, init, io + 2 * is + L);
    FloatVector c22 = FloatVector.fromArray(S, init, io + 2 * is + 2 * L);
    FloatVector c30 = FloatVector.fromArray(S, init, io + 3 * is);
    FloatVector c31 = FloatVector.fromArray(S, init, io + 3 * is + L);
    FloatVector c32 = FloatVector.fromArray(S, init, io + 3 * is + 2 * L);
    FloatVector c40 = FloatVector.fromArray(S, init, io + 4 * is);
    FloatVector c41 = FloatVector.fromArray(S, init, io + 4 * is + L);
    FloatVector c42 = FloatVector.fromArray(S, init, io + 4 * is + 2 * L);
    FloatVector c50 = FloatVector.fromArray(S, init, io + 5 * is);
    FloatVector c51 = FloatVector.fromArray(S, init, io + 5 * is + L);
    FloatVector c52 = FloatVector.fromArray(S, init, io + 5 * is + 2 * L);
    FloatVector c60 = FloatVector.fromArray(S, init, io + 6 * is);
    FloatVector c61 = FloatVector.fromArray(S, init, io + 6 * is + L);
    FloatVector c62 = FloatVector.fromArray(S, init, io + 6 * is + 2 * L);
    FloatVector c70 = FloatVector.fromArray(S, init, io + 7 * is);
    FloatVector c71 = FloatVector.fromArray(S, init, io + 7 * is + L);
    FloatVector c72 = FloatVector.fromArray(S, init, io + 7 * is + 2 * L);
    int a0 = ao;
    int a1 = ao + lda;
    int a2 = ao + 2 * lda;
    int a3 = ao + 3 * lda;
    int a4 = ao + 4 * lda;
    int a5 = ao + 5 * lda;
    int a6 = ao + 6 * lda;
    int a7 = ao + 7 * lda;
    for (int p = 0, q = bo; p < k; p++, q += ldb) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector b1 = FloatVector.fromArray(S, b, q + L);
      FloatVector b2 = FloatVector.fromArray(S, b, q + 2 * L);
      FloatVector x0 = FloatVector.broadcast(S, a[a0 + p]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      c02 = x0.fma(b2, c02);
      FloatVector x1 = FloatVector.broadcast(S, a[a1 + p]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      c12 = x1.fma(b2, c12);
      FloatVector x2 = FloatVector.broadcast(S, a[a2 + p]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      c22 = x2.fma(b2, c22);
      FloatVector x3 = FloatVector.broadcast(S, a[a3 + p]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      c32 = x3.fma(b2, c32);
      FloatVector x4 = FloatVector.broadcast(S, a[a4 + p]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      c42 = x4.fma(b2, c42);
      FloatVector x5 = FloatVector.broadcast(S, a[a5 + p]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
      c52 = x5.fma(b2, c52);
      FloatVector x6 = FloatVector.broadcast(S, a[a6 + p]);
      c60 = x6.fma(b0, c60);
      c61 = x6.fma(b1, c61);
      c62 = x6.fma(b2, c62);
      FloatVector x7 = FloatVector.broadcast(S, a[a7 + p]);
      c70 = x7.fma(b0, c70);
      c71 = x7.fma(b1, c71);
      c72 = x7.fma(b2, c72);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c02.intoArray(c, co + 2 * L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c12.intoArray(c, co + ldc + 2 * L);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + L);
    c22.intoArray(c, co + 2 * ldc + 2 * L);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + L);
    c32.intoArray(c, co + 3 * ldc + 2 * L);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + L);
    c42.intoArray(c, co + 4 * ldc + 2 * L);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + L);
    c52.intoArray(c, co + 5 * ldc + 2 * L);
    c60.intoArray(c, co + 6 * ldc);
    c61.intoArray(c, co + 6 * ldc + L);
    c62.intoArray(c, co + 6 * ldc + 2 * L);
    c70.intoArray(c, co + 7 * ldc);
    c71.intoArray(c, co + 7 * ldc + L);
    c72.intoArray(c, co + 7 * ldc + 2 * L);
  }

  private static void tile8x3T(
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
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c01 = FloatVector.fromArray(S, init, io + L);
    FloatVector c02 = FloatVector.fromArray(S, init, io + 2 * L);
    FloatVector c10 = FloatVector.fromArray(S, init, io + is);
    FloatVector c11 = FloatVector.fromArray(S, init, io + is + L);
    FloatVector c12 = FloatVector.fromArray(S, init, io + is + 2 * L);
    FloatVector c20 = FloatVector.fromArray(S, init, io + 2 * is);
    FloatVector c21 = FloatVector.fromArray(S, init, io + 2 * is + L);
    FloatVector c22 = FloatVector.fromArray(S, init, io + 2 * is + 2 * L);
    FloatVector c30 = FloatVector.fromArray(S, init, io + 3 * is);
    FloatVector c31 = FloatVector.fromArray(S, init, io + 3 * is + L);
    FloatVector c32 = FloatVector.fromArray(S, init, io + 3 * is + 2 * L);
    FloatVector c40 = FloatVector.fromArray(S, init, io + 4 * is);
    FloatVector c41 = FloatVector.fromArray(S, init, io + 4 * is + L);
    FloatVector c42 = FloatVector.fromArray(S, init, io + 4 * is + 2 * L);
    FloatVector c50 = FloatVector.fromArray(S, init, io + 5 * is);
    FloatVector c51 = FloatVector.fromArray(S, init, io + 5 * is + L);
    FloatVector c52 = FloatVector.fromArray(S, init, io + 5 * is + 2 * L);
    FloatVector c60 = FloatVector.fromArray(S, init, io + 6 * is);
    FloatVector c61 = FloatVector.fromArray(S, init, io + 6 * is + L);
    FloatVector c62 = FloatVector.fromArray(S, init, io + 6 * is + 2 * L);
    FloatVector c70 = FloatVector.fromArray(S, init, io + 7 * is);
    FloatVector c71 = FloatVector.fromArray(S, init, io + 7 * is + L);
    FloatVector c72 = FloatVector.fromArray(S, init, io + 7 * is + 2 * L);
    for (int p = 0, q = bo, i = ao; p < k; p++, q += ldb, i += lda) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector b1 = FloatVector.fromArray(S, b, q + L);
      FloatVector b2 = FloatVector.fromArray(S, b, q + 2 * L);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      c02 = x0.fma(b2, c02);
      FloatVector x1 = FloatVector.broadcast(S, a[i + 1]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      c12 = x1.fma(b2, c12);
      FloatVector x2 = FloatVector.broadcast(S, a[i + 2]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      c22 = x2.fma(b2, c22);
      FloatVector x3 = FloatVector.broadcast(S, a[i + 3]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      c32 = x3.fma(b2, c32);
      FloatVector x4 = FloatVector.broadcast(S, a[i + 4]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      c42 = x4.fma(b2, c42);
      FloatVector x5 = FloatVector.broadcast(S, a[i + 5]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
      c52 = x5.fma(b2, c52);
      FloatVector x6 = FloatVector.broadcast(S, a[i + 6]);
      c60 = x6.fma(b0, c60);
      c61 = x6.fma(b1, c61);
      c62 = x6.fma(b2, c62);
      FloatVector x7 = FloatVector.broadcast(S, a[i + 7]);
      c70 = x7.fma(b0, c70);
      c71 = x7.fma(b1, c71);
      c72 = x7.fma(b2, c72);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c02.intoArray(c, co + 2 * L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c12.intoArray(c, co + ldc + 2 * L);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + L);
    c22.intoArray(c, co + 2 * ldc + 2 * L);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + L);
    c32.intoArray(c, co + 3 * ldc + 2 * L);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + L);
    c42.intoArray(c, co + 4 * ldc + 2 * L);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + L);
    c52.intoArray(c, co + 5 * ldc + 2 * L);
    c60.intoArray(c, co + 6 * ldc);
    c61.intoArray(c, co + 6 * ldc + L);
    c62.intoArray(c, co + 6 * ldc + 2 * L);
    c70.intoArray(c, co + 7 * ldc);
    c71.intoArray(c, co + 7 * ldc + L);
    c72.intoArray(c, co + 7 * ldc + 2 * L);
  }

  private static void tile8x2(
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
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c01 = FloatVector.fromArray(S, init, io + L);
    FloatVector c10 = FloatVector.fromArray(S, init, io + is);
    FloatVector c11 = FloatVector.fromArray(S, init, io + is + L);
    FloatVector c20 = FloatVector.fromArray(S, init, io + 2 * is);
    FloatVector c21 = FloatVector.fromArray(S, init, io + 2 * is + L);
    FloatVector c30 = FloatVector.fromArray(S, init, io + 3 * is);
    FloatVector c31 = FloatVector.fromArray(S, init, io + 3 * is + L);
    FloatVector c40 = FloatVector.fromArray(S, init, io + 4 * is);
    FloatVector c41 = FloatVector.fromArray(S, init, io + 4 * is + L);
    FloatVector c50 = FloatVector.fromArray(S, init, io + 5 * is);
    FloatVector c51 = FloatVector.fromArray(S, init, io + 5 * is + L);
    FloatVector c60 = FloatVector.fromArray(S, init, io + 6 * is);
    FloatVector c61 = FloatVector.fromArray(S, init, io + 6 * is + L);
    FloatVector c70 = FloatVector.fromArray(S, init, io + 7 * is);
    FloatVector c71 = FloatVector.fromArray(S, init, io + 7 * is + L);
    int a0 = ao;
    int a1 = ao + lda;
    int a2 = ao + 2 * lda;
    int a3 = ao + 3 * lda;
    int a4 = ao + 4 * lda;
    int a5 = ao + 5 * lda;
    int a6 = ao + 6 * lda;
    int a7 = ao + 7 * lda;
    for (int p = 0, q = bo; p < k; p++, q += ldb) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector b1 = FloatVector.fromArray(S, b, q + L);
      FloatVector x0 = FloatVector.broadcast(S, a[a0 + p]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      FloatVector x1 = FloatVector.broadcast(S, a[a1 + p]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      FloatVector x2 = FloatVector.broadcast(S, a[a2 + p]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      FloatVector x3 = FloatVector.broadcast(S, a[a3 + p]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      FloatVector x4 = FloatVector.broadcast(S, a[a4 + p]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      FloatVector x5 = FloatVector.broadcast(S, a[a5 + p]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
      FloatVector x6 = FloatVector.broadcast(S, a[a6 + p]);
      c60 = x6.fma(b0, c60);
      c61 = x6.fma(b1, c61);
      FloatVector x7 = FloatVector.broadcast(S, a[a7 + p]);
      c70 = x7.fma(b0, c70);
      c71 = x7.fma(b1, c71);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + L);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + L);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + L);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + L);
    c60.intoArray(c, co + 6 * ldc);
    c61.intoArray(c, co + 6 * ldc + L);
    c70.intoArray(c, co + 7 * ldc);
    c71.intoArray(c, co + 7 * ldc + L);
  }

  private static void tile8x2T(
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
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c01 = FloatVector.fromArray(S, init, io + L);
    FloatVector c10 = FloatVector.fromArray(S, init, io + is);
    FloatVector c11 = FloatVector.fromArray(S, init, io + is + L);
    FloatVector c20 = FloatVector.fromArray(S, init, io + 2 * is);
    FloatVector c21 = FloatVector.fromArray(S, init, io + 2 * is + L);
    FloatVector c30 = FloatVector.fromArray(S, init, io + 3 * is);
    FloatVector c31 = FloatVector.fromArray(S, init, io + 3 * is + L);
    FloatVector c40 = FloatVector.fromArray(S, init, io + 4 * is);
    FloatVector c41 = FloatVector.fromArray(S, init, io + 4 * is + L);
    FloatVector c50 = FloatVector.fromArray(S, init, io + 5 * is);
    FloatVector c51 = FloatVector.fromArray(S, init, io + 5 * is + L);
    FloatVector c60 = FloatVector.fromArray(S, init, io + 6 * is);
    FloatVector c61 = FloatVector.fromArray(S, init, io + 6 * is + L);
    FloatVector c70 = FloatVector.fromArray(S, init, io + 7 * is);
    FloatVector c71 = FloatVector.fromArray(S, init, io + 7 * is + L);
    for (int p = 0, q = bo, i = ao; p < k; p++, q += ldb, i += lda) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector b1 = FloatVector.fromArray(S, b, q + L);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      FloatVector x1 = FloatVector.broadcast(S, a[i + 1]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      FloatVector x2 = FloatVector.broadcast(S, a[i + 2]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      FloatVector x3 = FloatVector.broadcast(S, a[i + 3]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      FloatVector x4 = FloatVector.broadcast(S, a[i + 4]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      FloatVector x5 = FloatVector.broadcast(S, a[i + 5]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
      FloatVector x6 = FloatVector.broadcast(S, a[i + 6]);
      c60 = x6.fma(b0, c60);
      c61 = x6.fma(b1, c61);
      FloatVector x7 = FloatVector.broadcast(S, a[i + 7]);
      c70 = x7.fma(b0, c70);
      c71 = x7.fma(b1, c71);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + L);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + L);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + L);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + L);
    c60.intoArray(c, co + 6 * ldc);
    c61.intoArray(c, co + 6 * ldc + L);
    c70.intoArray(c, co + 7 * ldc);
    c71.intoArray(c, co + 7 * ldc + L);
  }

  private static void tile2x4(
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
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c01 = FloatVector.fromArray(S, init, io + L);
    FloatVector c02 = FloatVector.fromArray(S, init, io + 2 * L);
    FloatVector c03 = FloatVector.fromArray(S, init, io + 3 * L);
    FloatVector c10 = FloatVector.fromArray(S, init, io + is);
    FloatVector c11 = FloatVector.fromArray(S, init, io + is + L);
    FloatVector c12 = FloatVector.fromArray(S, init, io + is + 2 * L);
    FloatVector c13 = FloatVector.fromArray(S, init, io + is + 3 * L);
    int a0 = ao;
    int a1 = ao + lda;
    for (int p = 0, q = bo; p < k; p++, q += ldb) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector b1 = FloatVector.fromArray(S, b, q + L);
      FloatVector b2 = FloatVector.fromArray(S, b, q + 2 * L);
      FloatVector b3 = FloatVector.fromArray(S, b, q + 3 * L);
      FloatVector x0 = FloatVector.broadcast(S, a[a0 + p]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      c02 = x0.fma(b2, c02);
      c03 = x0.fma(b3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[a1 + p]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      c12 = x1.fma(b2, c12);
      c13 = x1.fma(b3, c13);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c02.intoArray(c, co + 2 * L);
    c03.intoArray(c, co + 3 * L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c12.intoArray(c, co + ldc + 2 * L);
    c13.intoArray(c, co + ldc + 3 * L);
  }

  private static void tile2x4T(
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
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c01 = FloatVector.fromArray(S, init, io + L);
    FloatVector c02 = FloatVector.fromArray(S, init, io + 2 * L);
    FloatVector c03 = FloatVector.fromArray(S, init, io + 3 * L);
    FloatVector c10 = FloatVector.fromArray(S, init, io + is);
    FloatVector c11 = FloatVector.fromArray(S, init, io + is + L);
    FloatVector c12 = FloatVector.fromArray(S, init, io + is + 2 * L);
    FloatVector c13 = FloatVector.fromArray(S, init, io + is + 3 * L);
    for (int p = 0, q = bo, i = ao; p < k; p++, q += ldb, i += lda) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector b1 = FloatVector.fromArray(S, b, q + L);
      FloatVector b2 = FloatVector.fromArray(S, b, q + 2 * L);
      FloatVector b3 = FloatVector.fromArray(S, b, q + 3 * L);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      c02 = x0.fma(b2, c02);
      c03 = x0.fma(b3, c03);
      FloatVector x1 = FloatVector.broadcast(S, a[i + 1]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      c12 = x1.fma(b2, c12);
      c13 = x1.fma(b3, c13);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c02.intoArray(c, co + 2 * L);
    c03.intoArray(c, co + 3 * L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c12.intoArray(c, co + ldc + 2 * L);
    c13.intoArray(c, co + ldc + 3 * L);
  }

  private static void tile1x4(
      int k,
      float[] a,
      int ao,
      int acs,
      float[] b,
      int bo,
      int ldb,
      float[] init,
      int io,
      float[] c,
      int co) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c01 = FloatVector.fromArray(S, init, io + L);
    FloatVector c02 = FloatVector.fromArray(S, init, io + 2 * L);
    FloatVector c03 = FloatVector.fromArray(S, init, io + 3 * L);
    for (int p = 0, q = bo, i = ao; p < k; p++, q += ldb, i += acs) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector b1 = FloatVector.fromArray(S, b, q + L);
      FloatVector b2 = FloatVector.fromArray(S, b, q + 2 * L);
      FloatVector b3 = FloatVector.fromArray(S, b, q + 3 * L);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      c02 = x0.fma(b2, c02);
      c03 = x0.fma(b3, c03);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c02.intoArray(c, co + 2 * L);
    c03.intoArray(c, co + 3 * L);
  }

  private static void tile6x2(
      int k,
      float[] a,
      int ao,
      int ars,
      int acs,
      float[] b,
      int bo,
      int ldb,
      float[] init,
      int io,
      int is,
      float[] c,
      int co,
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c01 = FloatVector.fromArray(S, init, io + L);
    FloatVector c10 = FloatVector.fromArray(S, init, io + is);
    FloatVector c11 = FloatVector.fromArray(S, init, io + is + L);
    FloatVector c20 = FloatVector.fromArray(S, init, io + 2 * is);
    FloatVector c21 = FloatVector.fromArray(S, init, io + 2 * is + L);
    FloatVector c30 = FloatVector.fromArray(S, init, io + 3 * is);
    FloatVector c31 = FloatVector.fromArray(S, init, io + 3 * is + L);
    FloatVector c40 = FloatVector.fromArray(S, init, io + 4 * is);
    FloatVector c41 = FloatVector.fromArray(S, init, io + 4 * is + L);
    FloatVector c50 = FloatVector.fromArray(S, init, io + 5 * is);
    FloatVector c51 = FloatVector.fromArray(S, init, io + 5 * is + L);
    for (int p = 0, q = bo, i = ao; p < k; p++, q += ldb, i += acs) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector b1 = FloatVector.fromArray(S, b, q + L);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
      FloatVector x1 = FloatVector.broadcast(S, a[i + ars]);
      c10 = x1.fma(b0, c10);
      c11 = x1.fma(b1, c11);
      FloatVector x2 = FloatVector.broadcast(S, a[i + 2 * ars]);
      c20 = x2.fma(b0, c20);
      c21 = x2.fma(b1, c21);
      FloatVector x3 = FloatVector.broadcast(S, a[i + 3 * ars]);
      c30 = x3.fma(b0, c30);
      c31 = x3.fma(b1, c31);
      FloatVector x4 = FloatVector.broadcast(S, a[i + 4 * ars]);
      c40 = x4.fma(b0, c40);
      c41 = x4.fma(b1, c41);
      FloatVector x5 = FloatVector.broadcast(S, a[i + 5 * ars]);
      c50 = x5.fma(b0, c50);
      c51 = x5.fma(b1, c51);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
    c10.intoArray(c, co + ldc);
    c11.intoArray(c, co + ldc + L);
    c20.intoArray(c, co + 2 * ldc);
    c21.intoArray(c, co + 2 * ldc + L);
    c30.intoArray(c, co + 3 * ldc);
    c31.intoArray(c, co + 3 * ldc + L);
    c40.intoArray(c, co + 4 * ldc);
    c41.intoArray(c, co + 4 * ldc + L);
    c50.intoArray(c, co + 5 * ldc);
    c51.intoArray(c, co + 5 * ldc + L);
  }

  private static void tile1x2(
      int k,
      float[] a,
      int ao,
      int acs,
      float[] b,
      int bo,
      int ldb,
      float[] init,
      int io,
      float[] c,
      int co) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c01 = FloatVector.fromArray(S, init, io + L);
    for (int p = 0, q = bo, i = ao; p < k; p++, q += ldb, i += acs) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector b1 = FloatVector.fromArray(S, b, q + L);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(b0, c00);
      c01 = x0.fma(b1, c01);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + L);
  }

  private static void tile8x1(
      int k,
      float[] a,
      int ao,
      int ars,
      int acs,
      float[] b,
      int bo,
      int ldb,
      float[] init,
      int io,
      int is,
      float[] c,
      int co,
      int ldc) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    FloatVector c10 = FloatVector.fromArray(S, init, io + is);
    FloatVector c20 = FloatVector.fromArray(S, init, io + 2 * is);
    FloatVector c30 = FloatVector.fromArray(S, init, io + 3 * is);
    FloatVector c40 = FloatVector.fromArray(S, init, io + 4 * is);
    FloatVector c50 = FloatVector.fromArray(S, init, io + 5 * is);
    FloatVector c60 = FloatVector.fromArray(S, init, io + 6 * is);
    FloatVector c70 = FloatVector.fromArray(S, init, io + 7 * is);
    for (int p = 0, q = bo, i = ao; p < k; p++, q += ldb, i += acs) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(b0, c00);
      FloatVector x1 = FloatVector.broadcast(S, a[i + ars]);
      c10 = x1.fma(b0, c10);
      FloatVector x2 = FloatVector.broadcast(S, a[i + 2 * ars]);
      c20 = x2.fma(b0, c20);
      FloatVector x3 = FloatVector.broadcast(S, a[i + 3 * ars]);
      c30 = x3.fma(b0, c30);
      FloatVector x4 = FloatVector.broadcast(S, a[i + 4 * ars]);
      c40 = x4.fma(b0, c40);
      FloatVector x5 = FloatVector.broadcast(S, a[i + 5 * ars]);
      c50 = x5.fma(b0, c50);
      FloatVector x6 = FloatVector.broadcast(S, a[i + 6 * ars]);
      c60 = x6.fma(b0, c60);
      FloatVector x7 = FloatVector.broadcast(S, a[i + 7 * ars]);
      c70 = x7.fma(b0, c70);
    }
    c00.intoArray(c, co);
    c10.intoArray(c, co + ldc);
    c20.intoArray(c, co + 2 * ldc);
    c30.intoArray(c, co + 3 * ldc);
    c40.intoArray(c, co + 4 * ldc);
    c50.intoArray(c, co + 5 * ldc);
    c60.intoArray(c, co + 6 * ldc);
    c70.intoArray(c, co + 7 * ldc);
  }

  private static void tile1x1(
      int k,
      float[] a,
      int ao,
      int acs,
      float[] b,
      int bo,
      int ldb,
      float[] init,
      int io,
      float[] c,
      int co) {
    FloatVector c00 = FloatVector.fromArray(S, init, io);
    for (int p = 0, q = bo, i = ao; p < k; p++, q += ldb, i += acs) {
      FloatVector b0 = FloatVector.fromArray(S, b, q);
      FloatVector x0 = FloatVector.broadcast(S, a[i]);
      c00 = x0.fma(b0, c00);
    }
    c00.intoArray(c, co);
  }

  @Override
  public void dots(
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
    int i = 0;
    for (; i + 4 <= m; i += 4) {
      dots4(k, a, ao + i * lda, lda, v, vo, init, c, co + i * ldc, ldc);
    }
    for (; i < m; i++) {
      int row = ao + i * lda;
      FloatVector sum = FloatVector.zero(S);
      int p = 0;
      for (; p + L <= k; p += L) {
        sum = FloatVector.fromArray(S, a, row + p).fma(FloatVector.fromArray(S, v, vo + p), sum);
      }
      float total = init + sum.reduceLanes(VectorOperators.ADD);
      for (; p < k; p++) {
        total += a[row + p] * v[vo + p];
      }
      c[co + i * ldc] = total;
    }
  }

  private static void dots4(
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
    int a1 = ao + lda;
    int a2 = ao + 2 * lda;
    int a3 = ao + 3 * lda;
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = FloatVector.zero(S);
    FloatVector s2 = FloatVector.zero(S);
    FloatVector s3 = FloatVector.zero(S);
    int p = 0;
    for (; p + L <= k; p += L) {
      FloatVector x = FloatVector.fromArray(S, v, vo + p);
      s0 = x.fma(FloatVector.fromArray(S, a, ao + p), s0);
      s1 = x.fma(FloatVector.fromArray(S, a, a1 + p), s1);
      s2 = x.fma(FloatVector.fromArray(S, a, a2 + p), s2);
      s3 = x.fma(FloatVector.fromArray(S, a, a3 + p), s3);
    }
    float t0 = init + s0.reduceLanes(VectorOperators.ADD);
    float t1 = init + s1.reduceLanes(VectorOperators.ADD);
    float t2 = init + s2.reduceLanes(VectorOperators.ADD);
    float t3 = init + s3.reduceLanes(VectorOperators.ADD);
    for (; p < k; p++) {
      t0 += a[ao + p] * v[vo + p];
      t1 += a[a1 + p] * v[vo + p];
      t2 += a[a2 + p] * v[vo + p];
      t3 += a[a3 + p] * v[vo + p];
    }
    c[co] = t0;
    c[co + ldc] = t1;
    c[co + 2 * ldc] = t2;
    c[co + 3 * ldc] = t3;
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
}
