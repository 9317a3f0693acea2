package org.deeprl4j.nn.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The fake driver of src/test/cpp in place of CUDA: compiled when something of it has changed, with
 * the system's C++ compiler, and bound until {@link #unload}. See fake_cuda.cpp for what it does.
 */
public final class FakeCuda {
  /** Kernels of its own: one, for tests of the layer itself. */
  static final Path TWICE = Path.of("src/test/cpp/twice.cpp");

  /** For a library that is loaded into a JVM with the address sanitizer preloaded. */
  static final List<String> SANITIZED =
      List.of(
          "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer");

  private static final Path FAKE = Path.of("src/test/cpp/fake_cuda.cpp");
  private static final Path KERNELS = Path.of("src/main/resources/org/deeprl4j/nn/cuda");
  private static final Path BUILT = Path.of("target", "fake-cuda").toAbsolutePath();

  /** What tests tell the driver, and ask it. */
  public interface Controls extends Library {
    /** Forgets everything. */
    void fake_reset();

    /** Chooses devices, driver, capability and memory. */
    void fake_machine(int devices, int driverVersion, int capability, long totalBytes);

    /** Chooses NVRTC's version and the two capabilities that it knows. */
    void fake_compiler(int major, int minor, int oldest, int newest);

    /** Lets a call fail, once, after so many that do not. */
    void fake_inject(String call, int code, int after);

    /** How often a function was called. */
    int fake_calls(String call);

    /** What was not given back, empty if nothing. */
    String fake_leaks();

    /** The launches so far, a line each. */
    String fake_launches();
  }

  private FakeCuda() {}

  /**
   * Binds CUDA to the fake, or skips the test where there is no compiler.
   *
   * @param kernels a source with shim_launch and shim_size
   */
  static Controls load(Path kernels) {
    Path directory = build(kernels, List.of("-O2"));
    NativeLibraries.unbind();
    System.setProperty(NativeLibraries.PROPERTY, directory.toString());
    Controls controls = controls(directory);
    controls.fake_reset();
    return controls;
  }

  /** The fake in a directory that {@link #build} made. */
  static Controls controls(Path directory) {
    return Native.load(directory.resolve("libcuda.so.1").toString(), Controls.class);
  }

  /** Binds CUDA to whatever is there, at its next use. */
  static void unload() {
    NativeLibraries.unbind();
    System.clearProperty(NativeLibraries.PROPERTY);
  }

  /** The directory with the libraries, compiled with options. */
  static Path build(Path kernels, List<String> options) {
    String compiler = compiler();
    assumeTrue(compiler != null, "no C++ compiler (CXX, c++, g++ or clang++) for the fake driver");
    try {
      List<String> command =
          new ArrayList<>(List.of(compiler, "-std=c++17", "-g", "-fPIC", "-shared"));
      // A fake's calls of its own functions must not go to a fake that was loaded before.
      command.add("-Wl,-Bsymbolic");
      command.addAll(options);
      command.addAll(List.of("-Isrc/test/cpp", "-I" + KERNELS));
      command.addAll(List.of(FAKE.toString(), kernels.toString()));
      Path directory = BUILT.resolve(hash(command));
      if (!Files.exists(directory)) {
        Files.createDirectories(BUILT);
        Path building = Files.createTempDirectory(BUILT, "building");
        Path library = building.resolve("libcuda.so.1");
        Path log = building.resolve("log");
        command.addAll(List.of("-o", library.toString()));
        Process process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (process.waitFor() != 0) {
          throw new AssertionError(String.join(" ", command) + "\n" + Files.readString(log));
        }
        for (String name : List.of("libnvrtc.so.12", "libcublas.so.12")) {
          Files.createSymbolicLink(building.resolve(name), Path.of("libcuda.so.1"));
        }
        try {
          Files.move(building, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
          if (!Files.exists(directory)) { // another JVM was faster
            throw e;
          }
        }
      }
      return directory;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("the fake driver cannot be built", e);
    }
  }

  /** Of the command and all sources that it may include. */
  private static String hash(List<String> command) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (Path directory : List.of(Path.of("src/test/cpp"), KERNELS)) {
      if (Files.isDirectory(directory)) {
        try (Stream<Path> files = Files.list(directory)) {
          files.filter(Files::isRegularFile).sorted().forEach(sources::add);
        }
      }
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.join("\n", command).getBytes(StandardCharsets.UTF_8));
      for (Path source : sources) {
        digest.update(Files.readAllBytes(source));
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** A C++ compiler, null if there is none. */
  static String compiler() {
    String named = System.getenv("CXX");
    if (named != null && !named.isBlank()) {
      return named;
    }
    String path = System.getenv("PATH");
    return Stream.of("c++", "g++", "clang++")
        .filter(
            name ->
                Arrays.stream((path == null ? "" : path).split(File.pathSeparator, -1))
                    .anyMatch(directory -> Files.isExecutable(Path.of(directory, name))))
        .findFirst()
        .orElse(null);
  }
}
