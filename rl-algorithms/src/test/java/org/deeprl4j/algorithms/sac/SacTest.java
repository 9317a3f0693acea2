package org.deeprl4j.algorithms.sac;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Gradients;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.training.OffPolicyLearner;
import org.deeprl4j.algorithms.training.Updates;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.replay.ReplayBatch;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One update of each SAC on a batch whose every third row is terminal. */
final class SacTest {
  private static final int ROWS = 24;
  private static final int IN = 3;
  private static final int N = 2;
  private static final double GAMMA = 0.97;
  private static final double ALPHA = 0.3;
  private static final List<Integer> NETWORKS = List.of(16, 16);
  private static final SacConfig CONFIG =
      SacConfig.defaults()
          .with(
              c ->
                  c.batchSize(ROWS)
                      .hidden(NETWORKS)
                      .fixedTemperature(ALPHA)
                      .learningRate(Schedule.constant(0)));

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Minibatch batch = Batches.random(compute, ROWS, IN, N, 0, GAMMA);

  @AfterEach
  void close() {
    compute.close();
  }

  private LearnerContext context() {
    return Batches.context(compute, IN, Box.of(-1, 1, N), 3);
  }

  private static Averages averages(OffPolicyLearner learner) {
    return new Averages(learner.metrics());
  }

  private Sac sac(SacConfig config) {
    return new Sac(config, context());
  }

  private SacV sacV(Consumer<SacVConfigBuilder> changes) {
    SacVConfig config =
        SacVConfig.defaults()
            .with(
                c ->
                    c.batchSize(ROWS)
                        .hidden(NETWORKS)
                        .fixedTemperature(ALPHA)
                        .learningRate(Schedule.constant(0)))
            .with(changes);
    return new SacV(config, context());
  }

  /** An actor like the learners', to draw what they draw first. */
  private SquashedActor twin() {
    return new SquashedActor(context(), CONFIG);
  }

  private float[] values(OffPolicyLearner learner, float[] observations, float[] actions) {
    float[] q = new float[ROWS];
    learner.actionValueFunction().values(observations, actions, ROWS, q);
    return q;
  }

  /** r + γ (min Q(s′, a′) − α log π(a′|s′)), by the networks given. */
  private float[] soft(OffPolicyLearner critics, SquashedActor actor) {
    actor.sample(batch.nextObservations(), new Rng(17));
    float[] q = values(critics, batch.nextObservations().floats(), actor.actions());
    float[] y = new float[ROWS];
    for (int b = 0; b < ROWS; b++) {
      double soft = q[b] - ALPHA * actor.logProbs()[b];
      y[b] = (float) (batch.rewards()[b] + (b % 3 == 0 ? 0 : GAMMA * soft));
    }
    return y;
  }

  @Test
  void targets_areSoft() {
    Sac learner = sac(CONFIG);
    float[] expected = soft(learner, twin());
    learner.update(batch, 0, new Rng(17), averages(learner));
    assertArrayEquals(expected, learner.y, 1e-5f);
  }

  @Test
  void targets_useTheTargetCritics_andTheCurrentActor() {
    SacConfig fast = CONFIG.with(c -> c.tau(1e-9).learningRate(Schedule.constant(3e-2)));
    Sac start = sac(fast);
    Sac learner = sac(fast);
    learner.update(batch, 0, new Rng(5), averages(learner));
    float[] expected = soft(start, learner.actor);
    float[] online = soft(learner, learner.actor);
    learner.update(batch, 0, new Rng(17), averages(learner));
    assertArrayEquals(expected, learner.y, 1e-5f);
    double most = 0;
    for (int b = 0; b < ROWS; b++) {
      most = Math.max(most, Math.abs(online[b] - expected[b]));
    }
    assertTrue(most > 0.05, "the critics have hardly moved: " + most);
  }

