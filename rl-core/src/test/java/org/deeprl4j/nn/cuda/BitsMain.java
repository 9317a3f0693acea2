package org.deeprl4j.nn.cuda;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.random.Rng;

/** Trains some networks on the device a little, and prints a hash of all bits, a line each. */
public final class BitsMain {
  /** How many networks there are. */
  static final int LINES = 4;

  private BitsMain() {}

  /** Trains. */
  public static void main(String[] arguments) {
    List<NetworkSpec> specs =
        List.of(
            Mlp.of(23, 1, 100, 70).withActivation(Activation.RELU),
            Mlp.of(9, 5, 40).withLayerNorm(true),
            Mlp.of(4, 520), // larger tiles
            new NetworkSpec.SideBySide(
                List.of(Mlp.of(6, 2, 10), new NetworkSpec.Constant(6, List.of(0.5)))));
    int[] rows = {70, 33, 1024, 5};
    try (Compute compute = Compute.create(Compute.Kernels.CUDA, 1)) {
      for (int i = 0; i < LINES; i++) {
        NetworkSpec spec = specs.get(i);
        Network network = compute.network(spec, new Rng(i));
        Adam adam = new Adam(0.9, 0.999, 1e-8);
        Tensor x = compute.tensor(rows[i], spec.inputs());
        int hash = 1;
        for (int step = 0; step < 2; step++) {
          new Rng(10 + step).fillGaussian(x.floatsForWriting(), 0, x.size());
          network.gradient().fill(0);
          Tensor y = network.forward(x);
          hash = 31 * hash + Arrays.hashCode(network.backwardWithInput(y).floats());
          hash = 31 * hash + Arrays.hashCode(network.gradient().floats());
          hash = 31 * hash + Double.hashCode(network.gradient().norm2());
          adam.step(network.parameters(), network.gradient(), 1e-3);
        }
        hash = 31 * hash + Arrays.hashCode(network.parameters().floats());
        System.out.println("bits of network " + i + ": " + Integer.toHexString(hash));
      }
    }
  }
}
