package org.deeprl4j.nn.cuda;

/** A mark on a device's stream: when the work before it has finished. */
public final class CudaEvent implements AutoCloseable {
  private final CudaDevice device;
  private final CudaDevice.Part part;
  private final long handle;

  CudaEvent(CudaDevice device) {
    this.device = device;
    long[] made = new long[1];
    device.check(Driver.cuEventCreate(made, 0), "cuEventCreate");
    long event = made[0];
    handle = event;
    part = () -> Driver.cuEventDestroy_v2(event);
    device.add(part);
  }

  /** Puts the mark behind what was started so far. */
  public void record() {
    device.enter();
    device.check(Driver.cuEventRecord(handle, device.stream()), "cuEventRecord");
  }

  /** Waits until the mark is passed. */
  public void synchronize() {
    device.enter();
    device.check(Driver.cuEventSynchronize(handle), "cuEventSynchronize");
  }

  /** The milliseconds from an earlier mark to this one, both of which are passed. */
  public float millisecondsSince(CudaEvent earlier) {
    device.enter();
    float[] milliseconds = new float[1];
    device.check(
        Driver.cuEventElapsedTime(milliseconds, earlier.handle, handle), "cuEventElapsedTime");
    return milliseconds[0];
  }

  @Override
  public void close() {
    device.remove(part);
  }
}
