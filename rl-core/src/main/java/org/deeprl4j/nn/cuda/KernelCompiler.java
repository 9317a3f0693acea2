package org.deeprl4j.nn.cuda;

import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** NVRTC, set for one device. */
final class KernelCompiler {
  private static final int LOG_LINES = 3;

  private final String version;
  private final String architecture;
  private final boolean portable;

  private KernelCompiler(String version, String architecture, boolean portable) {
    this.version = version;
    this.architecture = architecture;
    this.portable = portable;
  }

  /**
   * NVRTC for a device: machine code where it knows the device's capability, else PTX of the newest
   * one before, which the driver translates.
   *
   * @throws CudaException if there is no NVRTC, or it knows only newer devices
   */
  static KernelCompiler of(CudaDevice device) {
    NativeLibraries.nvrtc(device.driverVersion());
    int[] major = new int[1];
    int[] minor = new int[1];
    check(Nvrtc.nvrtcVersion(major, minor), "nvrtcVersion");
    String version = "NVRTC " + major[0] + "." + minor[0];
    int[] count = new int[1];
    check(Nvrtc.nvrtcGetNumSupportedArchs(count), "nvrtcGetNumSupportedArchs");
    int[] known = new int[Math.max(1, count[0])];
    check(Nvrtc.nvrtcGetSupportedArchs(known), "nvrtcGetSupportedArchs");
    int best = 0;
    int oldest = Integer.MAX_VALUE;
    for (int i = 0; i < count[0]; i++) {
      oldest = Math.min(oldest, known[i]);
      if (known[i] <= device.capability()) {
        best = Math.max(best, known[i]);
      }
    }
    if (best == 0) {
      throw new CudaException(
          device.describe()
              + " is too old for "
              + version
              + ", which compiles for compute capability "
              + oldest / 10
              + "."
              + oldest % 10
              + " and newer; install NVRTC of CUDA 12 or use other kernels");
    }
    boolean portable = best != device.capability();
    return new KernelCompiler(version, (portable ? "compute_" : "sm_") + best, portable);
  }

  /** "NVRTC 12.4". */
  String version() {
    return version;
  }

  /** All options, of which some are given. */
  List<String> options(List<String> given) {
    List<String> all = new ArrayList<>();
    all.add("--gpu-architecture=" + architecture);
    all.add("--std=c++17");
    all.addAll(given);
    return List.copyOf(all);
  }

  /**
   * Compiles.
   *
   * @throws CudaException with the first errors of the compiler's
   */
  byte[] compile(String name, String source, List<String> options) {
    long[] program = new long[1];
    check(
        Nvrtc.nvrtcCreateProgram(program, bytes(source), bytes(name), 0, 0, 0),
        "nvrtcCreateProgram");
    try {
      StringArray texts = new StringArray(options.toArray(new String[0]));
      int result =
          Nvrtc.nvrtcCompileProgram(program[0], options.size(), Pointer.nativeValue(texts));
      if (result == Nvrtc.COMPILATION_FAILED) {
        throw new CudaException(
            version
                + " refuses "
                + name
                + " ("
                + String.join(" ", options)
                + "): "
                + errors(program[0]));
      }
      check(result, "nvrtcCompileProgram");
      return portable ? ptx(program[0]) : cubin(program[0]);
    } finally {
      Nvrtc.nvrtcDestroyProgram(program);
    }
  }

  private static byte[] ptx(long program) {
    long[] size = new long[1];
    check(Nvrtc.nvrtcGetPTXSize(program, size), "nvrtcGetPTXSize");
    byte[] image = new byte[Math.toIntExact(size[0])];
    check(Nvrtc.nvrtcGetPTX(program, image), "nvrtcGetPTX");
    return image;
  }

  private static byte[] cubin(long program) {
    long[] size = new long[1];
    check(Nvrtc.nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize");
    byte[] image = new byte[Math.toIntExact(size[0])];
    check(Nvrtc.nvrtcGetCUBIN(program, image), "nvrtcGetCUBIN");
    return image;
  }

  /** The log's first lines that say error, else its first lines, as one. */
  private static String errors(long program) {
    long[] size = new long[1];
    if (Nvrtc.nvrtcGetProgramLogSize(program, size) != 0 || size[0] < 2) {
      return "no log";
    }
    byte[] log = new byte[Math.toIntExact(size[0])];
    if (Nvrtc.nvrtcGetProgramLog(program, log) != 0) {
      return "no log";
    }
    List<String> lines =
        new String(log, 0, log.length - 1, StandardCharsets.UTF_8)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    List<String> errors = lines.stream().filter(line -> line.contains("error")).toList();
    return String.join(
        "; ", (errors.isEmpty() ? lines : errors).stream().limit(LOG_LINES).toList());
  }

  /** With the NUL at its end that C expects. */
  private static byte[] bytes(String text) {
    return (text + "\0").getBytes(StandardCharsets.UTF_8);
  }

  private static void check(int result, String call) {
    if (result != 0) {
      throw new CudaException(
          call + ": " + Nvrtc.nvrtcGetErrorString(result) + " (" + result + ")");
    }
  }
}
