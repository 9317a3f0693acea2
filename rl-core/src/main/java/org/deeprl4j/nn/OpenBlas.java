package org.deeprl4j.nn;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of its kernels OpenBLAS uses. ND4J's OpenBLAS is older than AMD's processors with AVX-512
 * and takes them for Haswells, at half the speed; it reads the environment variable {@code
 * OPENBLAS_CORETYPE} when it loads, so that is set here first, in this process alone.
 */
final class OpenBlas {
  private static final Logger LOG = LoggerFactory.getLogger(OpenBlas.class);
  private static final String VARIABLE = "OPENBLAS_CORETYPE";
  private static boolean prepared;

  private OpenBlas() {}

  /** The C library's part that is needed. */
  public interface C extends Library {
    /** POSIX. */
    int setenv(String name, String value, int overwrite);
  }

  /** To be called before anything loads OpenBLAS; later calls do nothing. */
  static synchronized void prepare() {
    if (prepared) {
      return;
    }
    prepared = true;
    String core = coreType(System.getenv(), processor());
    if (core == null) {
      return;
    }
    try {
      C c = Native.load("c", C.class);
      c.setenv(VARIABLE, core, 0);
      LOG.debug("{}={}", VARIABLE, core);
    } catch (LinkageError e) {
      LOG.info(
          "OpenBLAS may run at half its speed; set {}={} in the environment ({})",
          VARIABLE,
          core,
          e.toString());
    }
  }

  /** The name of the kernels that the loaded OpenBLAS uses, "unknown" if it cannot be asked. */
  static String core() {
    try {
      Path binding = Path.of(Loader.load(openblas.class));
      Path library = binding.resolveSibling("libopenblas.so.0");
      return NativeLibrary.getInstance(library.toString())
          .getFunction("openblas_get_corename")
          .invokeString(new Object[0], false);
    } catch (LinkageError e) {
      return "unknown";
    }
  }

  /**
   * The kernels to ask for, or null to leave the choice to OpenBLAS.
   *
   * @param environment of the process: a choice of the user's stands
   * @param processor lines "name : value" as Linux gives them
   */
  static @Nullable String coreType(Map<String, String> environment, List<String> processor) {
    if (environment.containsKey(VARIABLE)) {
      return null;
    }
    boolean amd = processor.stream().anyMatch(line -> line.matches("vendor_id\\s*: AuthenticAMD"));
    boolean wide =
        processor.stream()
            .filter(line -> line.startsWith("flags"))
            .map(line -> List.of(line.split("\\s+")))
            .anyMatch(
                flags ->
                    // what SKYLAKEX kernels are compiled for
                    flags.containsAll(
                        List.of("avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl")));
    return amd && wide ? "SKYLAKEX" : null;
  }

  /** The first processor's description, empty where there is none to read. */
  private static List<String> processor() {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(file)) {
      return List.of();
    }
    try (var lines = Files.lines(file)) {
      return lines.takeWhile(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
