package org.deeprl4j.algorithms.a2c;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Consumer;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Gradients;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.learning.Rollouts;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Advantages;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.stats.Statistics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Updates on a rollout of eleven steps. */
final class A2cTest {
  private static final int ROWS = 11;
  private static final int IN = 3;

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);

  @AfterEach
  void close() {
    compute.close();
  }

  private A2c learner(Consumer<A2cConfigBuilder> changes) {
    return learner(changes, Batches.context(compute, IN, new Discrete(3), 1));
  }

  private static A2c learner(Consumer<A2cConfigBuilder> changes, LearnerContext context) {
    A2cConfig config =
        A2cConfig.defaults()
            .with(
                c ->
                    c.environments(1)
                        .rolloutSteps(ROWS)
                        .hidden(List.of(8))
                        .gamma(0.9)
                        .lambda(0.8)
                        .maxGradientNorm(null)
                        .learningRate(Schedule.constant(0)))
            .with(changes);
    return new A2c(config, MlpArchitecture.apart(List.of(8), Activation.TANH, 0), context);
  }

  private static Averages update(A2c a2c, Rollout rollout, double progress) {
    Averages averages = new Averages(a2c.metrics());
    a2c.update(rollout, progress, new Rng(3), averages);
    return averages;
  }

  private static Rollout rollout(A2c a2c) {
    return Rollouts.drawn(a2c.model(), ROWS, IN, new Rng(2));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void metrics_areThoseOfTheRollout(boolean normalized) {
    A2c a2c = learner(c -> c.normalizeAdvantage(normalized));
    Rollout rollout = rollout(a2c);
    Rollouts.move(a2c.model(), 0.5);
    Averages averages = update(a2c, rollout, 0);
    rollout.computeAdvantages(0.9, 0.8);
    assertEquals(
        Statistics.explainedVariance(rollout.values(), rollout.returns(), ROWS),
        averages.of("explained_variance"));
    if (normalized) {
      Advantages.normalize(rollout.advantages(), ROWS);
    }
    ActorCritic model = a2c.model();
    model.predict(Rollouts.observations(rollout));
    float[] logProbs = model.logProbs(rollout.actions());
    float[] entropies = model.entropies();
    double policyLoss = 0;
    double valueLoss = 0;
    double entropy = 0;
    for (int b = 0; b < ROWS; b++) {
      policyLoss -= logProbs[b] * (double) rollout.advantages()[b] / ROWS;
      valueLoss += Math.pow((double) model.values()[b] - rollout.returns()[b], 2) / ROWS;
      entropy += entropies[b] / (double) ROWS;
    }
    assertEquals(policyLoss, averages.of("policy_loss"), 1e-6);
    assertEquals(valueLoss, averages.of("value_loss"), 1e-5);
    assertEquals(entropy, averages.of("entropy"), 1e-6);
  }

  @Test
  void forbiddenActions_haveNoPartInTheLosses() {
    A2c a2c = learner(c -> {}, Batches.maskedContext(compute, IN, new Discrete(5), 1));
    Rollout rollout = Rollouts.judged(a2c.model(), ROWS, IN, true, new Rng(2));
    Rollouts.move(a2c.model(), 0.5);
    Averages averages = new Averages(a2c.metrics());
    a2c.objective(rollout, 0, averages);
    Rollouts.assertMaskedLosses(a2c.model(), rollout, 1.0 / ROWS, averages);
  }

  @Test
  void gradient_isCut_andTheStepIsThatOfTheProgress() {
    A2c a2c =
        learner(
            c ->
                c.optimizer(A2cConfig.Optimizer.ADAM)
                    .adamEpsilon(1e-12)
                    .maxGradientNorm(0.01)
                    .learningRate(Schedule.linear(0.1, 0)));
    float[] before = a2c.model().network().parameters().floats().clone();
    Averages averages = update(a2c, rollout(a2c), 0.75);
    assertEquals(
        0.025, Gradients.distance(before, a2c.model().network().parameters().floats()), 1e-5);
    assertEquals(0.025, averages.of("learning_rate"), 1e-12);
    assertTrue(averages.of("gradient_norm") > 0.1, "before it was cut");
    assertEquals(0.01, a2c.model().network().gradient().norm2(), 1e-6);
  }

  @ParameterizedTest
  @EnumSource
  void savedAndLoaded_updatesGoOn(A2cConfig.Optimizer optimizer) {
    Consumer<A2cConfigBuilder> changes =
        c -> c.optimizer(optimizer).learningRate(Schedule.constant(0.03));
    A2c a2c = learner(changes);
    Rollout rollout = rollout(a2c);
    update(a2c, rollout, 0);
    A2c loaded = learner(changes);
    StateFile.fromBytes(StateFile.toBytes("a2c", a2c), "a2c", loaded);
    assertEquals(update(a2c, rollout, 0).values(), update(loaded, rollout, 0).values());
    assertArrayEquals(StateFile.toBytes("a2c", a2c), StateFile.toBytes("a2c", loaded));
  }
}
