package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Gradients;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.nn.Network;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateFile;

/** What tests ask of an off-policy learner's updates. */
public final class Updates {
  private Updates() {}

  /** The metrics of one update. */
  public static Averages update(
      OffPolicyLearner learner, Minibatch batch, double progress, long seed) {
    Averages averages = new Averages(learner.metrics());
    learner.update(batch, progress, new Rng(seed), averages);
    return averages;
  }

  /**
   * Checks the gradient that an update descends, by differences of the loss that it reports.
   *
   * @param learner with learning rates of 0 and target networks that stay
   * @param factor how much of the metric is the network's own loss
   */
  public static void assertDerivative(
      OffPolicyLearner learner, Minibatch batch, Network network, String metric, double factor) {
    DoubleSupplier loss = () -> factor * update(learner, batch, 0, 17).of(metric);
    update(learner, batch, 0, 17); // leaves the gradient
    Gradients.assertDerivative(network, loss);
  }

  /**
   * Checks the learning rate of a first update at progress ¾, which is the length of Adam's first
   * step.
   */
  public static void assertStep(
      double expected, OffPolicyLearner learner, Minibatch batch, Network network) {
    float[] before = network.parameters().floats().clone();
    update(learner, batch, 0.75, 1);
    assertEquals(
        expected, Gradients.distance(before, network.parameters().floats()), 1e-3 * expected);
  }

  /** Checks that an update after saving and loading has the same bits. */
  public static void assertGoesOn(Supplier<? extends OffPolicyLearner> made, Minibatch batch) {
    OffPolicyLearner learner = made.get();
    update(learner, batch, 0, 1);
    OffPolicyLearner loaded = made.get();
    StateFile.fromBytes(StateFile.toBytes("learner", learner), "learner", loaded);
    assertEquals(update(learner, batch, 0, 2).values(), update(loaded, batch, 0, 2).values());
    assertArrayEquals(StateFile.toBytes("learner", learner), StateFile.toBytes("learner", loaded));
  }
}
