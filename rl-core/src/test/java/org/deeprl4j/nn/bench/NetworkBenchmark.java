package org.deeprl4j.nn.bench;

import java.util.concurrent.TimeUnit;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.random.Rng;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The workloads that {@code rl-examples/benchmarks/peers.py networks} times in PyTorch: one fit
 * step (forward, backward, Adam) and one inference of a single row.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC"})
public class NetworkBenchmark {
  /** Kernels. */
  @Param({"VECTOR", "BLAS"})
  public String kernels;

  /** Threads. */
  @Param({"1", "2"})
  public int threads;

  private Compute compute;
  private Fit small;
  private Fit large;
  private Fit pictures;
  private Network policy;
  private Tensor one;

  /** A network with a batch to fit. */
  private static final class Fit {
    private final Network network;
    private final Tensor x;
    private final Tensor y;
    private final Tensor delta;
    private final Adam adam = new Adam(0.9, 0.999, 1e-8);

    Fit(Compute compute, NetworkSpec spec, int batch) {
      network = compute.network(spec, new Rng(1));
      x = compute.tensor(batch, spec.inputs());
      y = compute.tensor(batch, spec.outputs());
      delta = compute.tensor(batch, spec.outputs());
      new Rng(2).fillGaussian(x.floatsForWriting(), 0, x.size());
      new Rng(3).fillGaussian(y.floatsForWriting(), 0, y.size());
    }

    Tensor step() {
      float[] out = network.forward(x).floats();
      float[] target = y.floats();
      float[] d = delta.floatsForWriting();
      float scale = 2f / y.size();
      for (int i = 0; i < y.size(); i++) {
        d[i] = scale * (out[i] - target[i]);
      }
      network.gradient().fill(0);
      network.backward(delta);
      adam.step(network.parameters(), network.gradient(), 3e-4);
      return network.parameters();
    }
  }

  /** Builds the networks. */
  @Setup
  public void setUp() {
    compute = Compute.create(Compute.Kernels.valueOf(kernels), threads);
    small = new Fit(compute, Mlp.of(4, 2, 64, 64), 64);
    large = new Fit(compute, Mlp.of(17, 6, 256, 256).withActivation(Activation.RELU), 256);
    pictures = new Fit(compute, pictures(), 32);
    policy = compute.network(Mlp.of(4, 2, 64, 64), new Rng(1));
    one = compute.tensor(1, 4);
  }

  /**
   * That of Mnih et al. 2015 for stacks of four pictures of 84 × 84 pixels, with 512 units and 3
   * actions.
   */
  private static NetworkSpec pictures() {
    NetworkSpec first = layer(1.0 / 255, 84, 4, true, 32, 8, 4);
    NetworkSpec second = layer(1, 20, 32, false, 64, 4, 2);
    NetworkSpec third = layer(1, 9, 64, false, 64, 3, 1);
    return new NetworkSpec.Stacked(
        new NetworkSpec.Stacked(new NetworkSpec.Stacked(first, second, false), third, false),
        Mlp.of(third.outputs(), 3, 512).withActivation(Activation.RELU),
        false);
  }

  private static NetworkSpec layer(
      double scale, int size, int channels, boolean first, int filters, int kernel, int stride) {
    return new NetworkSpec.Convolution(
        scale,
        size,
        size,
        channels,
        first,
        filters,
        kernel,
        stride,
        Activation.RELU,
        new Mlp.Init.FanInUniform());
  }

  /** Stops the helper threads. */
  @TearDown
  public void tearDown() {
    compute.close();
  }

  /** 64×64 tanh, batch 64. */
  @Benchmark
  public Tensor fit64() {
    return small.step();
  }

  /** 256×256 ReLU, batch 256. */
  @Benchmark
  public Tensor fit256() {
    return large.step();
  }

  /** Three convolutions and 512 units, batch 32. */
  @Benchmark
  public Tensor fitPictures() {
    return pictures.step();
  }

  /** 64×64 tanh, one row. */
  @Benchmark
  public Tensor inference() {
    return policy.predict(one);
  }
}
