package org.deeprl4j.nn;

/**
 * Flat loops over {@code float[]}. Java 17's compiler turns a loop into vector code only where all
 * its arrays share one index, which is ten times faster; so where offsets agree they do.
 */
final class HostMath {
  private HostMath() {}

  static void axpy(float alpha, float[] x, int xo, float[] y, int yo, int n) {
    if (xo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] += alpha * x[i];
      }
    } else {
      for (int i = 0; i < n; i++) {
        y[yo + i] += alpha * x[xo + i];
      }
    }
  }

  static void scale(float alpha, float[] y, int yo, int n) {
    for (int i = yo; i < yo + n; i++) {
      y[i] *= alpha;
    }
  }

  static void lerp(float tau, float[] x, int xo, float[] y, int yo, int n) {
    if (xo == yo) {
      for (int i = yo; i < yo + n; i++) {
        y[i] += tau * (x[i] - y[i]);
      }
    } else {
      for (int i = 0; i < n; i++) {
        y[yo + i] += tau * (x[xo + i] - y[yo + i]);
      }
    }
  }

  /** Eight sums in double side by side: accurate, and quicker than one chain of additions. */
  static double dot(float[] a, int ao, float[] b, int bo, int n) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    double s4 = 0;
    double s5 = 0;
    double s6 = 0;
    double s7 = 0;
    int i = 0;
    for (; i + 8 <= n; i += 8) {
      int p = ao + i;
      int q = bo + i;
      s0 += (double) a[p] * b[q];
      s1 += (double) a[p + 1] * b[q + 1];
      s2 += (double) a[p + 2] * b[q + 2];
      s3 += (double) a[p + 3] * b[q + 3];
      s4 += (double) a[p + 4] * b[q + 4];
      s5 += (double) a[p + 5] * b[q + 5];
      s6 += (double) a[p + 6] * b[q + 6];
      s7 += (double) a[p + 7] * b[q + 7];
    }
    for (; i < n; i++) {
      s0 += (double) a[ao + i] * b[bo + i];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }
}