  @Test
  void targetCritics_follow() {
    Sac learner = sac(CONFIG.with(c -> c.tau(1).learningRate(Schedule.constant(3e-2))));
    learner.update(batch, 0, new Rng(5), averages(learner));
    float[] expected = soft(learner, learner.actor);
    learner.update(batch, 0, new Rng(17), averages(learner));
    assertArrayEquals(expected, learner.y, 1e-5f);
  }

  @Test
  void temperature_movesUntilTheEntropyIsOnTarget() {
    Sac fixed = sac(CONFIG);
    Averages averages = averages(fixed);
    fixed.update(batch, 0, new Rng(17), averages);
    double entropy = averages.of("entropy");
    SacConfig tuned =
        CONFIG.with(
            c ->
                c.fixedTemperature(null)
                    .initialTemperature(0.2)
                    .learningRate(Schedule.constant(1e-2)));
    assertTrue(temperatureAfter(tuned.withTargetEntropy(entropy + 5)) > 0.2);
    assertTrue(temperatureAfter(tuned.withTargetEntropy(entropy - 5)) < 0.2);
    // dJ(α)/d log α = α (entropy − H̄) is 0 where the two agree.
    Sac settled = sac(CONFIG.withFixedTemperature(null).withTargetEntropy(entropy));
    Averages atRest = averages(settled);
    settled.update(batch, 0, new Rng(17), atRest);
    assertEquals(0, atRest.of("temperature_loss"), 1e-6);
    Sac off = sac(tuned.withTargetEntropy(entropy + 5));
    Averages first = averages(off);
    off.update(batch, 0, new Rng(17), first);
    assertEquals(0.2 * -5, first.of("temperature_loss"), 1e-5);
  }

  private double temperatureAfter(SacConfig config) {
    Sac learner = sac(config);
    for (int i = 0; i < 5; i++) {
      learner.update(batch, 0, new Rng(17), averages(learner));
    }
    return learner.temperature.alpha();
  }

  @Test
  void stateValueForm_bootstrapsFromTheAverageOfItsValues() {
    SacV learner =
        sacV(c -> c.tau(1e-9).learningRate(Schedule.constant(3e-2))); // V moves, its average stays
    float[] next = learner.value.targetMinimum(batch.nextObservations(), SacV.NO_ACTIONS).clone();
    learner.update(batch, 0, new Rng(17), averages(learner));
    learner.update(batch, 0, new Rng(18), averages(learner));
    float[] expected = new float[ROWS];
    for (int b = 0; b < ROWS; b++) {
      expected[b] = batch.rewards()[b] + (b % 3 == 0 ? 0 : (float) GAMMA * next[b]);
    }
    assertArrayEquals(expected, learner.y, 1e-5f);
  }

  @Test
  void stateValueForm_fitsTheSoftValue() {
    SacV learner = sacV(c -> {});
    SquashedActor actor = twin();
    actor.sample(batch.observations(), new Rng(17));
    float[] q = values(learner, batch.observations().floats(), actor.actions());
    float[] v =
        learner
            .value
            .targetMinimum(batch.observations(), SacV.NO_ACTIONS)
            .clone(); // V's own at the start
    double loss = 0;
    for (int b = 0; b < ROWS; b++) {
      double error = v[b] - (q[b] - ALPHA * actor.logProbs()[b]);
      loss += 0.5 * error * error / ROWS;
    }
    Averages averages = averages(learner);
    learner.update(batch, 0, new Rng(17), averages);
    assertEquals(loss, averages.of("value_loss"), 1e-4 * loss);
  }

