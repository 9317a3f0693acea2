package org.deeprl4j.nn.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a user reads when CUDA is not there or not enough: what was found, and what to do. */
class CudaErrorsTest {
  private static final long MIB = 1 << 20;

  private static FakeCuda.Controls fake;
  private static String directory;

  @TempDir Path temporary;

  @BeforeAll
  static void load() {
    fake = FakeCuda.load(FakeCuda.TWICE);
    directory = System.getProperty(NativeLibraries.PROPERTY);
  }

  @AfterAll
  static void unload() {
    FakeCuda.unload();
    System.clearProperty(ImageCache.PROPERTY);
  }

  @BeforeEach
  void reset() {
    fake.fake_reset();
    System.setProperty(ImageCache.PROPERTY, temporary.resolve("cache").toString());
  }

  @AfterEach
  void nothingIsKept() throws IOException {
    assertEquals("", fake.fake_leaks());
    NativeLibraries.unbind();
    String place = System.setProperty(NativeLibraries.PROPERTY, directory);
    if (!directory.equals(place)) {
      try (Stream<Path> links = Files.list(Path.of(place))) {
        for (Path link : links.toList()) {
          Files.delete(link);
        }
      }
      Files.delete(Path.of(place));
    }
  }

  private static String message(Executable executable) {
    String message = assertThrows(CudaException.class, executable).getMessage();
    assertFalse(message.contains("\n"), message);
    return message;
  }

  private static void open() {
    CudaDevice.open(0).close();
  }

  private static void compile(String source) {
    try (CudaDevice device = CudaDevice.open(0)) {
      device.compile("kernels.cu", source);
    }
  }

  /** Lets the libraries be looked for in a directory of their own. */
  private Path only(String... names) throws IOException {
    Path place = Files.createTempDirectory(Path.of(directory), "only");
    for (String name : names) {
      Files.createSymbolicLink(place.resolve(name), Path.of(directory, "libcuda.so.1"));
    }
    NativeLibraries.unbind();
    System.setProperty(NativeLibraries.PROPERTY, place.toString());
    return place;
  }

  @Test
  void noDriver() throws IOException {
    Path place = only();
    assertEquals(
        "no NVIDIA driver: found no libcuda.so.1 in "
            + place
            + " (org.deeprl4j.cuda.path); install NVIDIA's driver, name its directory in"
            + " RL_CUDA_PATH, or use other kernels",
        message(CudaErrorsTest::open));
    assertFalse(CudaDevice.isPresent());
  }

  @Test
  void noDriver_isLookedForAgain() throws IOException {
    Path place = only();
    assertFalse(CudaDevice.isPresent());
    Files.createSymbolicLink(place.resolve("libcuda.so.1"), Path.of(directory, "libcuda.so.1"));
    assertTrue(CudaDevice.isPresent());
  }

  @Test
  void aLibraryThatIsNoDriver() throws Exception {
    Path place = only();
    Path source = Files.writeString(temporary.resolve("empty.cpp"), "int nothing;\n");
    String library = place.resolve("libcuda.so.1").toString();
    new ProcessBuilder(FakeCuda.compiler(), "-shared", "-fPIC", "-o", library, source.toString())
        .inheritIO()
        .start()
        .waitFor();
    String message = message(CudaErrorsTest::open);
    assertTrue(message.startsWith("NVIDIA's driver in " + library), message);
    assertTrue(message.endsWith("CUDA 12 or newer is needed"), message);
  }

  @Test
  void noDevice() {
    fake.fake_machine(0, 12_040, 90, 1024 * MIB);
    String message = message(CudaErrorsTest::open);
    assertTrue(message.startsWith("NVIDIA's driver finds no device"), message);
    assertTrue(message.endsWith("does nvidia-smi list one?"), message);
    assertFalse(CudaDevice.isPresent());
  }

  @Test
  void aDeviceThatIsNotThere() {
    fake.fake_machine(2, 12_040, 90, 1024 * MIB);
    assertEquals("no CUDA device 2: there are 2, 0 to 1", message(() -> CudaDevice.open(2)));
    fake.fake_machine(1, 12_040, 90, 1024 * MIB);
    assertEquals("no CUDA device 1: there is 1, device 0", message(() -> CudaDevice.open(1)));
  }

