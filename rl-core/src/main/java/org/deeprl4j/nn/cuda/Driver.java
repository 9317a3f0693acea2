package org.deeprl4j.nn.cuda;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * The functions of the CUDA driver (libcuda) that are used, under the names it exports, and what
 * their results mean. Handles and addresses are {@code long}; results of 0 mean success.
 */
final class Driver {
  static final int OUT_OF_MEMORY = 2;
  static final int STUB_LIBRARY = 34;
  static final int NO_DEVICE = 100;
  static final int INVALID_IMAGE = 200;
  static final int NO_BINARY_FOR_GPU = 209;
  static final int INVALID_PTX = 218;
  static final int UNSUPPORTED_PTX_VERSION = 222;
  static final int NOT_FOUND = 500;
  static final int SYSTEM_DRIVER_MISMATCH = 803;
  static final int UNKNOWN = 999;

  /** The first version whose functions and numbers are relied on, as the driver counts. */
  static final int MINIMUM_VERSION = 12_000;

  static final int ATTRIBUTE_MULTIPROCESSORS = 16;
  static final int ATTRIBUTE_CAPABILITY_MAJOR = 75;
  static final int ATTRIBUTE_CAPABILITY_MINOR = 76;
  static final int ATTRIBUTE_SHARED_PER_BLOCK = 97;

  static final int FUNCTION_MAX_THREADS = 0;
  static final int FUNCTION_MAX_DYNAMIC_SHARED = 8;

  static final int STREAM_NON_BLOCKING = 1;
  static final int CAPTURE_THREAD_LOCAL = 1;

  private Driver() {}

  static native int cuInit(int flags);

  static native int cuDriverGetVersion(int[] version);

  static native int cuGetErrorName(int error, long[] text);

  static native int cuGetErrorString(int error, long[] text);

  static native int cuDeviceGetCount(int[] count);

  static native int cuDeviceGet(int[] device, int ordinal);

  static native int cuDeviceGetName(byte[] name, int length, int device);

  static native int cuDeviceGetAttribute(int[] value, int attribute, int device);

  static native int cuDeviceTotalMem_v2(long[] bytes, int device);

  static native int cuDevicePrimaryCtxRetain(long[] context, int device);

  static native int cuDevicePrimaryCtxRelease_v2(int device);

  static native int cuCtxSetCurrent(long context);

  static native int cuMemGetInfo_v2(long[] free, long[] total);

  static native int cuMemAlloc_v2(long[] address, long bytes);

  static native int cuMemFree_v2(long address);

  static native int cuMemHostAlloc(long[] address, long bytes, int flags);

  static native int cuMemFreeHost(long address);

  static native int cuMemcpyHtoDAsync_v2(long to, long from, long bytes, long stream);

  static native int cuMemcpyDtoHAsync_v2(long to, long from, long bytes, long stream);

  static native int cuMemcpyDtoDAsync_v2(long to, long from, long bytes, long stream);

  static native int cuMemsetD32Async(long to, int value, long words, long stream);

  static native int cuStreamCreate(long[] stream, int flags);

  static native int cuStreamDestroy_v2(long stream);

  static native int cuStreamSynchronize(long stream);

  static native int cuStreamBeginCapture_v2(long stream, int mode);

  static native int cuStreamEndCapture(long stream, long[] graph);

  static native int cuGraphInstantiateWithFlags(long[] executable, long graph, long flags);

  static native int cuGraphLaunch(long executable, long stream);

  static native int cuGraphExecDestroy(long executable);

  static native int cuGraphDestroy(long graph);

  static native int cuEventCreate(long[] event, int flags);

  static native int cuEventRecord(long event, long stream);

  static native int cuEventSynchronize(long event);

  static native int cuEventElapsedTime(float[] milliseconds, long from, long to);

  static native int cuEventDestroy_v2(long event);

  static native int cuModuleLoadData(long[] module, byte[] image);

  static native int cuModuleUnload(long module);

  static native int cuModuleGetFunction(long[] function, long module, String name);

  static native int cuFuncGetAttribute(int[] value, int attribute, long function);

  static native int cuFuncSetAttribute(long function, int attribute, int value);

  static native int cuLaunchKernel(
      long function,
      int gridX,
      int gridY,
      int gridZ,
      int blockX,
      int blockY,
      int blockZ,
      int sharedBytes,
      long stream,
      long arguments,
      long extra);

  /**
   * The size of a kernel's first argument; null where the driver, before CUDA 12.4, cannot tell, or
   * there is none.
   */
  static @Nullable Long argumentBytes(long function) {
    Function info;
    try {
      info = NativeLibraries.driver().getFunction("cuFuncGetParamInfo");
    } catch (UnsatisfiedLinkError e) {
      return null;
    }
    long[] offset = new long[1];
    long[] size = new long[1];
    return info.invokeInt(new Object[] {function, 0L, offset, size}) == 0 ? size[0] : null;
  }

  /** "CUDA_ERROR_INVALID_VALUE (1), invalid argument". */
  static String describe(int error) {
    long[] name = new long[1];
    long[] meaning = new long[1];
    if (cuGetErrorName(error, name) != 0 || cuGetErrorString(error, meaning) != 0) {
      return "error " + error;
    }
    return text(name[0]) + " (" + error + "), " + text(meaning[0]);
  }

  private static String text(long address) {
    return new Pointer(address).getString(0);
  }

  /** Whether the context is lost: every later call in it fails the same way. */
  static boolean isSticky(int error) {
    return switch (error) {
      // ECC, an illegal address, assert, hardware stack, instruction, alignment, address space, pc,
      // launch timeout and failure, NVLink, a contained fault, unknown
      case 214, 220, 226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721, 999 -> true;
      default -> false;
    };
  }

  /** "12.4" of 12040. */
  static String version(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }
}
