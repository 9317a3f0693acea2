package org.deeprl4j.nn.cuda;

import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A launch of a kernel: its arguments, grid and block, set once or anew each time, and run without
 * allocating anything. The arguments are copied when it runs, or is recorded by {@link
 * CudaDevice#capture}: they may be changed right after.
 */
public final class KernelLaunch {
  private static final int MAX_THREADS = 1024;
  private static final int MAX_GRID_YZ = 65535;

  private final CudaDevice device;
  private final CudaFunction function;
  private final int count;

  /**
   * The addresses of the arguments, then the arguments, eight bytes each, as cuLaunchKernel reads.
   */
  private final ByteBuffer block;

  private final long blockAddress;
  private final int values;
  private final long complete;
  private long given;
  private int gridX = 1;
  private int gridY = 1;
  private int gridZ = 1;
  private int blockX = 1;
  private int blockY = 1;
  private int blockZ = 1;
  private int sharedBytes;

  KernelLaunch(CudaDevice device, CudaFunction function, int count) {
    if (count < 0 || count > 63) {
      throw new IllegalArgumentException(function.name() + " cannot have " + count + " arguments");
    }
    this.device = device;
    this.function = function;
    this.count = count;
    values = 8 * count;
    complete = (1L << count) - 1;
    block = ByteBuffer.allocateDirect(Math.max(8, 16 * count)).order(ByteOrder.nativeOrder());
    blockAddress = com.sun.jna.Pointer.nativeValue(Native.getDirectBufferPointer(block));
    for (int i = 0; i < count; i++) {
      block.putLong(8 * i, blockAddress + values + 8L * i);
    }
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

  /** Sets an argument that is a pointer. */
  public KernelLaunch set(int index, DeviceMemory memory) {
    if (memory.device() != device) {
      throw new IllegalArgumentException(
          "argument " + index + " of " + function.name() + " is memory of " + memory.device());
    }
    block.putLong(slot(index), memory.address());
    return this;
  }

  /** Sets an argument that is a pointer, to null. */
  public KernelLaunch setNull(int index) {
    block.putLong(slot(index), 0);
    return this;
  }

  /** Sets an argument of 32 bits. */
  public KernelLaunch set(int index, int value) {
    block.putInt(slot(index), value);
    return this;
  }

  /** Sets an argument of 64 bits that is not a pointer. */
  public KernelLaunch set(int index, long value) {
    block.putLong(slot(index), value);
    return this;
  }

  /** Sets an argument of type float. */
  public KernelLaunch set(int index, float value) {
    block.putFloat(slot(index), value);
    return this;
  }

  private int slot(int index) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException(
          function.name() + " has " + count + " arguments, no argument " + index);
    }
    given |= 1L << index;
    return values + 8 * index;
  }

  /**
   * Starts the kernel.
   *
   * @throws IllegalStateException if an argument was never set
   */
  public void run() {
    if (given != complete) {
      throw new IllegalStateException(
          "argument "
              + Long.numberOfTrailingZeros(~given)
              + " of "
              + function.name()
              + " is not set");
    }
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