  @Test
  void aDriverTooOld() {
    fake.fake_machine(1, 11_060, 80, 1024 * MIB);
    assertEquals(
        "NVIDIA's driver is too old: it runs CUDA 11.6, and CUDA 12.0 is needed; install a driver of"
            + " version 525 or newer",
        message(CudaErrorsTest::open));
  }

  @Test
  void aDriverThatDoesNotStart() {
    fake.fake_inject("cuInit", 34, 0);
    assertTrue(message(CudaErrorsTest::open).contains("is the toolkit's stub"));
    fake.fake_inject("cuInit", 803, 0);
    assertTrue(message(CudaErrorsTest::open).contains("are of different versions; reboot"));
    fake.fake_inject("cuInit", 999, 0);
    assertEquals(
        "NVIDIA's driver does not start: cuInit: CUDA_ERROR_999 (999), what 999 means; does"
            + " nvidia-smi work?",
        message(CudaErrorsTest::open));
  }

  @Test
  void outOfMemory_saysHowMuch() {
    fake.fake_machine(1, 12_040, 90, 100 * MIB);
    try (CudaDevice device = CudaDevice.open(0)) {
      device.allocate(60 * MIB);
      String expected =
          "out of memory on CUDA device 0 (Fake GPU): %d MiB asked for, 40 MiB free of 100 MiB; take"
              + " a smaller batch, network or replay buffer, or end the other programs that nvidia-smi"
              + " lists";
      assertEquals(expected.formatted(50), message(() -> device.allocate(50 * MIB)));
      assertEquals(expected.formatted(101), message(() -> device.allocate(101 * MIB)));
      device.allocate(40 * MIB); // it goes on
    }
  }

  @Test
  void outOfMemory_ofTheHostAndOfOtherPrograms() {
    fake.fake_inject("cuMemHostAlloc", 2, 0);
    try (CudaDevice device = CudaDevice.open(0)) {
      assertTrue(
          message(() -> device.allocatePinned(5 * MIB))
              .startsWith("out of memory on the host: 5 MiB of page-locked memory asked for"));
    }
    fake.fake_inject("cuDevicePrimaryCtxRetain", 2, 0);
    assertTrue(message(CudaErrorsTest::open).contains("other programs hold it; see nvidia-smi"));
  }

  @Test
  void noNvrtc_saysWhereItWasLookedFor() throws IOException {
    Path place = only("libcuda.so.1");
    fake.fake_machine(1, 13_000, 90, 1024 * MIB);
    assertEquals(
        "no NVRTC for CUDA 13.0: found no libnvrtc.so.13 or libnvrtc.so.12 in "
            + place
            + " (org.deeprl4j.cuda.path); install CUDA 13's libraries or 'pip install"
            + " nvidia-cuda-nvrtc', or name their directory in RL_CUDA_PATH",
        message(() -> compile(EveryCall.SOURCE)));
  }

  @Test
  void noNewerNvrtcThanTheDriver() throws IOException {
    only("libcuda.so.1", "libnvrtc.so.13");
    String message = message(() -> compile(EveryCall.SOURCE));
    assertTrue(message.startsWith("no NVRTC for CUDA 12.4: found no libnvrtc.so.12 in"), message);
    assertTrue(message.contains("'pip install nvidia-cuda-nvrtc-cu12'"), message);
  }

  @Test
  void noCuBlas() throws IOException {
    only("libcuda.so.1", "libnvrtc.so.12");
    try (CudaDevice device = CudaDevice.open(0)) {
      assertTrue(message(device::blas).startsWith("no cuBLAS for CUDA 12.4"));
      device.compile("kernels.cu", EveryCall.SOURCE); // needs none
    }
  }

