package org.deeprl4j.nn.cuda;

/** Recorded work, to be run again and again by one launch; see {@link CudaDevice#capture}. */
public final class CudaGraph implements AutoCloseable {
  private final CudaDevice device;
  private final CudaDevice.Part part;
  private final long executable;

  private CudaGraph(CudaDevice device, long executable) {
    this.device = device;
    this.executable = executable;
    part = () -> Driver.cuGraphExecDestroy(executable);
    device.add(part);
  }

  static CudaGraph capture(CudaDevice device, Runnable work) {
    device.check(
        Driver.cuStreamBeginCapture_v2(device.stream(), Driver.CAPTURE_THREAD_LOCAL),
        "cuStreamBeginCapture");
    long[] graph = new long[1];
    boolean recorded = false;
    int ended;
    try {
      work.run();
      recorded = true;
    } finally {
      ended = Driver.cuStreamEndCapture(device.stream(), graph);
      if (!recorded && ended == 0 && graph[0] != 0) {
        Driver.cuGraphDestroy(graph[0]);
      }
    }
    device.check(ended, "cuStreamEndCapture");
    long[] executable = new long[1];
    int instantiated = Driver.cuGraphInstantiateWithFlags(executable, graph[0], 0);
    int destroyed = Driver.cuGraphDestroy(graph[0]);
    device.check(instantiated, "cuGraphInstantiate");
    if (destroyed != 0) {
      Driver.cuGraphExecDestroy(executable[0]);
      device.check(destroyed, "cuGraphDestroy");
    }
    return new CudaGraph(device, executable[0]);
  }

  /** Starts all of it. */
  public void launch() {
    device.enter();
    device.check(Driver.cuGraphLaunch(executable, device.stream()), "cuGraphLaunch");
  }

  /** Gives it back; what was started goes on. */
  @Override
  public void close() {
    device.remove(part);
  }
}