  @Test
  void discreteForm_sumsOverActions() {
    int n = 4;
    Minibatch discrete = Batches.random(compute, ROWS, IN, 1, n, GAMMA);
    SacDiscreteConfig config =
        SacDiscreteConfig.defaults()
            .with(
                c ->
                    c.batchSize(ROWS)
                        .hidden(NETWORKS)
                        .fixedTemperature(ALPHA)
                        .learningRate(Schedule.constant(0)));
    SacDiscrete learner = new SacDiscrete(config, Batches.context(compute, IN, new Discrete(n), 3));
    float[][] q = new float[n][];
    for (int k = 0; k < n; k++) {
      float[] actions = new float[ROWS];
      Arrays.fill(actions, k);
      q[k] = values(learner, discrete.nextObservations().floats(), actions);
    }
    float[] z = learner.actor.network().network().predict(discrete.nextObservations()).floats();
    float[] expected = new float[ROWS];
    for (int b = 0; b < ROWS; b++) {
      double sum = 0;
      for (int k = 0; k < n; k++) {
        sum += Math.exp(z[b * n + k]);
      }
      double value = 0;
      for (int k = 0; k < n; k++) {
        double pi = Math.exp(z[b * n + k]) / sum;
        value += pi * (q[k][b] - ALPHA * Math.log(pi));
      }
      expected[b] = (float) (discrete.rewards()[b] + (b % 3 == 0 ? 0 : GAMMA * value));
    }
    learner.update(discrete, 0, new Rng(17), averages(learner));
    assertArrayEquals(expected, learner.y, 1e-5f);
  }

  /** The same rows as three-step returns: of the second state between every other row has none. */
  private Minibatch withStatesBetween(Minibatch rows) {
    Random random = new Random(4);
    List<Tensor> between = List.of(compute.tensor(ROWS, IN), compute.tensor(ROWS, IN));
    List<float[]> discounts = List.of(new float[ROWS], new float[ROWS]);
    for (int k = 0; k < 2; k++) {
      float[] x = between.get(k).floatsForWriting();
      for (int i = 0; i < ROWS * IN; i++) {
        x[i] = (float) random.nextGaussian();
      }
      for (int b = 0; b < ROWS; b++) {
        discounts.get(k)[b] = k == 1 && b % 2 == 0 ? 0 : (float) Math.pow(GAMMA, k + 1);
      }
    }
    return new Minibatch(
        rows.observations(),
        rows.actions(),
        rows.rewards(),
        rows.discounts(),
        rows.nextObservations(),
        rows.weights(),
        rows.errors(),
        between,
        discounts,
        ReplayBatch.allocate(ROWS, IN, N, 3));
  }

  /** Adds −Σ_k γᵏ α log π(a|s_{t+k}) as an actor draws from a generator. */
  private void addEntropies(float[] y, Minibatch rows, SquashedActor actor, Rng random) {
    for (int k = 0; k < 2; k++) {
      actor.sample(rows.between().get(k), random);
      for (int b = 0; b < ROWS; b++) {
        y[b] -= (float) (rows.betweenDiscounts().get(k)[b] * ALPHA * actor.logProbs()[b]);
      }
    }
  }

  @Test
  void nStepTargets_haveTheEntropiesBetween() {
    Minibatch three = withStatesBetween(batch);
    Sac one = sac(CONFIG);
    Sac learner = sac(CONFIG);
    assertTrue(learner.needsStatesBetween());
    one.update(batch, 0, new Rng(17), averages(one));
    learner.update(three, 0, new Rng(17), averages(learner));
    Rng random = new Rng(17);
    SquashedActor twin = twin();
    twin.sample(batch.nextObservations(), random);
    addEntropies(one.y, three, twin, random);
    assertArrayEquals(one.y, learner.y, 1e-5f);
  }

  @Test
  void nStepTargets_withAValueNetwork_haveTheEntropiesBetween() {
    Minibatch three = withStatesBetween(batch);
    SacV one = sacV(c -> {});
    SacV learner = sacV(c -> {});
    assertTrue(learner.needsStatesBetween());
    one.update(batch, 0, new Rng(17), averages(one));
    learner.update(three, 0, new Rng(17), averages(learner));
    Rng random = new Rng(17);
    SquashedActor twin = twin();
    twin.rsample(batch.observations(), random);
    addEntropies(one.y, three, twin, random);
    assertArrayEquals(one.y, learner.y, 1e-5f);
  }