  @Test
  void toolkits_areSearchedInTheDocumentedOrder() throws IOException {
    Path cuda = Files.createDirectories(temporary.resolve("cuda/lib64")).getParent();
    Path wheels = temporary.resolve("env/lib/python3.12/site-packages/nvidia");
    Path nvrtc = Files.createDirectories(wheels.resolve("cuda_nvrtc/lib"));
    Path newest = Files.createDirectories(wheels.resolve("cu13/lib"));
    Path bin = Files.createDirectories(temporary.resolve("other/bin"));
    Files.createFile(bin.resolve("python3"));
    Path beside =
        Files.createDirectories(
            temporary.resolve("other/lib/python3.11/site-packages/nvidia/cublas/lib"));
    List<Path> searched =
        NativeLibraries.toolkitDirectories(
            Map.of(
                "CUDA_HOME",
                cuda.toString(),
                "VIRTUAL_ENV",
                temporary.resolve("env").toString(),
                "PATH",
                temporary.resolve("nowhere") + File.pathSeparator + bin));
    List<Path> ours = searched.stream().filter(path -> path.startsWith(temporary)).toList();
    assertEquals(List.of(cuda.resolve("lib64"), newest, nvrtc, beside), ours);
    assertEquals(cuda.resolve("lib64"), searched.get(0));
  }

  @Test
  void aSourceWithAnError() {
    assertEquals(
        "NVRTC 12.4 refuses kernels.cu (--gpu-architecture=sm_90 --std=c++17): kernels.cu(2): error:"
            + " #error no; 1 error detected.",
        message(() -> compile("int x;\n#error no\n")));
  }

  @Test
  void aDeviceNewerThanTheCompiler_getsPtx() {
    fake.fake_machine(1, 12_040, 120, 1024 * MIB);
    try (CudaDevice device = CudaDevice.open(0)) {
      CudaModule module = device.compile("kernels.cu", EveryCall.SOURCE);
      assertEquals("NVRTC 12.4 --gpu-architecture=compute_90 --std=c++17", module.compiledBy());
      module.function("twice");
    }
    assertEquals(1, fake.fake_calls("nvrtcGetPTX"));
    assertEquals(0, fake.fake_calls("nvrtcGetCUBIN"));
  }

  @Test
  void deviceOlderThanTheCompiler_isRefused() {
    fake.fake_machine(1, 12_040, 61, 1024 * MIB);
    fake.fake_compiler(12, 4, 75, 120);
    assertEquals(
        "Fake GPU (compute capability 6.1, 1024 MiB, driver for CUDA 12.4) is too old for NVRTC"
            + " 12.4, which compiles for compute capability 7.5 and newer; install NVRTC of CUDA 12"
            + " or use other kernels",
        message(() -> compile(EveryCall.SOURCE)));
  }

  @Test
  void aDriverOlderThanTheCompilersPtx() {
    fake.fake_machine(1, 12_020, 120, 1024 * MIB);
    String message = message(() -> compile(EveryCall.SOURCE));
    assertTrue(message.contains("cannot run what NVRTC 12.4 makes"), message);
    assertTrue(message.endsWith("install a newer driver, or NVRTC of CUDA 12.2"), message);
  }

