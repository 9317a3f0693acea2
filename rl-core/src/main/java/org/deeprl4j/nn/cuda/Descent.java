package org.deeprl4j.nn.cuda;

import org.jspecify.annotations.Nullable;

/** One step of an optimiser on a vector of the device; see {@link CudaKernels#adam}. */
public final class Descent {
  /** Bytes of the structure Descent in kernels.cu. */
  static final int BYTES = 6 * 8 + 8 + 6 * 4;

  private final DeviceMemory x;
  private final DeviceMemory first;
  private final DeviceMemory second;
  private final DeviceMemory gradient;
  final int n;
  private @Nullable DeviceMemory follower;
  private @Nullable DeviceMemory rates;
  private float beta1;
  private float beta2;
  private float rate;
  private float epsilon;
  private float tau;

  /**
   * A step along a gradient.
   *
   * @param x [n], to be moved
   * @param first the first moments [n], or any n floats where the optimiser has none
   * @param second the second moments [n]
   */
  public Descent(
      DeviceMemory x, DeviceMemory first, DeviceMemory second, DeviceMemory gradient, int n) {
    for (DeviceMemory memory : new DeviceMemory[] {x, first, second, gradient}) {
      Product.requireFits("a vector of a descent", memory, 1, n, n);
    }
    this.x = x;
    this.first = first;
    this.second = second;
    this.gradient = gradient;
    this.n = n;
  }

  /** Sets the decays of the moments, the step size and what is added to the root. */
  public Descent rates(float decay1, float decay2, float stepSize, float added) {
    beta1 = decay1;
    beta2 = decay2;
    rate = stepSize;
    epsilon = added;
    return this;
  }

  /**
   * As {@link #rates(float, float, float, float)}, with the step size and what is added read on the
   * device when the step is made, so that a recorded step can be given new ones.
   */
  public Descent rates(float decay1, float decay2, DeviceMemory stepSizeAndAdded) {
    Product.requireFits("the rates", stepSizeAndAdded, 1, 2, 2);
    beta1 = decay1;
    beta2 = decay2;
    rates = stepSizeAndAdded;
    return this;
  }

  /** Also moves a vector towards x by {@code part} of the way: follower += part·(x − follower). */
  public Descent follower(DeviceMemory vector, float part) {
    Product.requireFits("the follower", vector, 1, n, n);
    follower = vector;
    tau = part;
    return this;
  }

  void put(KernelLaunch launch, int at) {
    launch.put(at, x).put(at + 8, first).put(at + 16, second).put(at + 24, gradient);
    launch.putOrNull(at + 32, follower);
    launch.putOrNull(at + 40, rates);
    launch.put(at + 48, (long) n);
    launch.put(at + 56, beta1).put(at + 60, beta2).put(at + 64, rate).put(at + 68, epsilon);
    launch.put(at + 72, tau);
  }
}