  @Test
  void nStepTargets_ofTheDiscreteForm_haveTheEntropiesBetween() {
    int n = 4;
    Minibatch rows = Batches.random(compute, ROWS, IN, 1, n, GAMMA);
    Minibatch three = withStatesBetween(rows);
    SacDiscreteConfig config =
        SacDiscreteConfig.defaults()
            .with(
                c ->
                    c.batchSize(ROWS)
                        .hidden(NETWORKS)
                        .fixedTemperature(ALPHA)
                        .learningRate(Schedule.constant(0)));
    SacDiscrete one = new SacDiscrete(config, Batches.context(compute, IN, new Discrete(n), 3));
    SacDiscrete learner = new SacDiscrete(config, Batches.context(compute, IN, new Discrete(n), 3));
    assertTrue(learner.needsStatesBetween());
    one.update(rows, 0, new Rng(17), averages(one));
    learner.update(three, 0, new Rng(17), averages(learner));
    for (int k = 0; k < 2; k++) {
      float[] z = learner.actor.network().network().predict(three.between().get(k)).floats();
      for (int b = 0; b < ROWS; b++) {
        double sum = 0;
        for (int a = 0; a < n; a++) {
          sum += Math.exp(z[b * n + a]);
        }
        for (int a = 0; a < n; a++) {
          double pi = Math.exp(z[b * n + a]) / sum;
          one.y[b] -= (float) (three.betweenDiscounts().get(k)[b] * ALPHA * pi * Math.log(pi));
        }
      }
    }
    assertArrayEquals(one.y, learner.y, 1e-5f);
  }

  /** With target networks that stay, and a smooth activation. */
  private static SacConfig smooth() {
    return CONFIG.with(c -> c.critics(1).tau(1e-9).activation(Activation.TANH));
  }

  @Test
  void criticLoss_isHalfTheWeightedMeanOfTheSquaredErrors() {
    Batches.weigh(batch);
    Sac learner = sac(smooth());
    float[] q = values(learner, batch.observations().floats(), batch.actions());
    Averages averages = Updates.update(learner, batch, 0, 17);
    Batches.assertSquaredErrors(0.5, batch, q, learner.y, averages);
  }

  @Test
  void gradients_areThoseOfTheLosses() {
    Batches.weigh(batch);
    Sac learner = sac(smooth());
    Network critic = learner.critics.networks().get(0).network();
    Updates.assertDerivative(learner, batch, critic, "critic_loss", 1);
    Updates.assertDerivative(learner, batch, learner.actor.network().network(), "policy_loss", 1);
  }

  @Test
  void stateValueForm_hasTheGradientsOfItsLosses() {
    Batches.weigh(batch);
    SacV learner = sacV(c -> c.critics(1).tau(1e-9).activation(Activation.TANH));
    Network critic = learner.critics.networks().get(0).network();
    Network value = learner.value.networks().get(0).network();
    Updates.assertDerivative(learner, batch, critic, "critic_loss", 1);
    Updates.assertDerivative(learner, batch, value, "value_loss", 1);
    Updates.assertDerivative(learner, batch, learner.actor.network().network(), "policy_loss", 1);
  }

  /** Ê[α log π(ã|s) − min Q(s, ã)], with actions that an actor drew. */
  private double policyLoss(OffPolicyLearner critics, SquashedActor actor) {
    float[] q = values(critics, batch.observations().floats(), actor.actions());
    double loss = 0;
    for (int b = 0; b < ROWS; b++) {
      loss += (ALPHA * actor.logProbs()[b] - q[b]) / ROWS;
    }
    return loss;
  }

  @Test
  void policyLoss_isThatOfTheActionsDrawnAfterTheTargets() {
    Sac learner = sac(CONFIG);
    SquashedActor actor = twin();
    Rng random = new Rng(17);
    actor.sample(batch.nextObservations(), random);
    actor.rsample(batch.observations(), random);
    double expected = policyLoss(learner, actor);
    Averages averages = Updates.update(learner, batch, 0, 17);
    assertEquals(expected, averages.of("policy_loss"), 1e-6);
    assertEquals(actor.entropy(), averages.of("entropy"), 1e-6);
    assertEquals(ALPHA, averages.of("temperature"));
  }

