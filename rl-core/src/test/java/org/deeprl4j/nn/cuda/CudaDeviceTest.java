package org.deeprl4j.nn.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The layer on the fake driver: what it calls, how it fails, and that it gives everything back. */
class CudaDeviceTest {
  /** They only describe other errors, or are asked where the driver has them. */
  private static final Set<String> DESCRIBING =
      Set.of(
          "cuGetErrorName",
          "cuGetErrorString",
          "nvrtcGetErrorString",
          "cublasGetStatusString",
          "nvrtcGetProgramLogSize",
          "nvrtcGetProgramLog");

  private static final int ILLEGAL_ADDRESS = 700;

  private static FakeCuda.Controls fake;

  @TempDir Path cache;

  @BeforeAll
  static void load() {
    fake = FakeCuda.load(FakeCuda.TWICE);
  }

  @AfterAll
  static void unload() {
    FakeCuda.unload();
    System.clearProperty(ImageCache.PROPERTY);
  }

  @BeforeEach
  void reset() {
    fake.fake_reset();
    System.setProperty(ImageCache.PROPERTY, cache.toString());
  }

  @AfterEach
  void nothingIsKept() {
    assertEquals("", fake.fake_leaks());
  }

  static Stream<String> calls() {
    return Stream.of(Driver.class, Nvrtc.class, CuBlas.class)
        .flatMap(functions -> Arrays.stream(functions.getDeclaredMethods()))
        .filter(method -> Modifier.isNative(method.getModifiers()))
        .map(Method::getName)
        .filter(name -> !DESCRIBING.contains(name))
        .sorted();
  }

  /** The last call of each kind: by then there is most to give back. */
  static Stream<String> givingBack() {
    return Stream.of(
        "cuMemFree_v2",
        "cuMemFreeHost",
        "cuStreamDestroy_v2",
        "cuCtxSetCurrent",
        "cuDevicePrimaryCtxRelease_v2",
        "cuEventDestroy_v2",
        "cuGraphDestroy",
        "cuGraphExecDestroy",
        "cuModuleUnload",
        "cublasDestroy_v2",
        "nvrtcDestroyProgram");
  }

  @Test
  void everythingIsUsedAndGivenBack() {
    EveryCall.run();
    List<String> never = calls().filter(call -> fake.fake_calls(call) == 0).toList();
    // of a device that the compiler knows
    assertEquals(List.of("nvrtcGetPTX", "nvrtcGetPTXSize"), never);
    assertEquals("twice 4x1x1 32x1x1 0 40\ntwice 4x1x1 32x1x1 0 40\n", fake.fake_launches());
  }

  @ParameterizedTest
  @MethodSource("calls")
  void everyCallsFailureIsOneLineAndNothingIsKept(String call) {
    EveryCall.run();
    fake.fake_compiler(12, 4, 50, call.contains("PTX") ? 80 : 90);
    int times = Math.max(1, fake.fake_calls(call));
    boolean givesBack = givingBack().anyMatch(call::equals);
    for (int after = 0; after < times; after++) {
      for (int code : codes(call)) {
        clearCache();
        fake.fake_reset();
        fake.fake_compiler(12, 4, 50, call.contains("PTX") ? 80 : 90);
        fake.fake_inject(call, code, after);
        if (call.equals("nvrtcDestroyProgram")) {
          EveryCall.run(); // there is nothing left to lose
          fake.fake_reset();
          continue;
        }
        CudaException e = assertThrows(CudaException.class, EveryCall::run, call + " " + code);
        String message = e.getMessage();
        assertFalse(message.contains("\n"), message);
        assertTrue(message.length() > 20, message);
        if (givesBack || code == ILLEGAL_ADDRESS) {
          fake.fake_reset(); // what a broken driver keeps is its own
        } else {
          assertEquals("", fake.fake_leaks(), () -> call + ": " + message);
        }
      }
    }
  }

  private static int[] codes(String call) {
    return call.startsWith("cublas") || call.startsWith("nvrtc")
        ? new int[] {1, 3, 6, 13}
        : new int[] {1, 2, 209, ILLEGAL_ADDRESS};
  }

  private void clearCache() {
    try (Stream<Path> files = Files.list(cache)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
