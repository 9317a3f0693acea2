package org.deeprl4j.nn.cuda;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds CUDA's shared libraries and binds them to the classes with their functions, each when it is
 * first needed. They are looked for, in this order, in
 *
 * <ol>
 *   <li>the directories of the system property {@value #PROPERTY} or, where it is not set, of the
 *       environment variable {@value #VARIABLE}, separated as in {@code PATH}; where either is set,
 *       nowhere else;
 *   <li>the places the system's loader looks in: {@code LD_LIBRARY_PATH}, its cache, {@code PATH}
 *       on Windows;
 *   <li>{@code CUDA_HOME}, {@code CUDA_PATH} and {@code /usr/local/cuda*};
 *   <li>the driver's own directories, for the driver;
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

  private NativeLibraries() {}

  /**
   * Binds {@link Driver}, once.
   *
   * @throws CudaException if there is no driver
   */
  static synchronized NativeLibrary driver() {
    if (driver == null) {
      List<String> names =
          List.of(Platform.isWindows() ? "nvcuda.dll" : Platform.isMac() ? "" : "libcuda.so.1");
      if (Platform.isMac()) {
        throw new CudaException("CUDA exists on Linux and Windows only; use other kernels");
      }
      NativeLibrary found = find(names, driverDirectories());
      if (found == null) {
        throw new CudaException(
            "no NVIDIA driver: found no "
                + names.get(0)
                + " "
                + where(driverDirectories())
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
    NativeLibrary found = find(candidates, toolkitDirectories());
    if (found == null) {
      throw new CudaException(
          "no "
              + what
              + " for CUDA "
              + Driver.version(driverVersion)
              + ": found no "
              + String.join(" or ", candidates)
              + " "
              + where(toolkitDirectories())
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

  /** The first of the names found in the directories, else by the loader; null if there is none. */
  private static @Nullable NativeLibrary find(List<String> names, List<Path> directories) {
    List<Path> chosen = chosen();
    for (String name : names) {
      if (chosen == null) {
        NativeLibrary library = open(name);
        if (library != null) {
          return library;
        }
      }
      for (Path directory : chosen != null ? chosen : directories) {
        Path file = directory.resolve(name);
        if (Files.isRegularFile(file)) {
          NativeLibrary library = open(file.toString());
          if (library != null) {
            return library;
          }
        }
      }
    }
    return null;
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
    List<Path> chosen = chosen();
    if (chosen != null) {
      return "in " + join(chosen) + " (" + (property() != null ? PROPERTY : VARIABLE) + ")";
    }
    List<Path> there = directories.stream().filter(Files::isDirectory).toList();
    return "where the system's loader looks" + (there.isEmpty() ? "" : " nor in " + join(there));
  }

  private static String join(List<Path> paths) {
    return String.join(", ", paths.stream().map(Path::toString).toList());
  }

  private static @Nullable String property() {
    return System.getProperty(PROPERTY);
  }

  /** The directories that the user names, null if none. */
  private static @Nullable List<Path> chosen() {
    String property = property();
    String named = property != null ? property : System.getenv(VARIABLE);
    if (named == null || named.isBlank()) {
      return null;
    }
    List<Path> directories = new ArrayList<>();
    for (String part : named.split(File.pathSeparator, -1)) {
      if (!part.isBlank()) {
        directories.add(Path.of(part));
      }
    }
    return directories;
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

  private static List<Path> toolkitDirectories() {
    Set<Path> directories = new LinkedHashSet<>();
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String home = System.getenv(variable);
      if (home != null && !home.isBlank()) {
        addToolkit(directories, Path.of(home));
      }
    }
    addToolkit(directories, Path.of("/usr/local/cuda"));
    for (Path versioned : list(Path.of("/usr/local"), "cuda-*")) {
      addToolkit(directories, versioned);
    }
    for (Path packages : pythonPackages()) {
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

  private static Set<Path> pythonPackages() {
    Set<Path> packages = new LinkedHashSet<>();
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      String prefix = System.getenv(variable);
      if (prefix != null && !prefix.isBlank()) {
        addPackages(packages, Path.of(prefix));
      }
    }
    String path = System.getenv("PATH");
    for (String part : path == null ? new String[0] : path.split(File.pathSeparator, -1)) {
      Path python =
          Path.of(part.isEmpty() ? "." : part, Platform.isWindows() ? "python.exe" : "python3");
      try {
        if (Files.exists(python)) {
          addPythonsPackages(packages, python.toAbsolutePath().getParent());
          addPythonsPackages(packages, python.toRealPath().getParent());
        }
      } catch (IOException e) {
        LOG.debug("{}: {}", python, e.toString());
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