  @Test
  void stateValueForm_drawsOneActionForBothLosses() {
    SacV learner = sacV(c -> {});
    SquashedActor actor = twin();
    actor.rsample(batch.observations(), new Rng(17));
    double expected = policyLoss(learner, actor);
    Averages averages = Updates.update(learner, batch, 0, 17);
    assertEquals(expected, averages.of("policy_loss"), 1e-6);
    assertEquals(actor.entropy(), averages.of("entropy"), 1e-6);
  }

  @Test
  void learningRate_isThatOfTheProgress() {
    Schedule falling = Schedule.linear(0.1, 0);
    Sac sac = sac(CONFIG.withLearningRate(falling));
    Updates.assertStep(0.025, sac, batch, sac.actor.network().network());
    sac = sac(CONFIG.withLearningRate(falling));
    Updates.assertStep(0.025, sac, batch, sac.critics.networks().get(1).network());
    assertEquals(0.025, Updates.update(sac, batch, 0.75, 1).of("learning_rate"), 1e-12);
    sac = sac(CONFIG.withLearningRate(falling).withFixedTemperature(null));
    Updates.update(sac, batch, 0.75, 1);
    assertEquals(0.025, Math.abs(Math.log(sac.temperature.alpha())), 1e-4); // from 1
  }

  /** Each has a step size of its own; what has none takes that of all. */
  @Test
  void learningRates_areThoseOfEachPart() {
    SacConfig config =
        CONFIG.with(
            c ->
                c.fixedTemperature(null)
                    .learningRate(Schedule.linear(0.1, 0))
                    .criticLearningRate(Schedule.linear(0.2, 0))
                    .temperatureLearningRate(Schedule.linear(0.4, 0)));
    Sac sac = sac(config);
    Updates.assertStep(0.025, sac, batch, sac.actor.network().network());
    assertEquals(0.1, Math.abs(Math.log(sac.temperature.alpha())), 1e-4); // from 1
    sac = sac(config);
    Updates.assertStep(0.05, sac, batch, sac.critics.networks().get(1).network());
    sac = sac(config.withCriticLearningRate(null));
    Updates.assertStep(0.025, sac, batch, sac.critics.networks().get(0).network());
    SacV value =
        sacV(
            c ->
                c.learningRate(Schedule.constant(0.1)).criticLearningRate(Schedule.linear(0.2, 0)));
    Updates.assertStep(0.1, value, batch, value.actor.network().network());
    value = sacV(c -> c.criticLearningRate(Schedule.linear(0.2, 0)));
    Updates.assertStep(0.05, value, batch, value.value.networks().get(0).network());
    value = sacV(c -> c.criticLearningRate(Schedule.linear(0.2, 0)));
    Updates.assertStep(0.05, value, batch, value.critics.networks().get(1).network());
  }

  /** A gradient beyond the bound is scaled down to it; Adam sees the scaled one. */
  @Test
  void gradients_areBoundedNetworkByNetwork() {
    Sac sac = sac(CONFIG.withMaxGradientNorm(1e-3));
    Updates.assertBounded(1e-3, sac, batch, sac.critics, sac.actor.network().network());
    SacV value = sacV(c -> c.maxGradientNorm(1e-3));
    Updates.update(value, batch, 0, 1);
    assertEquals(1e-3, value.value.networks().get(0).network().gradient().norm2(), 1e-8);
    assertEquals(1e-3, value.actor.network().network().gradient().norm2(), 1e-8);
  }

  @Test
  void stateValueForm_hasTheLearningRateOfTheProgress() {
    Schedule falling = Schedule.linear(0.1, 0);
    SacV learner = sacV(c -> c.learningRate(falling));
    Updates.assertStep(0.025, learner, batch, learner.actor.network().network());
    learner = sacV(c -> c.learningRate(falling));
    Updates.assertStep(0.025, learner, batch, learner.value.networks().get(0).network());
    learner = sacV(c -> c.learningRate(falling));
    Updates.assertStep(0.025, learner, batch, learner.critics.networks().get(0).network());
    assertEquals(0.025, Updates.update(learner, batch, 0.75, 1).of("learning_rate"), 1e-12);
  }

