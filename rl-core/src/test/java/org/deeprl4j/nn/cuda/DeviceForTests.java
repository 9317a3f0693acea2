package org.deeprl4j.nn.cuda;

import java.nio.file.Path;

/**
 * A device for tests: a real one where there is one, else the fake driver with the library's own
 * kernels compiled for the host, and none where there is no C++ compiler either: the test is
 * skipped then. It stays open, so that devices the tests open and close in between cost little.
 */
public final class DeviceForTests implements AutoCloseable {
  /** The kernels on the host. */
  static final Path KERNELS = Path.of("src/test/cpp/kernels_host.cpp");

  private final CudaKernels kernels;
  private final boolean faked;

  private DeviceForTests(CudaKernels kernels, boolean faked) {
    this.kernels = kernels;
    this.faked = faked;
  }

  /** Opens it. */
  public static DeviceForTests open() {
    boolean faked = !CudaDevice.mayBePresent();
    if (faked) {
      FakeCuda.load(KERNELS);
    }
    return new DeviceForTests(CudaKernels.open(0), faked);
  }

  /** The device's kernels. */
  public CudaKernels kernels() {
    return kernels;
  }

  @Override
  public void close() {
    kernels.close();
    if (faked) {
      FakeCuda.unload();
    }
  }
}
