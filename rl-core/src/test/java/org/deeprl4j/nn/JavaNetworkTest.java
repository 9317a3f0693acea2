package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

/** The contract on plain Java. */
final class JavaNetworkTest extends NetworkContract {
  @Override
  Compute compute(int threads) {
    return Compute.create(Compute.Kernels.JAVA, threads);
  }

  /** An update of few rows, with the copies that it makes of changed parameters. */
  @Test
  void passesOfFewRows_allocateNothing() {
    try (Compute compute = compute(1)) {
      NetworkSpec actorCritic =
          new NetworkSpec.SideBySide(
              List.of(Mlp.of(5, 1, 20, 33), Mlp.of(5, 2, 20).withLayerNorm(true)));
      Network network = compute.network(actorCritic, new Rng(1));
      Tensor x = compute.tensor(17, 5);
      new Rng(2).fillGaussian(x.floatsForWriting(), 0, x.size());
      Tensor dy = compute.tensor(17, 3);
      dy.fill(0.01f);
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long allocated = Long.MAX_VALUE;
      // The first passes make their arrays, and the interpreter's and the compiler's own may
      // follow.
      for (int trial = 0; trial < 20 && allocated > 0; trial++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 5; i++) {
          network.forward(x);
          network.backwardWithInput(dy);
          network.forward(x);
          network.backward(dy);
          network.parameters().axpy(-0.1, network.gradient());
        }
        allocated = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertEquals(0, allocated);
    }
  }
}