  @Test
  void stateValueForm_movesTheAverageOfItsValues() {
    SacV learner = sacV(c -> c.tau(1).learningRate(Schedule.constant(3e-2)));
    float[] start = learner.value.targetMinimum(batch.observations(), SacV.NO_ACTIONS).clone();
    Updates.update(learner, batch, 0, 17);
    float[] average = learner.value.targetMinimum(batch.observations(), SacV.NO_ACTIONS).clone();
    float[] online =
        learner.value.networks().get(0).network().predict(batch.observations()).floats();
    assertArrayEquals(online, average, 1e-6f);
    assertTrue(Gradients.distance(start, average) > 0.05);
  }

  @Test
  void savedAndLoaded_updatesGoOn() {
    Schedule fast = Schedule.constant(3e-2);
    Updates.assertGoesOn(
        () -> sac(CONFIG.with(c -> c.fixedTemperature(null).learningRate(fast))), batch);
    Updates.assertGoesOn(() -> sacV(c -> c.learningRate(fast)), batch);
  }

  @Test
  void exploration_drawsFromThePolicy() {
    float[] expected = new float[ROWS * N];
    float[] actions = new float[ROWS * N];
    twin().explore(batch.observations(), new Rng(9), expected);
    sacV(c -> {}).explore(batch.observations(), new float[0], 0, new Rng(9), actions);
    assertArrayEquals(expected, actions);
    Arrays.fill(actions, 0);
    sac(CONFIG).explore(batch.observations(), new float[0], 0, new Rng(9), actions);
    assertArrayEquals(expected, actions);
    assertTrue(Gradients.distance(expected, new float[ROWS * N]) > 0.1);
  }

  @Test
  void policy_takesTheMode() {
    float[] z = twin().network().network().predict(batch.observations()).floats();
    float[] mode = new float[ROWS * N];
    for (int i = 0; i < mode.length; i++) {
      mode[i] = (float) Math.tanh(z[i / N * 2 * N + i % N]);
    }
    float[] actions = new float[ROWS * N];
    sac(CONFIG).policy().act(batch.observations().floats(), ROWS, actions);
    assertArrayEquals(mode, actions, 1e-6f);
    Arrays.fill(actions, 0);
    sacV(c -> {}).policy().act(batch.observations().floats(), ROWS, actions);
    assertArrayEquals(mode, actions, 1e-6f);
  }

  /** Without the entropy's part the gradient is that of the critics alone, ∂Q/∂a. */
  @Test
  void gradientsWithoutTemperature_areThoseOfTheCriticsValues() {
    Sac sac = sac(smooth().withFixedTemperature(0.0));
    Updates.assertDerivative(sac, batch, sac.actor.network().network(), "policy_loss", 1);
    SacV sacV = sacV(c -> c.critics(1).tau(1e-9).activation(Activation.TANH).fixedTemperature(0.0));
    Updates.assertDerivative(sacV, batch, sacV.actor.network().network(), "policy_loss", 1);
  }

  @Test
  void stateValueForm_criticLossIsHalfTheWeightedMeanOfTheSquaredErrors() {
    Batches.weigh(batch);
    SacV learner = sacV(c -> c.critics(1));
    float[] q = values(learner, batch.observations().floats(), batch.actions());
    Averages averages = Updates.update(learner, batch, 0, 17);
    Batches.assertSquaredErrors(0.5, batch, q, learner.y, averages);
    assertEquals(
        learner.actor.network().network().gradient().norm2(),
        averages.of("policy_gradient_norm"),
        1e-6);
  }

  @Test
  void targetEntropy_isMinusTheNumberOfActionsByDefault() {
    Sac learner = sac(CONFIG.withFixedTemperature(null).withInitialTemperature(0.2));
    Averages averages = Updates.update(learner, batch, 0, 17);
    assertEquals(0.2 * (averages.of("entropy") + N), averages.of("temperature_loss"), 1e-6);
  }
}
