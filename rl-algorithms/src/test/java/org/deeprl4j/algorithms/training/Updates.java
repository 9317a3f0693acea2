package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.learning.ActionNoise;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Critics;
import org.deeprl4j.algorithms.learning.Gradients;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.learning.TrainableNetwork;
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

  /**
   * Checks that an update scales down the gradient of each network by itself, and reports the norm
   * that it had.
   *
   * @param bound far below the norms
   */
  public static void assertBounded(
      double bound, OffPolicyLearner learner, Minibatch batch, Critics critics, Network actor) {
    Averages averages = update(learner, batch, 0, 1);
    for (TrainableNetwork critic : critics.networks()) {
      assertEquals(bound, critic.network().gradient().norm2(), 1e-5 * bound);
    }
    assertEquals(bound, actor.gradient().norm2(), 1e-5 * bound);
    assertTrue(averages.of("critic_gradient_norm") > 10 * bound, "measured before");
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

  /** r + γ Q(s′, π(s′)) by the networks that a learner of a deterministic policy learns. */
  public static float[] bellman(OffPolicyLearner learner, Minibatch batch) {
    float[] next = new float[batch.actions().length];
    learner.policy().act(batch.nextObservations().floats(), batch.rows(), next);
    float[] y = new float[batch.rows()];
    learner.actionValueFunction().values(batch.nextObservations().floats(), next, batch.rows(), y);
    for (int b = 0; b < y.length; b++) {
      y[b] = batch.rewards()[b] + batch.discounts()[b] * y[b];
    }
    return y;
  }

  /**
   * Checks that targets are those of target networks that stay where the networks were at first.
   *
   * @param learner of a deterministic policy, with fast networks and hardly a τ
   * @param y its targets; live
   */
  public static void assertTargetsStay(OffPolicyLearner learner, float[] y, Minibatch batch) {
    float[] expected = bellman(learner, batch); // at the start both are equal
    for (int seed = 1; seed <= 2; seed++) {
      update(learner, batch, 0, seed);
      assertArrayEquals(expected, y, 1e-5f);
    }
    double moved = Gradients.distance(expected, bellman(learner, batch));
    assertTrue(moved > 0.05, "the networks have hardly moved: " + moved);
  }

  /** The same for target networks that follow at once, with τ = 1. */
  public static void assertTargetsFollow(OffPolicyLearner learner, float[] y, Minibatch batch) {
    update(learner, batch, 0, 1);
    float[] expected = bellman(learner, batch);
    update(learner, batch, 0, 2);
    assertArrayEquals(expected, y, 1e-5f);
  }

  /** J = Ê[Q(s, π(s))] by the first critic. */
  public static double objective(OffPolicyLearner learner, Critics critics, Minibatch batch) {
    float[] actions = new float[batch.actions().length];
    learner.policy().act(batch.observations().floats(), batch.rows(), actions);
    double sum = 0;
    for (float q : critics.differentiateFirst(batch.observations(), actions)) {
      sum += (double) q / batch.rows();
    }
    return sum;
  }

  /** Checks that an update descends −J and reports it, with learning rates of 0. */
  public static void assertActorDescends(
      OffPolicyLearner learner, Network actor, Critics critics, Minibatch batch) {
    Averages averages = update(learner, batch, 0, 1);
    Gradients.assertDerivative(actor, () -> -objective(learner, critics, batch));
    assertEquals(-objective(learner, critics, batch), averages.of("policy_loss"), 1e-6);
    assertEquals(actor.gradient().norm2(), averages.of("policy_gradient_norm"), 1e-6);
  }

  /**
   * Checks that a learner explores with the noise of the progress, which restarts with an episode.
   *
   * @param learner with an environment a row and σ falling from 0.4 to 0
   */
  public static void assertExplores(
      ActionNoise.Kind kind, OffPolicyLearner learner, Minibatch batch) {
    int rows = batch.rows();
    float[] pi = new float[batch.actions().length];
    learner.policy().act(batch.observations().floats(), rows, pi);
    float[] expected = pi.clone();
    float[] explored = new float[pi.length];
    ActionNoise noise = new ActionNoise(kind, rows, pi.length / rows);
    noise.add(0.1, new Rng(6), expected);
    learner.explore(batch.observations(), new float[0], 0.75, new Rng(6), explored);
    assertArrayEquals(expected, explored, 1e-6f);
    noise.restart(3);
    learner.episodeEnded(3);
    noise.add(0.4, new Rng(7), pi);
    learner.explore(batch.observations(), new float[0], 0, new Rng(7), explored);
    assertArrayEquals(pi, explored, 1e-6f);
  }
}
