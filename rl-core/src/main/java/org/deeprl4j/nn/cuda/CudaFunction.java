package org.deeprl4j.nn.cuda;

/** A kernel of a {@link CudaModule}. */
public final class CudaFunction {
  private final CudaDevice device;
  private final String name;
  private final long handle;

  CudaFunction(CudaDevice device, String name, long handle) {
    this.device = device;
    this.name = name;
    this.handle = handle;
  }

  /** The kernel's name. */
  public String name() {
    return name;
  }

  /**
   * The most threads that a block of it can have: less than the device's where it uses many
   * registers.
   */
  public int maxThreads() {
    device.enter();
    int[] value = new int[1];
    device.check(
        Driver.cuFuncGetAttribute(value, Driver.FUNCTION_MAX_THREADS, handle),
        "cuFuncGetAttribute of " + name);
    return value[0];
  }

  /**
   * Lets its blocks have more dynamic shared memory than the 48 KiB that are allowed anyway.
   *
   * @param bytes at most {@link CudaDevice#sharedMemoryPerBlock}
   */
  public void allowSharedMemory(int bytes) {
    if (bytes < 0 || bytes > device.sharedMemoryPerBlock()) {
      throw new IllegalArgumentException(
          "shared memory of "
              + name
              + " must be 0 to "
              + device.sharedMemoryPerBlock()
              + " bytes on "
              + device
              + ", not "
              + bytes);
    }
    device.enter();
    device.check(
        Driver.cuFuncSetAttribute(handle, Driver.FUNCTION_MAX_DYNAMIC_SHARED, bytes),
        "cuFuncSetAttribute of " + name);
  }

  /**
   * A place where the kernel is launched from, with arguments of its own, all zero at first.
   *
   * @param bytes the size of the one structure that the kernel takes by value, as C counts
   * @throws IllegalArgumentException if the driver knows that the kernel takes something else
   */
  public KernelLaunch prepare(int bytes) {
    KernelLaunch launch = new KernelLaunch(device, this, bytes);
    device.enter();
    Long size = Driver.argumentBytes(handle);
    if (size != null && size != bytes) {
      throw new IllegalArgumentException(
          name + " takes " + size + " bytes of arguments, not " + bytes);
    }
    return launch;
  }

  long handle() {
    return handle;
  }
}
