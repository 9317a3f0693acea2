package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeprl4j.nn.cuda.DeviceForTests;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.optim.GradientClipping;
import org.deeprl4j.optim.RmsProp;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.Stateful;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks on a GPU, or on the same kernels compiled for the host. */
final class CudaNetworkTest extends NetworkContract {
  private static DeviceForTests device;

  @BeforeAll
  static void open() {
    device = DeviceForTests.open();
  }

  @AfterAll
  static void close() {
    if (device != null) {
      device.close();
    }
  }

  @Override
  Compute compute(int threads) {
    return Compute.create(Compute.Kernels.CUDA, threads);
  }

  private static Compute host() {
    return Compute.create(Compute.Kernels.VECTOR, 1);
  }

  private static Tensor random(Compute compute, int rows, int columns, long seed) {
    Tensor x = compute.tensor(rows, columns);
    new Rng(seed).fillGaussian(x.floatsForWriting(), 0, rows * columns);
    return x;
  }

  private static void assertNear(Tensor expected, Tensor actual, double tolerance, String what) {
    assertEquals(expected.size(), actual.size(), what);
    double scale = Math.max(1e-3, expected.norm2() / Math.sqrt(Math.max(1, expected.size())));
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(
          expected.floats()[expected.offset() + i],
          actual.floats()[actual.offset() + i],
          tolerance * scale,
          what + "[" + i + "]");
    }
  }

  /** Networks and rows: small tiles, each larger one, cuBLAS, and everything put together. */
  static Stream<Arguments> networks() {
    Mlp body = Mlp.of(7, 40, 24).withOutputActivation(Activation.TANH);
    NetworkSpec together =
        new NetworkSpec.SideBySide(
            List.of(
                new NetworkSpec.Stacked(body, Mlp.of(40, 3), true),
                Mlp.of(7, 2, 9).withLayerNorm(true),
                new NetworkSpec.Constant(7, List.of(0.5, -1.0))));
    Stream<Arguments> activations =
        Stream.of(Activation.values())
            .map(a -> Arguments.of(Mlp.of(5, 3, 34, 65).withActivation(a), 70));
    return Stream.concat(
        activations,
        Stream.of(
            Arguments.of(Mlp.of(17, 1, 256, 256).withActivation(Activation.RELU), 256),
            Arguments.of(Mlp.of(23, 12, 100, 50).withLayerNorm(true), 33),
            Arguments.of(Mlp.of(9, 2, 65).withLayerNorm(true).withActivation(Activation.GELU), 130),
            Arguments.of(
                Mlp.of(3, 1025).withOutputActivation(Activation.SWISH), 4097), // large tiles
            Arguments.of(Mlp.of(513, 512).withOutputActivation(Activation.SIGMOID), 514), // cuBLAS
            Arguments.of(together, 19)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void everything_agreesWithTheHost(NetworkSpec spec, int rows) {
    try (Compute compute = compute(1);
        Compute host = host()) {
      Network network = compute.network(spec, new Rng(1));
      Network reference = host.network(spec, new Rng(1));
      assertArrayEquals(reference.parameters().floats(), network.parameters().floats());
      Tensor x = random(compute, rows, spec.inputs(), 2);
      Tensor hostX = random(host, rows, spec.inputs(), 2);
      assertNear(reference.predict(hostX), network.predict(x), 2e-5, "predicted");
      assertNear(reference.forward(hostX), network.forward(x), 2e-5, "y");
      Tensor dy = random(compute, rows, spec.outputs(), 3);
      Tensor hostDy = random(host, rows, spec.outputs(), 3);
      assertNear(reference.backwardWithInput(hostDy), network.backwardWithInput(dy), 1e-4, "dL/dx");
      assertNear(reference.gradient(), network.gradient(), 1e-4, "gradient");
      assertNear(reference.inputGradient(hostDy), network.inputGradient(dy), 1e-4, "dL/dx alone");
      assertEquals(
          reference.gradient().norm2(),
          network.gradient().norm2(),
          1e-5 * reference.gradient().norm2());
      if (spec instanceof Mlp) {
        Tensor v = random(compute, 1, spec.parameterCount(), 4);
        Tensor hostV = random(host, 1, spec.parameterCount(), 4);
        assertNear(reference.directional(hostV), network.directional(v), 1e-4, "directional");
      }
    }
  }

  static Stream<Arguments> optimizers() {
    return Stream.of(
        optimizer("Adam", () -> new Adam(0.9, 0.999, 1e-8)),
        optimizer("RMSProp", () -> new RmsProp(0.99, 1e-5)));
  }

  private static Arguments optimizer(String name, Supplier<Stateful> made) {
    return Arguments.of(name, made);
  }

  /** Three steps there, one more after the state went over as a checkpoint, each way. */
  @ParameterizedTest
  @MethodSource("optimizers")
  void optimizers_stepAsOnTheHost_andCheckpointsMove(String name, Supplier<Stateful> made) {
    Mlp spec = Mlp.of(5, 3, 20);
    try (Compute compute = compute(1);
        Compute host = host()) {
      Network[] networks = {compute.network(spec, new Rng(1)), host.network(spec, new Rng(1))};
      Stateful[] optimizers = {made.get(), made.get()};
      for (int step = 0; step < 3; step++) {
        for (int i = 0; i < 2; i++) {
          descend(i == 0 ? compute : host, networks[i], optimizers[i], step);
        }
      }
      assertNear(networks[1].parameters(), networks[0].parameters(), 2e-5, name);
      for (int i = 0; i < 2; i++) {
        Compute other = i == 0 ? host : compute;
        Network moved = other.network(spec, new Rng(2));
        Stateful movedOptimizer = made.get();
        byte[] state = StateFile.toBytes("network", networks[i]);
        StateFile.fromBytes(state, "network", moved);
        assertArrayEquals(networks[i].parameters().floats(), moved.parameters().floats());
        StateFile.fromBytes(
            StateFile.toBytes("optimizer", optimizers[i]), "optimizer", movedOptimizer);
        descend(other, moved, movedOptimizer, 3);
        descend(i == 0 ? compute : host, networks[i], optimizers[i], 3);
        assertNear(networks[i].parameters(), moved.parameters(), 2e-5, name + " after a move");
      }
    }
  }

  private static void descend(Compute compute, Network network, Stateful optimizer, int step) {
    network.gradient().fill(0);
    Tensor y = network.forward(random(compute, 6, network.inputSize(), 100 + step));
    network.backward(y);
    GradientClipping.globalNorm(0.5, network.gradient());
    if (optimizer instanceof Adam adam) {
      adam.step(network.parameters(), network.gradient(), 1e-2);
    } else {
      ((RmsProp) optimizer).step(network.parameters(), network.gradient(), 1e-2);
    }
  }

  @Test
  void training_repeatsBitForBit() {
    float[][] results = new float[2][];
    for (int i = 0; i < 2; i++) {
      try (Compute compute = compute(1)) {
        Network network =
            compute.network(Mlp.of(11, 4, 70, 70).withActivation(Activation.RELU), new Rng(1));
        Adam adam = new Adam(0.9, 0.999, 1e-8);
        for (int step = 0; step < 5; step++) {
          descend(compute, network, adam, step);
        }
        results[i] = network.parameters().floats().clone();
      }
    }
    assertArrayEquals(results[0], results[1]);
  }

  @Test
  void tensors_computeAsOnTheHost() {
    try (Compute compute = compute(1)) {
      int n = 5000;
      Tensor x = random(compute, 1, n, 1);
      Tensor y = random(compute, 1, n, 2);
      Tensor hostX = Tensor.host(1, n);
      Tensor hostY = Tensor.host(1, n);
      hostX.copyFrom(x);
      hostY.copyFrom(y);
      assertEquals(hostX.dot(hostY), x.dot(y), 1e-9 * n);
      for (Tensor[] pair : new Tensor[][] {{x, y}, {hostX, hostY}}) {
        pair[1].axpy(0.25, pair[0]);
        pair[1].scale(-1.5);
        pair[1].moveTowards(pair[0], 0.1);
        pair[1].slice(100, 50).fill(3);
        pair[1].slice(200, 50).axpy(2, pair[0].slice(300, 50));
        pair[1].slice(400, 50).copyFrom(pair[0].slice(0, 50));
      }
      assertNear(hostY, y, 1e-6, "y");
      Tensor crossed = compute.tensor(1, n);
      crossed.copyFrom(hostY);
      assertArrayEquals(hostY.floats(), crossed.floats());
      y.floatsForWriting()[7] = 42;
      assertEquals(42, y.slice(7, 1).dot(ones(compute)), 0);
    }
  }

  private static Tensor ones(Compute compute) {
    Tensor one = compute.tensor(1, 1);
    one.fill(1);
    return one;
  }

  /**
   * The collector tells us when it likes, and other programs take memory, too: a leak is always.
   */
  @Test
  void tensorsNobodyHolds_giveTheirMemoryBack() throws InterruptedException {
    try (Compute compute = compute(1)) {
      long taken = Long.MAX_VALUE;
      for (int attempt = 0; attempt < 20 && taken > 50L << 20; attempt++) {
        long before = device.kernels().device().freeMemory();
        for (int i = 0; i < 100; i++) {
          compute.tensor(1 << 18, 1).fill(1);
          if (i % 10 == 9) {
            System.gc();
            Thread.sleep(20);
          }
        }
        taken = before - device.kernels().device().freeMemory();
      }
      assertTrue(taken <= 50L << 20, taken + " bytes of " + (100L << 20));
      // what cuBLAS works in is not among what was given back
      Network network = compute.network(Mlp.of(512, 512), new Rng(1));
      Tensor x = random(compute, 512, 512, 2);
      float first = network.predict(x).floats()[0];
      Tensor row = compute.tensor(1, 512);
      System.arraycopy(x.floats(), 0, row.floatsForWriting(), 0, 512);
      assertEquals(network.predict(row).floats()[0], first, 1e-4);
    }
  }

  @Test
  void auto_putsWideNetworksOnTheDevice() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      Network wide = compute.network(Mlp.of(3, 1, 256, 256), new Rng(1));
      Network narrow = compute.network(Mlp.of(3, 1, 64, 64), new Rng(1));
      assertEquals(Tensor.Home.CUDA, wide.parameters().home());
      assertEquals(Tensor.Home.HOST, narrow.parameters().home());
      assertEquals(Compute.Kernels.AUTO, compute.kernels());
      // what is made for either kind lives on the host, and goes over when it is needed
      Tensor x = random(compute, 5, 3, 2);
      Tensor dy = random(compute, 5, 1, 3);
      assertEquals(Tensor.Home.HOST, x.home());
      for (Network network : List.of(wide, narrow)) {
        network.forward(x);
        network.backward(dy);
        assertTrue(network.gradient().norm2() > 0);
      }
    }
  }

  @Test
  void describe_namesTheDevice() {
    try (Compute compute = compute(2)) {
      assertTrue(compute.describe().contains("compute capability"), compute.describe());
      assertEquals(Compute.Kernels.CUDA, compute.kernels());
    }
  }

  @Test
  void updatesOfOtherNetworks_areRefused() {
    try (Compute compute = compute(1);
        Compute host = host()) {
      Network actor = compute.network(Mlp.of(3, 2, 8), new Rng(1));
      Network critic = compute.network(Mlp.of(4, 1, 8), new Rng(2));
      Network onHost = host.network(Mlp.of(4, 1, 8), new Rng(2));
      Network normalised = compute.network(Mlp.of(4, 1, 8).withLayerNorm(true), new Rng(2));
      assertTrue(CudaSacUpdate.fits(actor, critic, critic));
      assertTrue(!CudaSacUpdate.fits(actor, onHost));
      assertTrue(!CudaSacUpdate.fits(actor, normalised));
      assertTrue(!CudaSacUpdate.fits(actor, critic, critic, critic, critic, critic));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              new CudaSacUpdate(
                  new CudaSacUpdate.Settings(4, 3, 1, 0.9, 0.999, 0.005, -1, true),
                  new CudaSacUpdate.Trained(actor, actor.gradient(), actor.gradient()),
                  List.of(),
                  List.of(),
                  compute.tensor(1, 4)));
    }
  }
}
