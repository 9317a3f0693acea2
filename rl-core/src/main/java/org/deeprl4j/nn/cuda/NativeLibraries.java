package org.deeprl4j.nn.cuda;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds CUDA's shared libraries and binds them to the classes with their functions, each when it is
 * first needed. They are looked for in the directories of the system property {@value #PROPERTY},
 * and nowhere else where it is set; otherwise, in this order, in
 *
 * <ol>
 *   <li>the directories of the environment variable {@value #VARIABLE}, separated as in {@code
 *       PATH};
 *   <li>the places the system's loader looks in: {@code LD_LIBRARY_PATH}, its cache, {@code PATH}
 *       on Windows;
 *   <li>the driver's own directories, for the driver; {@code CUDA_HOME}, {@code CUDA_PATH} and
 *       {@code /usr/local/cuda*} for the others;
 *   <li>the wheels of Python's packages ({@code nvidia/cu13/lib}, {@code nvidia/cuda_nvrtc/lib},
 *       {@code nvidia/cublas/lib}) in the environment that is active, beside every {@code python3}
 *       on the {@code PATH}, in the user's and in the system's.
 * </ol>
 */
final class NativeLibraries {
  static final String PROPERTY = "org.deeprl4j.cuda.path";
  static final String VARIABLE = "RL_CUDA_PATH";

