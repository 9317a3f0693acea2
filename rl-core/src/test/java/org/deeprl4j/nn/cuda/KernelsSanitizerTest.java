package org.deeprl4j.nn.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * The library's kernels, compiled for the host, under the address and undefined-behaviour
 * sanitizers: all of what runs on a GPU, through the same Java code, in a JVM of its own.
 */
@EnabledIfEnvironmentVariable(
    named = "RL_SLOW",
    matches = "1",
    disabledReason = "takes minutes; RL_SLOW=1 runs it, as .ci/run does")
class KernelsSanitizerTest {
  private static final String NETWORKS = "org.deeprl4j.nn.CudaNetworkTest";
  private static final String UPDATE = "org.deeprl4j.nn.CudaSacUpdateTest";

  /** All kernels, on shapes that do not take a sanitizer minutes. */
  private static final String METHODS =
      ".*(optimizers|tensors_compute|activations|directional|updates|backward).*";

  @TempDir Path cache;

  @Test
  void networksAndUpdatesAreClean() throws Exception {
    Path fake = FakeCuda.build(DeviceForTests.KERNELS, FakeCuda.SANITIZED);
    CudaSanitizerTest.Result result =
        CudaSanitizerTest.run(
            TestsMain.class,
            List.of(
                "-D" + NativeLibraries.PROPERTY + "=" + fake,
                "-D" + ImageCache.PROPERTY + "=" + cache),
            Map.of(),
            METHODS,
            NETWORKS,
            UPDATE);
    assertTrue(result.output().contains(" 0 failed, 0 skipped"), result.output());
    assertEquals(0, result.status(), result.output());
  }

  /** Threads that ran backwards between two barriers and still did the same do not race. */
  @Test
  void orderOfThreads_changesNoBit() throws Exception {
    Path fake = FakeCuda.build(DeviceForTests.KERNELS, FakeCuda.SANITIZED);
    String[] outputs = new String[2];
    for (int i = 0; i < 2; i++) {
      CudaSanitizerTest.Result result =
          CudaSanitizerTest.run(
              BitsMain.class,
              List.of(
                  "-D" + NativeLibraries.PROPERTY + "=" + fake,
                  "-D" + ImageCache.PROPERTY + "=" + cache),
              i == 0 ? Map.of() : Map.of("SHIM_BACKWARDS", "1"));
      assertEquals(0, result.status(), result.output());
      outputs[i] = result.output();
    }
    assertEquals(outputs[0], outputs[1]);
    assertEquals(BitsMain.LINES, outputs[0].lines().filter(line -> line.contains("bits")).count());
  }
}