  @Test
  void aKernelThatIsNotThere_orTakesSomethingElse() {
    try (CudaDevice device = CudaDevice.open(0)) {
      CudaModule module = device.compile("kernels.cu", EveryCall.SOURCE);
      assertEquals("kernels.cu has no kernel thrice", message(() -> module.function("thrice")));
      CudaFunction twice = module.function("twice");
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> twice.prepare(32));
      assertEquals("twice takes 40 bytes of arguments, not 32", e.getMessage());
    }
  }

  @Test
  void failingKernel_losesTheDevice_andLaterCallsSaySo() {
    CudaDevice device = CudaDevice.open(0);
    DeviceMemory memory = device.allocate(64);
    fake.fake_inject("cuStreamSynchronize", 700, 0);
    String message = message(device::synchronize);
    assertEquals(
        "cuStreamSynchronize on CUDA device 0 (Fake GPU): CUDA_ERROR_ILLEGAL_ADDRESS (700), what 700"
            + " means; an earlier kernel failed and what the device held is lost: start again from"
            + " the last checkpoint",
        message);
    int calls = fake.fake_calls("cuMemsetD32Async");
    assertEquals(message, message(() -> device.fill(memory, 0, 1, 0)));
    assertEquals(calls, fake.fake_calls("cuMemsetD32Async"));
    device.close(); // was said before
    fake.fake_reset(); // a lost context gives nothing back
  }

  @Test
  void sizesAndOwners_areCheckedBeforeAnythingIsCalled() {
    fake.fake_machine(2, 12_040, 90, 1024 * MIB);
    try (CudaDevice device = CudaDevice.open(0);
        CudaDevice other = CudaDevice.open(1)) {
      DeviceMemory memory = device.allocate(64);
      DeviceMemory foreign = other.allocate(64);
      PinnedMemory pinned = device.allocatePinned(64);
      KernelLaunch launch =
          device.compile("kernels.cu", EveryCall.SOURCE).function("twice").prepare(EveryCall.BYTES);
      CudaBlas blas = device.blas();
      List<Executable> outOfBounds =
          List.of(
              () -> memory.slice(32, 33),
              () -> memory.slice(-1, 8),
              () -> device.upload(pinned, 0, memory, 4, 64),
              () -> device.upload(pinned, 4, memory, 0, 64),
              () -> device.download(memory, 0, pinned, 60, 8),
              () -> device.copy(memory, 0, memory, Long.MAX_VALUE, 8),
              () -> device.fill(memory, 0, 17, 0),
              () -> pinned.write(new float[17], 0, 0, 17),
              () -> pinned.read(16, new float[1], 0, 1),
              () -> launch.put(EveryCall.BYTES - 4, 0L),
              () -> launch.put(36, 0L), // not a multiple of its size
              () -> launch.put(-4, 1));
      for (Executable wrong : outOfBounds) {
        assertThrows(IndexOutOfBoundsException.class, wrong);
      }
      List<Executable> wrongArguments =
          List.of(
              () -> device.allocate(0),
              () -> device.allocatePinned(1L << 31),
              () -> device.fill(memory, 2, 1, 0),
              () -> device.fill(memory, 0, -1, 0),
              () -> device.copy(foreign, 0, memory, 0, 8),
              () -> device.free(foreign),
              () -> device.free(memory.slice(0, 8)),
              () -> launch.put(0, foreign),
              () -> launch.grid(0),
              () -> launch.grid(1, 65_536, 1),
              () -> launch.block(1025),
              () -> launch.block(64, 32, 1),
              () -> launch.shared(device.sharedMemoryPerBlock() + 1),
              () -> blas.product(false, false, 4, 4, 1, 1, memory, 1, memory, 4, 0, memory, 3),
              () -> blas.product(false, false, 4, 4, 5, 1, memory, 5, memory, 4, 0, memory, 4),
              () -> blas.product(false, false, 0, 4, 4, 1, memory, 4, memory, 4, 0, memory, 4),
              () ->
                  blas.products(
                      2, false, false, 2, 2, 2, 1, memory, 2, 4, memory, 2, 4, 0, memory, 2, 3),
              () ->
                  blas.products(
                      9, false, false, 2, 2, 2, 1, memory, 2, 0, memory, 2, 0, 0, memory, 2, 4));
      for (Executable wrong : wrongArguments) {
        assertThrows(IllegalArgumentException.class, wrong);
      }
      for (String call :
          List.of(
              "cuMemcpyHtoDAsync_v2",
              "cuMemcpyDtoHAsync_v2",
              "cuMemcpyDtoDAsync_v2",
              "cuMemsetD32Async",
              "cuLaunchKernel",
              "cublasSgemm_v2",
              "cublasSgemmStridedBatched")) {
        assertEquals(0, fake.fake_calls(call), call);
      }
    }
  }

  @Test
  void freedMemory_isNotUsed() {
    DeviceMemory memory;
    PinnedMemory pinned;
    CudaDevice device = CudaDevice.open(0);
    try (device) {
      memory = device.allocate(64);
      DeviceMemory part = memory.slice(0, 8);
      device.free(memory);
      assertThrows(IllegalStateException.class, part::address);
      assertThrows(IllegalArgumentException.class, () -> device.free(memory));
      pinned = device.allocatePinned(64);
    }
    assertThrows(IllegalStateException.class, () -> pinned.getFloat(0));
    assertThrows(IllegalStateException.class, device::synchronize);
    device.close();
  }

  @Test
  void captures_endWhateverHappensInThem() {
    try (CudaDevice device = CudaDevice.open(0)) {
      assertThrows(
          ArithmeticException.class,
          () ->
              device.capture(
                  () -> {
                    throw new ArithmeticException();
                  }));
      // what may not be recorded spoils the recording, not the device
      assertTrue(message(() -> device.capture(() -> device.allocate(8))).contains("900"));
      assertTrue(
          message(
                  () ->
                      device.capture(() -> assertThrows(CudaException.class, device::synchronize)))
              .contains("901"));
      device.synchronize();
      device.capture(() -> {}).launch();
    }
  }

  @Test
  void threads_takeTheContextWithThem() throws InterruptedException {
    try (CudaDevice device = CudaDevice.open(0)) {
      Throwable[] failure = new Throwable[1];
      Thread thread = new Thread(() -> device.allocate(8));
      thread.setUncaughtExceptionHandler((t, e) -> failure[0] = e);
      thread.start();
      thread.join();
      assertEquals(null, failure[0]);
      device.allocate(8);
    }
  }

  @Test
  void images_areCompiledOnceForASourceAndItsOptions() throws IOException {
    compile(EveryCall.SOURCE);
    compile(EveryCall.SOURCE);
    assertEquals(1, fake.fake_calls("nvrtcCompileProgram"));
    compile(EveryCall.SOURCE + "\n");
    assertEquals(2, fake.fake_calls("nvrtcCompileProgram"));
    try (CudaDevice device = CudaDevice.open(0)) {
      device.compile("kernels.cu", EveryCall.SOURCE, "--fmad=false");
    }
    fake.fake_compiler(12, 5, 50, 90);
    compile(EveryCall.SOURCE);
    fake.fake_machine(1, 12_050, 89, 1024 * MIB);
    compile(EveryCall.SOURCE);
    assertEquals(5, fake.fake_calls("nvrtcCompileProgram"));
    assertEquals(5, images().size());
  }

  @Test
  void damagedImages_areCompiledAgain() throws IOException {
    compile(EveryCall.SOURCE);
    Path image = images().get(0);
    byte[] whole = Files.readAllBytes(image);
    byte[] flipped = whole.clone();
    flipped[flipped.length - 3] ^= 1;
    for (byte[] damaged :
        List.of(flipped, new byte[0], new byte[32], Arrays.copyOf(whole, whole.length - 1))) {
      Files.write(image, damaged);
      int before = fake.fake_calls("nvrtcCompileProgram");
      compile(EveryCall.SOURCE);
      assertEquals(before + 1, fake.fake_calls("nvrtcCompileProgram"));
      assertEquals(List.of(image), images());
      assertEquals(-1, Arrays.mismatch(whole, Files.readAllBytes(image)));
    }
  }

  @Test
  void imagesThatTheDriverRefuses_areCompiledAgain() {
    compile(EveryCall.SOURCE);
    fake.fake_inject("cuModuleLoadData", 218, 0);
    compile(EveryCall.SOURCE);
    assertEquals(2, fake.fake_calls("nvrtcCompileProgram"));
  }

  @Test
  void aCacheThatCannotBeWritten_isGoneWithout() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "");
    System.setProperty(ImageCache.PROPERTY, file.resolve("cache").toString());
    compile(EveryCall.SOURCE);
    compile(EveryCall.SOURCE);
    assertEquals(2, fake.fake_calls("nvrtcCompileProgram"));
  }

  private List<Path> images() throws IOException {
    try (Stream<Path> files = Files.list(temporary.resolve("cache"))) {
      return files.toList();
    }
  }
}
