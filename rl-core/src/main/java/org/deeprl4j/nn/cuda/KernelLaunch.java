package org.deeprl4j.nn.cuda;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A launch of a kernel that takes one structure by value: its fields, grid and block, set once or
 * anew each time, and run without allocating anything. The structure is copied when it runs, or is
 * recorded by {@link CudaDevice#capture}: it may be changed right after.
 */
public final class KernelLaunch {
  private static final int MAX_THREADS = 1024;
  private static final int MAX_GRID_YZ = 65535;

  /** What every device takes. */
  private static final int MAX_BYTES = 4096;

  private static final int STRUCTURE = 16;

  private final CudaDevice device;
  private final CudaFunction function;

  /**
   * The address of the structure, eight bytes, as cuLaunchKernel reads it, and then the structure.
   */
  private final ByteBuffer block;

  private final long blockAddress;
  private final int bytes;
  private int gridX = 1;
  private int gridY = 1;
  private int gridZ = 1;
  private int blockX = 1;
  private int blockY = 1;
  private int blockZ = 1;
  private int sharedBytes;

  KernelLaunch(CudaDevice device, CudaFunction function, int bytes) {
    if (bytes < 1 || bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          function.name() + " cannot take " + bytes + " bytes of arguments; 1 to " + MAX_BYTES);
    }
    this.device = device;
    this.function = function;
    this.bytes = bytes;
    // The driver copies the structure, so that where it starts does not matter.
    block = ByteBuffer.allocateDirect(STRUCTURE + bytes).order(ByteOrder.nativeOrder());
    blockAddress = Pointer.nativeValue(Native.getDirectBufferPointer(block));
    block.putLong(0, blockAddress + STRUCTURE);
  }

  /** Sets the number of blocks. */
  public KernelLaunch grid(int x, int y, int z) {
    if (x < 1 || y < 1 || y > MAX_GRID_YZ || z < 1 || z > MAX_GRID_YZ) {
      throw new IllegalArgumentException(
          function.name() + " cannot run on a grid of " + x + "×" + y + "×" + z + " blocks");
    }
    gridX = x;
    gridY = y;
    gridZ = z;
    return this;
  }

  /** Sets the number of blocks, in a row. */
  public KernelLaunch grid(int x) {
    return grid(x, 1, 1);
  }

  /** Sets the number of threads in a block, at most 1024 in all. */
  public KernelLaunch block(int x, int y, int z) {
    if (x < 1 || y < 1 || z < 1 || (long) x * y * z > MAX_THREADS || z > 64) {
      throw new IllegalArgumentException(
          function.name() + " cannot run in blocks of " + x + "×" + y + "×" + z + " threads");
    }
    blockX = x;
    blockY = y;
    blockZ = z;
    return this;
  }

  /** Sets the number of threads in a block, in a row. */
  public KernelLaunch block(int x) {
    return block(x, 1, 1);
  }

  /** Sets the dynamic shared memory of a block, in bytes. */
  public KernelLaunch shared(int bytes) {
    if (bytes < 0 || bytes > device.sharedMemoryPerBlock()) {
      throw new IllegalArgumentException(
          function.name()
              + " cannot have "
              + bytes
              + " bytes of shared memory; the device has "
              + device.sharedMemoryPerBlock());
    }
    sharedBytes = bytes;
    return this;
  }

  /** Sets the pointer at an offset in bytes. */
  public KernelLaunch put(int offset, DeviceMemory memory) {
    if (memory.device() != device) {
      throw new IllegalArgumentException(
          "what is at " + offset + " for " + function.name() + " is memory of " + memory.device());
    }
    block.putLong(place(offset, 8), memory.address());
    return this;
  }

  /** Sets the pointer at an offset to null. */
  public KernelLaunch putNull(int offset) {
    block.putLong(place(offset, 8), 0);
    return this;
  }

  /** Sets the pointer at an offset, or makes it null. */
  public KernelLaunch putOrNull(int offset, @Nullable DeviceMemory memory) {
    return memory == null ? putNull(offset) : put(offset, memory);
  }

  /** Sets the int at an offset. */
  public KernelLaunch put(int offset, int value) {
    block.putInt(place(offset, 4), value);
    return this;
  }

  /** Sets the long long at an offset. */
  public KernelLaunch put(int offset, long value) {
    block.putLong(place(offset, 8), value);
    return this;
  }

  /** Sets the float at an offset. */
  public KernelLaunch put(int offset, float value) {
    block.putFloat(place(offset, 4), value);
    return this;
  }

  private int place(int offset, int size) {
    if (offset < 0 || offset > bytes - size || offset % size != 0) {
      throw new IndexOutOfBoundsException(
          function.name() + " has no field of " + size + " bytes at " + offset + " of " + bytes);
    }
    return STRUCTURE + offset;
  }

  /** Starts the kernel. */
  public void run() {
    device.enter();
    int error =
        Driver.cuLaunchKernel(
            function.handle(),
            gridX,
            gridY,
            gridZ,
            blockX,
            blockY,
            blockZ,
            sharedBytes,
            device.stream(),
            blockAddress,
            0);
    if (error != 0) {
      device.check(error, "cuLaunchKernel of " + function.name());
    }
  }
}
