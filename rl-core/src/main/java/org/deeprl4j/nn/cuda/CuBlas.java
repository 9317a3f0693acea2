package org.deeprl4j.nn.cuda;

/** The functions of cuBLAS that are used. Matrices are column-major here. */
final class CuBlas {
  static final int NOT_TRANSPOSED = 0;
  static final int TRANSPOSED = 1;
  static final int DEFAULT_MATH = 0;
  static final int TF32_MATH = 3;

  static final int ALLOCATION_FAILED = 3;
  static final int EXECUTION_FAILED = 13;

  private CuBlas() {}

  static native String cublasGetStatusString(int status);

  static native int cublasCreate_v2(long[] handle);

  static native int cublasDestroy_v2(long handle);

  static native int cublasGetVersion_v2(long handle, int[] version);

  static native int cublasSetStream_v2(long handle, long stream);

  static native int cublasSetWorkspace_v2(long handle, long workspace, long bytes);

  static native int cublasSetMathMode(long handle, int mode);

  static native int cublasSgemm_v2(
      long handle,
      int transposeA,
      int transposeB,
      int m,
      int n,
      int k,
      long alpha,
      long a,
      int lda,
      long b,
      int ldb,
      long beta,
      long c,
      int ldc);

  static native int cublasSgemmStridedBatched(
      long handle,
      int transposeA,
      int transposeB,
      int m,
      int n,
      int k,
      long alpha,
      long a,
      int lda,
      long strideA,
      long b,
      int ldb,
      long strideB,
      long beta,
      long c,
      int ldc,
      long strideC,
      int count);
}