  private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);

  /** The newest CUDA whose libraries are known by name. */
  private static final int NEWEST_MAJOR = 13;

  private static final int OLDEST_MAJOR = 12;

  private static @Nullable NativeLibrary driver;
  private static @Nullable NativeLibrary nvrtc;
  private static @Nullable NativeLibrary cublas;

  /** What they need beside them. Held, since what nobody holds is unloaded. */
  private static final List<NativeLibrary> COMPANIONS = new ArrayList<>();

  private NativeLibraries() {}

  /**
   * Binds {@link Driver}, once.
   *
   * @throws CudaException if there is no driver
   */
  static synchronized NativeLibrary driver() {
    if (driver == null) {
      if (Platform.isMac()) {
        throw new CudaException("CUDA exists on Linux and Windows only; use other kernels");
      }
      String name = Platform.isWindows() ? "nvcuda.dll" : "libcuda.so.1";
      List<Path> directories = driverDirectories();
      NativeLibrary found = find(List.of(name), directories);
      if (found == null) {
        throw new CudaException(
            "no NVIDIA driver: found no "
                + name
                + " "
                + where(directories)
                + "; install NVIDIA's driver, name its directory in "
                + VARIABLE
                + ", or use other kernels");
      }
      bind(Driver.class, found, "NVIDIA's driver");
      driver = found;
    }
    return driver;
  }

  /**
   * Binds {@link Nvrtc}, once.
   *
   * @param driverVersion a newer NVRTC than the driver is left alone: the driver would refuse what
   *     it makes
   * @throws CudaException if there is none
   */
  static synchronized NativeLibrary nvrtc(int driverVersion) {
    if (nvrtc == null) {
      nvrtc =
          require(
              Nvrtc.class,
              "NVRTC",
              driverVersion,
              major ->
                  Platform.isWindows() ? "nvrtc64_" + major + "0_0.dll" : "libnvrtc.so." + major,
              "nvidia-cuda-nvrtc");
    }
    return nvrtc;
  }

  /**
   * Binds {@link CuBlas}, once.
   *
   * @throws CudaException if there is none
   */
  static synchronized NativeLibrary cublas(int driverVersion) {
    if (cublas == null) {
      cublas =
          require(
              CuBlas.class,
              "cuBLAS",
              driverVersion,
              major ->
                  Platform.isWindows() ? "cublas64_" + major + ".dll" : "libcublas.so." + major,
              "nvidia-cublas");
    }
    return cublas;
  }

  /** Forgets the libraries, so that the next use looks for them again. For tests. */
  static synchronized void unbind() {
    if (driver != null) {
      Native.unregister(Driver.class);
    }
    if (nvrtc != null) {
      Native.unregister(Nvrtc.class);
    }
    if (cublas != null) {
      Native.unregister(CuBlas.class);
    }
    driver = null;
    nvrtc = null;
    cublas = null;
  }

  private interface Names {
    String of(int major);
  }

  private static NativeLibrary require(
      Class<?> functions, String what, int driverVersion, Names names, String wheel) {
    List<String> candidates = new ArrayList<>();
    int newest = Math.min(driverVersion / 1000, NEWEST_MAJOR);
    for (int major = newest; major >= OLDEST_MAJOR; major--) {
      candidates.add(names.of(major));
    }
    List<Path> directories = toolkitDirectories(System.getenv());
    NativeLibrary found = find(candidates, directories);
    if (found == null) {
      throw new CudaException(
          "no "
              + what
              + " for CUDA "
              + Driver.version(driverVersion)
              + ": found no "
              + String.join(" or ", candidates)
              + " "
              + where(directories)
              + "; install CUDA "
              + newest
              + "'s libraries or 'pip install "
              + wheel
              + (newest == 12 ? "-cu12'" : "'")
              + ", or name their directory in "
              + VARIABLE);
    }
    bind(functions, found, what);
    return found;
  }

  private static void bind(Class<?> functions, NativeLibrary library, String what) {
    try {
      Native.register(functions, library);
    } catch (UnsatisfiedLinkError e) {
      throw new CudaException(
          what
              + " in "
              + library.getFile()
              + " is too old or not what its name says ("
              + e.getMessage()
              + "); CUDA 12 or newer is needed");
    }
    LOG.debug("{}: {}", what, library.getFile());
  }

  /** The first of the names that is anywhere; null if there is none. */
  private static @Nullable NativeLibrary find(List<String> names, List<Path> directories) {
    String property = System.getProperty(PROPERTY);
    for (String name : names) {
      NativeLibrary library = inside(property != null ? property : System.getenv(VARIABLE), name);
      if (library == null && property == null) {
        library = open(name);
        if (library == null) {
          library = inside(directories, name);
        }
      }
      if (library != null) {
        return library;
      }
    }
    return null;
  }

  private static @Nullable NativeLibrary inside(@Nullable String directories, String name) {
    return directories == null ? null : inside(split(directories), name);
  }

  private static @Nullable NativeLibrary inside(List<Path> directories, String name) {
    for (Path directory : directories) {
      Path file = directory.resolve(name);
      if (Files.isRegularFile(file)) {
        openCompanions(directory, name);
        NativeLibrary library = open(file.toString());
        if (library != null) {
          return library;
        }
      }
    }
    return null;
  }

  /** What a library loads by name, which not every build of it looks for beside itself. */
  private static void openCompanions(Path directory, String name) {
    String glob =
        name.startsWith("libnvrtc.so")
            ? "libnvrtc-builtins" + name.substring("libnvrtc".length()) + ".*"
            : name.startsWith("libcublas.so")
                ? "libcublasLt" + name.substring("libcublas".length())
                : null;
    if (glob != null) {
      for (Path file : list(directory, glob)) {
        NativeLibrary companion = open(file.toString());
        if (companion != null) {
          COMPANIONS.add(companion);
        }
      }
    }
  }

  private static @Nullable NativeLibrary open(String name) {
    try {
      return NativeLibrary.getInstance(name);
    } catch (UnsatisfiedLinkError e) {
      LOG.debug("{}: {}", name, e.getMessage());
      return null;
    }
  }

  private static String where(List<Path> directories) {
    String property = System.getProperty(PROPERTY);
    if (property != null) {
      return "in " + join(split(property)) + " (" + PROPERTY + ")";
    }
    List<Path> looked = new ArrayList<>();
    String variable = System.getenv(VARIABLE);
    if (variable != null) {
      looked.addAll(split(variable));
    }
    directories.stream().filter(Files::isDirectory).forEach(looked::add);
    return "where the system's loader looks" + (looked.isEmpty() ? "" : " nor in " + join(looked));
  }

  private static String join(List<Path> paths) {
    return String.join(", ", paths.stream().map(Path::toString).toList());
  }

  private static List<Path> split(String directories) {
    return Arrays.stream(directories.split(File.pathSeparator, -1))
        .filter(part -> !part.isBlank())
        .map(Path::of)
        .toList();
  }

  private static List<Path> driverDirectories() {
    return List.of(
        Path.of("/usr/lib/" + architecture() + "-linux-gnu"),
        Path.of("/usr/lib64"),
        Path.of("/usr/local/nvidia/lib64"),
        Path.of("/usr/lib/wsl/lib"),
        Path.of("/run/opengl-driver/lib"));
  }

  private static String architecture() {
    return Platform.isARM() ? "aarch64" : "x86_64";
  }

  /** Those that exist, in the order they are searched in. */
  static List<Path> toolkitDirectories(Map<String, String> environment) {
    Set<Path> directories = new LinkedHashSet<>();
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String home = environment.get(variable);
      if (home != null && !home.isBlank()) {
        addToolkit(directories, Path.of(home));
      }
    }
    addToolkit(directories, Path.of("/usr/local/cuda"));
    for (Path versioned : list(Path.of("/usr/local"), "cuda-*")) {
      addToolkit(directories, versioned);
    }
    for (Path packages : pythonPackages(environment)) {
      Path nvidia = packages.resolve("nvidia");
      for (String part : List.of("cu13", "cuda_nvrtc", "cublas")) {
        directories.add(nvidia.resolve(part).resolve("lib"));
        directories.add(nvidia.resolve(part).resolve("bin"));
      }
    }
    return directories.stream().filter(Files::isDirectory).toList();
  }

  private static void addToolkit(Set<Path> directories, Path home) {
    directories.add(home.resolve("lib64"));
    directories.add(home.resolve("lib"));
    directories.add(home.resolve("bin"));
    directories.add(home.resolve("bin").resolve("x64"));
  }

  private static Set<Path> pythonPackages(Map<String, String> environment) {
    Set<Path> packages = new LinkedHashSet<>();
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      String prefix = environment.get(variable);
      if (prefix != null && !prefix.isBlank()) {
        addPackages(packages, Path.of(prefix));
      }
    }
    String path = environment.get("PATH");
    for (String part : path == null ? new String[0] : path.split(File.pathSeparator, -1)) {
      try {
        Path python =
            Path.of(part.isEmpty() ? "." : part, Platform.isWindows() ? "python.exe" : "python3");
        if (Files.exists(python)) {
          addPythonsPackages(packages, python.toAbsolutePath().getParent());
          addPythonsPackages(packages, python.toRealPath().getParent());
        }
      } catch (IOException | InvalidPathException e) {
        LOG.debug("{} of PATH: {}", part, e.toString());
      }
    }
    addPackages(packages, Path.of(System.getProperty("user.home"), ".local"));
    addPackages(packages, Path.of("/usr/local"));
    addPackages(packages, Path.of("/usr"));
    return packages;
  }

  /** Python is in bin beside lib, on Windows beside Lib. */
  private static void addPythonsPackages(Set<Path> packages, @Nullable Path directory) {
    if (directory != null) {
      Path prefix = Platform.isWindows() ? directory : directory.getParent();
      if (prefix != null) {
        addPackages(packages, prefix);
      }
    }
  }

  private static void addPackages(Set<Path> packages, Path prefix) {
    Path lib = prefix.resolve("lib");
    for (Path python : list(lib, "python3*")) {
      packages.add(python.resolve("site-packages"));
      packages.add(python.resolve("dist-packages"));
    }
    packages.add(prefix.resolve("Lib").resolve("site-packages"));
  }

  /** What is in a directory, newest name first; nothing if it cannot be read. */
  private static List<Path> list(Path directory, String glob) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, glob)) {
      stream.forEach(found::add);
    } catch (IOException e) {
      LOG.debug("{}: {}", directory, e.toString());
    }
    found.sort((a, b) -> b.toString().compareTo(a.toString()));
    return found;
  }
}
