package org.deeprl4j.nn.cuda;

/** The functions of NVRTC, the compiler of CUDA C at run time, that are used. */
final class Nvrtc {
  static final int COMPILATION_FAILED = 6;

  private Nvrtc() {}

  static native int nvrtcVersion(int[] major, int[] minor);

  static native String nvrtcGetErrorString(int result);

  static native int nvrtcGetNumSupportedArchs(int[] count);

  static native int nvrtcGetSupportedArchs(int[] archs);

  static native int nvrtcCreateProgram(
      long[] program, byte[] source, byte[] name, int headers, long sources, long names);

  static native int nvrtcCompileProgram(long program, int count, long options);

  static native int nvrtcGetProgramLogSize(long program, long[] bytes);

  static native int nvrtcGetProgramLog(long program, byte[] log);

  static native int nvrtcGetCUBINSize(long program, long[] bytes);

  static native int nvrtcGetCUBIN(long program, byte[] image);

  static native int nvrtcGetPTXSize(long program, long[] bytes);

  static native int nvrtcGetPTX(long program, byte[] image);

  static native int nvrtcDestroyProgram(long[] program);
}
