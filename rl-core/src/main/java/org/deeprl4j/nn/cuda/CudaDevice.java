package org.deeprl4j.nn.cuda;

import java.lang.ref.Cleaner;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One GPU: its primary context, one stream on which everything runs in the order of the calls, and
 * the memory taken from it. {@link #close} gives all of it back.
 *
 * <p>Copies, fills, launches, products and graphs return before they have run; {@link #synchronize}
 * waits, and reports what went wrong meanwhile.
 */
public final class CudaDevice implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CudaDevice.class);

  private static final Cleaner CLEANER = Cleaner.create();

  /** The device whose context a thread has. */
  private static final ThreadLocal<@Nullable CudaDevice> CURRENT = new ThreadLocal<>();

  private final int ordinal;
  private final int handle;
  private final String name;
  private final int capability;
  private final int driverVersion;
  private final int multiprocessors;
  private final int sharedMemoryPerBlock;
  private final long totalMemory;
  private final long context;
  private final long stream;

  /** What is taken of the device, by address; and what of it nobody can use any more. */
  private final Map<Long, DeviceMemory.Block> allocations = new TreeMap<>();

  private final Queue<DeviceMemory.Block> unreachable = new ConcurrentLinkedQueue<>();
  private final List<PinnedMemory> pinned = new ArrayList<>();

  /** What else must be closed, in the order of its making. */
  private final List<Part> parts = new ArrayList<>();

  private @Nullable CudaBlas blas;
  private @Nullable String lost;
  private boolean closed;

  /** Something of the driver's that belongs to a device. */
  interface Part {
    /** Gives it back, whether or not the context still works; the driver's result, 0 if it did. */
    int release();
  }

  private CudaDevice(int ordinal, int handle, int driverVersion) {
    this.ordinal = ordinal;
    this.handle = handle;
    this.driverVersion = driverVersion;
    byte[] text = new byte[256];
    require(Driver.cuDeviceGetName(text, text.length, handle), "cuDeviceGetName");
    name = string(text);
    capability =
        10 * attribute(Driver.ATTRIBUTE_CAPABILITY_MAJOR, handle)
            + attribute(Driver.ATTRIBUTE_CAPABILITY_MINOR, handle);
    multiprocessors = attribute(Driver.ATTRIBUTE_MULTIPROCESSORS, handle);
    sharedMemoryPerBlock = attribute(Driver.ATTRIBUTE_SHARED_PER_BLOCK, handle);
    long[] total = new long[1];
    require(Driver.cuDeviceTotalMem_v2(total, handle), "cuDeviceTotalMem");
    totalMemory = total[0];
    long[] made = new long[1];
    int retained = Driver.cuDevicePrimaryCtxRetain(made, handle);
    if (retained == Driver.OUT_OF_MEMORY) {
      throw new CudaException(
          "out of memory on "
              + label()
              + " before anything was allocated: other programs hold it; see nvidia-smi");
    }
    require(retained, "cuDevicePrimaryCtxRetain");
    context = made[0];
    try {
      require(Driver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
      require(Driver.cuStreamCreate(made, Driver.STREAM_NON_BLOCKING), "cuStreamCreate");
    } catch (CudaException e) {
      Driver.cuCtxSetCurrent(0);
      Driver.cuDevicePrimaryCtxRelease_v2(handle);
      throw e;
    }
    stream = made[0];
    CURRENT.set(this);
  }

  /**
   * Whether the operating system shows an NVIDIA device or driver, or the user says where CUDA's
   * libraries are. Loads nothing.
   */
  public static boolean mayBePresent() {
    if (System.getProperty(NativeLibraries.PROPERTY) != null
        || System.getenv(NativeLibraries.VARIABLE) != null) {
      return true;
    }
    String windows = System.getenv("SystemRoot");
    return Files.exists(Path.of("/dev/nvidiactl"))
        || Files.exists(Path.of("/dev/dxg"))
        || (windows != null && Files.exists(Path.of(windows, "System32", "nvcuda.dll")));
  }

  /**
   * Whether there is a driver of CUDA 12 or newer and a device. Loads the driver where there is
   * one; never fails.
   */
  public static boolean isPresent() {
    try {
      return count() > 0;
    } catch (CudaException e) {
      LOG.debug("no CUDA: {}", e.getMessage());
      return false;
    }
  }

  /**
   * The number of devices, at least 1.
   *
   * @throws CudaException if there is no driver, it is too old, or there is no device
   */
  public static int count() {
    NativeLibraries.driver();
    initialize();
    int[] count = new int[1];
    require(Driver.cuDeviceGetCount(count), "cuDeviceGetCount");
    if (count[0] == 0) {
      throw noDevice();
    }
    return count[0];
  }

  /**
   * Opens a device.
   *
   * @param ordinal 0 to {@link #count} − 1
   * @throws CudaException if there is no driver, it is too old, there is no such device, or it has
   *     no room left
   */
  public static CudaDevice open(int ordinal) {
    int count = count();
    if (ordinal < 0 || ordinal >= count) {
      throw new CudaException(
          "no CUDA device "
              + ordinal
              + ": there "
              + (count == 1 ? "is 1, device 0" : "are " + count + ", 0 to " + (count - 1)));
    }
    int[] handle = new int[1];
    require(Driver.cuDeviceGet(handle, ordinal), "cuDeviceGet");
    return new CudaDevice(ordinal, handle[0], version());
  }

  private static void initialize() {
    int error = Driver.cuInit(0);
    switch (error) {
      case 0 -> {}
      case Driver.NO_DEVICE -> throw noDevice();
      case Driver.STUB_LIBRARY ->
          throw new CudaException(
              "the libcuda that was found is the toolkit's stub, not NVIDIA's driver; remove"
                  + " …/stubs from LD_LIBRARY_PATH or install the driver");
      case Driver.SYSTEM_DRIVER_MISMATCH ->
          throw new CudaException(
              "NVIDIA's kernel module and its libcuda are of different versions; reboot, or mount the"
                  + " host's driver into the container");
      default ->
          throw new CudaException(
              "NVIDIA's driver does not start: cuInit: "
                  + Driver.describe(error)
                  + "; does nvidia-smi work?");
    }
    int found = version();
    if (found < Driver.MINIMUM_VERSION) {
      throw new CudaException(
          "NVIDIA's driver is too old: it runs CUDA "
              + Driver.version(found)
              + ", and CUDA "
              + Driver.version(Driver.MINIMUM_VERSION)
              + " is needed; install a driver of version 525 or newer");
    }
  }

  private static int version() {
    int[] version = new int[1];
    require(Driver.cuDriverGetVersion(version), "cuDriverGetVersion");
    return version[0];
  }

  private static CudaException noDevice() {
    String visible = System.getenv("CUDA_VISIBLE_DEVICES");
    return new CudaException(
        "NVIDIA's driver finds no device"
            + (visible == null ? "" : " (CUDA_VISIBLE_DEVICES is \"" + visible + "\")")
            + "; does nvidia-smi list one?");
  }

  private static int attribute(int attribute, int handle) {
    int[] value = new int[1];
    require(Driver.cuDeviceGetAttribute(value, attribute, handle), "cuDeviceGetAttribute");
    return value[0];
  }

  private static String string(byte[] text) {
    int n = 0;
    while (n < text.length && text[n] != 0) {
      n++;
    }
    return new String(text, 0, n, StandardCharsets.UTF_8);
  }

  /** For calls that no context is needed for. */
  private static void require(int error, String call) {
    if (error != 0) {
      throw new CudaException(call + ": " + Driver.describe(error));
    }
  }

  /** Which device this is, from 0. */
  public int ordinal() {
    return ordinal;
  }

  /** The product's name. */
  public String name() {
    return name;
  }

  /** Ten times the compute capability: 90 for 9.0. */
  public int capability() {
    return capability;
  }

  /** The newest CUDA the driver runs: 12040 for 12.4. */
  public int driverVersion() {
    return driverVersion;
  }

  /** The number of multiprocessors. */
  public int multiprocessors() {
    return multiprocessors;
  }

  /** The most shared memory that a block may ask for, in bytes. */
  public int sharedMemoryPerBlock() {
    return sharedMemoryPerBlock;
  }

  /** The device's memory in bytes. */
  public long totalMemory() {
    return totalMemory;
  }

  /** What is free of it now, in bytes. */
  public long freeMemory() {
    enter();
    long[] free = new long[1];
    long[] total = new long[1];
    check(Driver.cuMemGetInfo_v2(free, total), "cuMemGetInfo");
    return free[0];
  }

  /** One line: name, capability, memory and driver. */
  public String describe() {
    return name
        + " (compute capability "
        + capability / 10
        + "."
        + capability % 10
        + ", "
        + mebibytes(totalMemory)
        + ", driver for CUDA "
        + Driver.version(driverVersion)
        + ")";
  }

  private String label() {
    return "CUDA device " + ordinal + " (" + name + ")";
  }

  private static String mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1) / (1 << 20) + " MiB";
  }

  /**
   * Takes device memory. Its contents are undefined. It is given back by {@link #free}, or by a
   * later call of this method once it can no longer be reached.
   *
   * @param bytes at least 1
   * @throws CudaException if there is not that much left
   */
  public DeviceMemory allocate(long bytes) {
    requireSize(bytes);
    enter();
    if (bytes > totalMemory) {
      throw outOfMemory(bytes);
    }
    DeviceMemory.Block block = reuse(bytes);
    if (block == null) {
      long[] address = new long[1];
      int error = Driver.cuMemAlloc_v2(address, bytes);
      if (error == Driver.OUT_OF_MEMORY) {
        throw outOfMemory(bytes);
      }
      check(error, "cuMemAlloc");
      block = new DeviceMemory.Block(address[0], bytes);
      allocations.put(address[0], block);
    }
    DeviceMemory.Owner owner = new DeviceMemory.Owner(block);
    DeviceMemory.Block known = block;
    CLEANER.register(owner, () -> unreachable.add(known));
    return new DeviceMemory(this, owner, block.address, bytes);
  }

  /**
   * A block of exactly that size that nobody can use any more; other such blocks are given back.
   * What was started on it comes before what its new owner starts, on the one stream.
   */
  private DeviceMemory.@Nullable Block reuse(long bytes) {
    DeviceMemory.Block reused = null;
    DeviceMemory.Block block = unreachable.poll();
    while (block != null) {
      if (block.freed) {
        // by hand, before
      } else if (reused == null && block.bytes == bytes) {
        reused = block;
      } else {
        free(block);
      }
      block = unreachable.poll();
    }
    return reused;
  }

  private void free(DeviceMemory.Block block) {
    block.freed = true;
    allocations.remove(block.address);
    check(Driver.cuMemFree_v2(block.address), "cuMemFree");
  }

  private static void requireSize(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("memory must have at least 1 byte, not " + bytes);
    }
  }

  private CudaException outOfMemory(long bytes) {
    long[] free = new long[1];
    long[] total = new long[1];
    boolean known = Driver.cuMemGetInfo_v2(free, total) == 0;
    return new CudaException(
        "out of memory on "
            + label()
            + ": "
            + mebibytes(bytes)
            + " asked for, "
            + (known ? mebibytes(free[0]) + " free of " : "all taken of ")
            + mebibytes(totalMemory)
            + "; take a smaller batch, network or replay buffer, or end the other programs that"
            + " nvidia-smi lists");
  }

  /**
   * Gives device memory back, once what was started has finished.
   *
   * @param memory what {@link #allocate} returned, not a slice of it
   */
  public void free(DeviceMemory memory) {
    DeviceMemory.Block block = memory.owner().block;
    if (memory.device() != this || block.freed || memory.bytes() != block.bytes) {
      throw new IllegalArgumentException("not allocated here: " + memory);
    }
    enter();
    free(block);
  }

  /**
   * Takes page-locked memory of the host. Its contents are undefined.
   *
   * @param bytes at least 1, at most 2³¹ − 1
   * @throws CudaException if the host has not that much to lock
   */
  public PinnedMemory allocatePinned(long bytes) {
    requireSize(bytes);
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "pinned memory must have at most " + Integer.MAX_VALUE + " bytes, not " + bytes);
    }
    enter();
    long[] address = new long[1];
    int error = Driver.cuMemHostAlloc(address, bytes, 0);
    if (error == Driver.OUT_OF_MEMORY) {
      throw new CudaException(
          "out of memory on the host: "
              + mebibytes(bytes)
              + " of page-locked memory asked for; take a smaller batch, or raise the limit of locked"
              + " memory (ulimit -l)");
    }
    check(error, "cuMemHostAlloc");
    PinnedMemory memory = new PinnedMemory(this, address[0], bytes);
    pinned.add(memory);
    return memory;
  }

  /** Copies from the host to the device. */
  public void upload(
      PinnedMemory from, long fromOffset, DeviceMemory to, long toOffset, long bytes) {
    requireOwn(from.device());
    requireOwn(to.device());
    long source = from.range(fromOffset, bytes);
    long target = to.range(toOffset, bytes);
    if (bytes > 0) {
      enter();
      check(Driver.cuMemcpyHtoDAsync_v2(target, source, bytes, stream), "cuMemcpyHtoDAsync");
    }
  }

  /** Copies from the device to the host. */
  public void download(
      DeviceMemory from, long fromOffset, PinnedMemory to, long toOffset, long bytes) {
    requireOwn(from.device());
    requireOwn(to.device());
    long source = from.range(fromOffset, bytes);
    long target = to.range(toOffset, bytes);
    if (bytes > 0) {
      enter();
      check(Driver.cuMemcpyDtoHAsync_v2(target, source, bytes, stream), "cuMemcpyDtoHAsync");
    }
  }

  /** Copies on the device, between ranges that do not overlap. */
  public void copy(DeviceMemory from, long fromOffset, DeviceMemory to, long toOffset, long bytes) {
    requireOwn(from.device());
    requireOwn(to.device());
    long source = from.range(fromOffset, bytes);
    long target = to.range(toOffset, bytes);
    if (bytes > 0) {
      enter();
      check(Driver.cuMemcpyDtoDAsync_v2(target, source, bytes, stream), "cuMemcpyDtoDAsync");
    }
  }

  /**
   * Sets 32-bit words.
   *
   * @param offset bytes, a multiple of 4
   * @param words their number
   * @param bits what to set them to: 0, or a float's bits
   */
  public void fill(DeviceMemory memory, long offset, long words, int bits) {
    requireOwn(memory.device());
    if (words < 0 || words > Long.MAX_VALUE / 4) {
      throw new IllegalArgumentException("cannot fill " + words + " words");
    }
    long target = memory.range(offset, 4 * words);
    if (target % 4 != 0) {
      throw new IllegalArgumentException("offset must be a multiple of 4, not " + offset);
    }
    if (words > 0) {
      enter();
      check(Driver.cuMemsetD32Async(target, bits, words, stream), "cuMemsetD32Async");
    }
  }

  /**
   * Waits for all that was started.
   *
   * @throws CudaException if some of it failed
   */
  public void synchronize() {
    enter();
    check(Driver.cuStreamSynchronize(stream), "cuStreamSynchronize");
  }

  /** A mark on the stream for measuring time. */
  public CudaEvent event() {
    enter();
    return new CudaEvent(this);
  }

  /**
   * Compiles CUDA C++ for this device, or takes what was compiled before from the user's cache.
   *
   * @param source whose kernels are {@code extern "C"}
   * @param name for the compiler's messages
   * @param options for NVRTC, beyond the architecture
   * @throws CudaException if NVRTC is not there, the source has an error, or the device cannot run
   *     it
   */
  public CudaModule compile(String name, String source, String... options) {
    enter();
    return CudaModule.compile(this, name, source, List.of(options));
  }

  /**
   * Matrix products by cuBLAS, loaded when first asked for.
   *
   * @throws CudaException if cuBLAS is not there
   */
  public CudaBlas blas() {
    CudaBlas made = blas;
    if (made == null) {
      enter();
      made = new CudaBlas(this);
      blas = made;
    }
    return made;
  }

  /**
   * Records what {@code work} starts on this device, without running it, for running it many times
   * at the cost of one launch. Arguments, sizes and addresses are those of the recording; contents
   * of memory, pinned memory too, are those of each run. The work must not allocate, free or
   * synchronize, and should have run once before, so that everything it needs is loaded.
   */
  public CudaGraph capture(Runnable work) {
    enter();
    return CudaGraph.capture(this, work);
  }

  long stream() {
    return stream;
  }

  /** To be called first by all that needs the context. */
  void enter() {
    if (closed) {
      throw new IllegalStateException(label() + " is closed");
    }
    if (lost != null) {
      throw new CudaException(lost);
    }
    if (CURRENT.get() != this) {
      check(Driver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
      CURRENT.set(this);
    }
  }

  void add(Part part) {
    parts.add(part);
  }

  /** Releases a part before the device is closed. */
  void remove(Part part) {
    if (parts.remove(part)) {
      enter();
      check(part.release(), "giving back");
    }
  }

  /** Turns a result of the driver into an exception, unless it is 0. */
  void check(int error, String call) {
    if (error != 0) {
      throw failure(error, call);
    }
  }

  private CudaException failure(int error, String call) {
    if (error == Driver.OUT_OF_MEMORY) {
      return new CudaException(
          "out of memory on " + label() + " in " + call + "; take a smaller batch or network");
    }
    String message = call + " on " + label() + ": " + Driver.describe(error);
    if (Driver.isSticky(error)) {
      lost =
          message
              + "; an earlier kernel failed and what the device held is lost: start again from the"
              + " last checkpoint";
      return new CudaException(lost);
    }
    return new CudaException(message);
  }

  @Override
  public String toString() {
    return label();
  }

  /**
   * Waits, then gives back the memory, modules, graphs and the context. What was taken from the
   * device is not to be used afterwards. Closing twice does nothing.
   *
   * @throws CudaException if what was started before failed; everything is given back all the same
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    CURRENT.remove();
    int failed = Driver.cuCtxSetCurrent(context);
    // Results are looked at only after everything was tried: a lost context refuses most of it.
    failed = first(failed, Driver.cuStreamSynchronize(stream));
    for (int i = parts.size() - 1; i >= 0; i--) {
      failed = first(failed, parts.get(i).release());
    }
    parts.clear();
    for (DeviceMemory.Block block : allocations.values()) {
      block.freed = true;
      failed = first(failed, Driver.cuMemFree_v2(block.address));
    }
    allocations.clear();
    for (PinnedMemory memory : pinned) {
      long address = memory.address();
      memory.markFreed();
      failed = first(failed, Driver.cuMemFreeHost(address));
    }
    failed = first(failed, Driver.cuStreamDestroy_v2(stream));
    failed = first(failed, Driver.cuCtxSetCurrent(0));
    failed = first(failed, Driver.cuDevicePrimaryCtxRelease_v2(handle));
    if (failed != 0 && lost == null) {
      throw failure(failed, "closing");
    }
  }

  private static int first(int failed, int error) {
    return failed != 0 ? failed : error;
  }

  private void requireOwn(CudaDevice owner) {
    if (owner != this) {
      throw new IllegalArgumentException("the memory is " + owner + "'s, not " + this + "'s");
    }
  }
}
