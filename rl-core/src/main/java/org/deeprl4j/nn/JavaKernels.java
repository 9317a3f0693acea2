package org.deeprl4j.nn;

/**
 * The host kernels in plain Java, for programs that only act: they need no native library and no
 * option of the JVM, and start at once.
 */
final class JavaKernels implements HostKernels {

  @Override
  public String describe() {
    return "plain Java";
  }

  @Override
  public void multiply(Product p) {
    for (int i = 0; i < p.m; i++) {
      int c = p.co + i * p.ldc;
      if (p.init != p.c || p.io + i * p.is != c) {
        System.arraycopy(p.init, p.io + i * p.is, p.c, c, p.n);
      }
      for (int q = 0; q < p.k; q++) {
        float a = p.a[p.transposed ? p.ao + q * p.lda + i : p.ao + i * p.lda + q];
        addScaled(a, p.b, p.bo + q * p.ldb, p.c, c, p.n);
      }
    }
  }

  /** c += a·b, a loop that the JIT compiler vectorises. */
  private static void addScaled(float a, float[] b, int bo, float[] c, int co, int n) {
    for (int j = 0; j < n; j++) {
      c[co + j] += a * b[bo + j];
    }
  }
}
