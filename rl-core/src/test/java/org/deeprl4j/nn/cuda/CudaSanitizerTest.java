package org.deeprl4j.nn.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The layer on a fake driver under the address and undefined-behaviour sanitizers, in a JVM of its
 * own: what Java hands over, by address and size, is read and written where it lies.
 */
class CudaSanitizerTest {
  @TempDir Path cache;

  @Test
  void everyCallIsClean() throws Exception {
    Path fake = FakeCuda.build(FakeCuda.TWICE, FakeCuda.SANITIZED);
    Result result = run(EveryCall.class, List.of(), Map.of(), fake.toString(), cache.toString());
    assertTrue(result.output().strip().endsWith("all calls made"), result.output());
    assertEquals(0, result.status(), result.output());
  }

  record Result(int status, String output) {}

  /** Runs a main class in a JVM with the sanitizers' libraries loaded first. */
  static Result run(
      Class<?> main, List<String> options, Map<String, String> variables, String... arguments)
      throws IOException, InterruptedException {
    String sanitizer = library("libasan.so");
    assumeTrue(Path.of(sanitizer).isAbsolute(), "the compiler has no address sanitizer");
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    List<String> command = new ArrayList<>(List.of(java.toString(), "-Xmx512m", "-Xshare:off"));
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    Path log = Files.createTempFile("sanitizer", ".log");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      builder
          .environment()
          .put("LD_PRELOAD", sanitizer + File.pathSeparator + library("libubsan.so"));
      // The JVM handles the signals that it provokes, and ends without giving back its memory.
      builder
          .environment()
          .put(
              "ASAN_OPTIONS",
              "handle_segv=0:handle_sigbus=0:detect_leaks=0:allow_user_segv_handler=1");
      builder.environment().put("UBSAN_OPTIONS", "print_stacktrace=1");
      builder.environment().putAll(variables);
      int status = builder.start().waitFor();
      return new Result(status, Files.readString(log, StandardCharsets.UTF_8));
    } finally {
      Files.delete(log);
    }
  }

  /** Where the compiler has a library; its bare name where it has not. */
  private static String library(String name) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(FakeCuda.compiler(), "-print-file-name=" + name).start();
    String path = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return path.strip();
  }
}
