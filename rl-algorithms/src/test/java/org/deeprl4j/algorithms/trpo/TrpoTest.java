package org.deeprl4j.algorithms.trpo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Gradients;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.learning.Rollouts;
import org.deeprl4j.algorithms.training.OnPolicyLearner;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.LineSearch;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.stats.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TrpoTest {
  private static final int ROWS = 300;
  private static final int INPUTS = 4;

  private static Space space(String name) {
    return name.equals("discrete") ? new Discrete(3) : Box.of(-1, 1, 2);
  }

  private static Trpo trpo(Compute compute, TrpoConfig config, Space actions) {
    return new Trpo(
        config,
        config.logStd() == LogStd.GSDE ? config.architecture() : NETWORKS,
        Batches.context(compute, INPUTS, actions, 1));
  }

  private static final MlpArchitecture NETWORKS =
      MlpArchitecture.apart(List.of(16, 16), Activation.TANH, -0.3);
  private static final TrpoConfig CONFIG = TrpoConfig.defaults().withRolloutSteps(ROWS);

  private static TrpoConfig config(String name) {
    return name.equals("gsde")
        ? CONFIG.with(c -> c.logStd(LogStd.GSDE).initialLogStd(-1).hidden(List.of(16, 16)))
        : CONFIG;
  }

  private static Rollout rollout(ActorCritic model, Space actions, Rng random) {
    ActionDistribution distribution = model.distribution();
    Rollout rollout =
        new Rollout(ROWS, 1, INPUTS, distribution.actionSize(), distribution.parameterSize());
    random.fillGaussian(rollout.observations(), 0, ROWS * INPUTS);
    Tensor x = Tensor.host(ROWS, INPUTS);
    System.arraycopy(rollout.observations(), 0, x.floatsForWriting(), 0, ROWS * INPUTS);
    model.predict(x);
    float[] z = model.distributionParameters();
    distribution.sample(z, ROWS, random, rollout.actions());
    distribution.logProb(z, rollout.actions(), ROWS, rollout.logProbs());
    random.fillGaussian(rollout.advantages(), 0, ROWS);
    return rollout;
  }

  /** The Fisher matrix is estimated on steps of every environment, whatever k has to do with n. */
  @ParameterizedTest
  @CsvSource({"2, 2", "4, 2", "4, 6", "3, 2", "1, 3"})
  void subsampling_leavesNoEnvironmentOut(int n, int every) {
    Space actions = space("box");
    int steps = 24;
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      ActorCritic model =
          ActorCritic.apart(
              Batches.context(compute, INPUTS, actions, 1),
              NETWORKS,
              LogStd.FREE.distribution(actions, List.of(16, 16)));
      ActionDistribution distribution = model.distribution();
      Rollout rollout =
          new Rollout(steps, n, INPUTS, distribution.actionSize(), distribution.parameterSize());
      Rng random = new Rng(3);
      random.fillGaussian(rollout.observations(), 0, steps * n * INPUTS);
      random.fillGaussian(rollout.actions(), 0, rollout.actions().length);
      random.fillGaussian(rollout.advantages(), 0, steps * n);
      NaturalGradient natural = new NaturalGradient(compute, model, steps * n);
      natural.begin(rollout);
      natural.solve(rollout, every, 0.1, 10, 0, 0.01);
      float[] whole = natural.step().floats().clone();
      for (int e = 0; e < n; e++) {
        float[] kept = rollout.observations().clone();
        for (int row = e; row < steps * n; row += n) {
          random.fillGaussian(rollout.observations(), row * INPUTS, INPUTS);
        }
        natural.solve(rollout, every, 0.1, 10, 0, 0.01);
        assertFalse(Arrays.equals(whole, natural.step().floats()), "environment " + e);
        System.arraycopy(kept, 0, rollout.observations(), 0, kept.length);
      }
      for (int row = 0; row < steps * n; row++) {
        if ((row / n + row % n) % every != 0) {
          random.fillGaussian(rollout.observations(), row * INPUTS, INPUTS);
        }
      }
      natural.solve(rollout, every, 0.1, 10, 0, 0.01);
      assertArrayEquals(whole, natural.step().floats(), "no other step counts");
    }
  }

  /** Mean surrogate and mean KL of a model's current policy, computed apart from the learner. */
  private static double[] measure(ActorCritic model, Rollout rollout, float[] oldZ) {
    ActionDistribution distribution = model.distribution();
    Tensor x = Tensor.host(ROWS, INPUTS);
    System.arraycopy(rollout.observations(), 0, x.floatsForWriting(), 0, ROWS * INPUTS);
    model.predict(x);
    float[] z = model.distributionParameters();
    float[] logProb = new float[ROWS];
    float[] kl = new float[ROWS];
    distribution.logProb(z, rollout.actions(), ROWS, logProb);
    distribution.kl(oldZ, z, ROWS, kl);
    double[] result = new double[2];
    for (int b = 0; b < ROWS; b++) {
      double ratio = Math.exp((double) logProb[b] - rollout.logProbs()[b]);
      result[0] += ratio * rollout.advantages()[b] / ROWS;
      result[1] += (double) kl[b] / ROWS;
    }
    return result;
  }

  @ParameterizedTest
  @CsvSource({
    "box, 0.01, 1",
    "discrete, 0.01, 1",
    "gsde, 0.01, 1",
    "box, 0.1, 3",
    "discrete, 0.1, 10",
    "gsde, 0.05, 3"
  })
  void step_improvesTheSurrogateWithinTheTrustRegion(String actions, double delta, int every) {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      Trpo trpo =
          trpo(
              compute,
              config(actions).with(c -> c.delta(delta).fisherSubsampling(every).damping(0.01)),
              space(actions));
      for (int trial = 0; trial < 5; trial++) {
        Rollout rollout = rollout(trpo.model(), space(actions), new Rng(100 + trial));
        float[] oldZ = trpo.model().distributionParameters().clone();
        double before = measure(trpo.model(), rollout, oldZ)[0];
        Averages metrics = new Averages(trpo.metrics());
        LineSearch.Result result = trpo.policyStep(rollout, metrics);
        double[] after = measure(trpo.model(), rollout, oldZ);
        assertTrue(result.accepted());
        assertTrue(after[1] <= 1.01 * delta, "KL " + after[1]);
        assertTrue(after[1] > 0.25 * delta, "a full step to the border: KL " + after[1]);
        assertTrue(after[0] > before, before + " to " + after[0]);
        assertEquals(after[1], metrics.of("kl"), 1e-5);
        assertEquals(after[0] - before, metrics.of("surrogate_improvement"), 1e-5);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"box", "gsde"})
  void step_followsTheNaturalGradient(String actions) {
    // ½ Δᵀ(H + damping·I)Δ = δ by construction, and KL(sΔ) = ½ s² ΔᵀHΔ for steps this small.
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      double delta = 1e-4;
      double damping = 0.02;
      TrpoConfig config =
          config(actions).with(c -> c.delta(delta).damping(damping).conjugateGradientSteps(60));
      Trpo trpo = trpo(compute, config, space(actions));
      Rollout rollout = rollout(trpo.model(), space(actions), new Rng(3));
      Averages metrics = new Averages(trpo.metrics());
      double s = trpo.policyStep(rollout, metrics).fraction();
      double norm = metrics.of("step_norm");
      double predicted = s * s * delta - 0.5 * damping * norm * norm;
      assertTrue(predicted > 0.5 * delta, "H counts: " + predicted);
      assertEquals(predicted, metrics.of("kl"), 0.05 * delta);
    }
  }

  /** Surrogate, divergence and entropy of the legal actions. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void forbiddenActions_haveNoPartInTheStep(int every) {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      Trpo trpo =
          new Trpo(
              CONFIG.withFisherSubsampling(every),
              NETWORKS,
              Batches.maskedContext(compute, INPUTS, new Discrete(5), 1));
      ActorCritic model = trpo.model();
      Rollout rollout = Rollouts.judged(model, ROWS, INPUTS, true, new Rng(3));
      float[] oldZ = rollout.distribution();
      float[] perRow = new float[ROWS];
      model.distribution().entropy(oldZ, ROWS, perRow);
      double entropy = mean(perRow);
      Averages metrics = new Averages(trpo.metrics());
      assertTrue(trpo.policyStep(rollout, metrics).accepted());
      assertEquals(entropy, metrics.of("entropy"), 1e-5);
      model.predict(Rollouts.observations(rollout));
      float[] z = model.distributionParameters();
      Categorical.forbidAs(oldZ, z, ROWS * 5);
      model.distribution().kl(oldZ, z, ROWS, perRow);
      assertEquals(mean(perRow), metrics.of("kl"), 1e-6);
      assertTrue(metrics.of("kl") > 1e-3, "it has moved");
      model.distribution().logProb(z, rollout.actions(), ROWS, perRow);
      double gain = 0;
      for (int b = 0; b < ROWS; b++) {
        double ratio = Math.exp((double) perRow[b] - rollout.logProbs()[b]);
        gain += (ratio - 1) * rollout.advantages()[b] / ROWS;
      }
      assertEquals(gain, metrics.of("surrogate_improvement"), 1e-5);
    }
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** 10⁹ rows of four inputs and two times four outputs. */
  @Test
  void trustRegionsBeyondTheHeap_areRefused_withWhatTheyNeed() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      ActorCritic model = trpo(compute, CONFIG, space("box")).model();
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new NaturalGradient(compute, model, 1_000_000_000))
              .getMessage();
      assertTrue(
          message.startsWith(
              "the trust region of 1000000000 rows of 4 inputs and 4 outputs needs 48000 MB"),
          message);
    }
  }

  @Test
  void parametersStayBitForBit_whenNoStepIsAccepted() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      // One try only, of a step far outside the region where the approximations hold.
      TrpoConfig config = CONFIG.with(c -> c.delta(50).lineSearchSteps(1).damping(0));
      Trpo trpo = trpo(compute, config, space("discrete"));
      Rollout rollout = rollout(trpo.model(), space("discrete"), new Rng(4));
      float[] before = trpo.model().network().parameters().floats().clone();
      Averages metrics = new Averages(trpo.metrics());
      assertFalse(trpo.policyStep(rollout, metrics).accepted());
      assertArrayEquals(before, trpo.model().network().parameters().floats());
      assertEquals(0, metrics.of("kl"));
      assertEquals(0, metrics.of("step_fraction"));
    }
  }

  @Test
  void parametersStayBitForBit_whenThereIsNothingToGain() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      Trpo trpo = trpo(compute, CONFIG, space("box"));
      Rollout rollout = rollout(trpo.model(), space("box"), new Rng(4));
      Arrays.fill(rollout.advantages(), 0);
      float[] before = trpo.model().network().parameters().floats().clone();
      assertFalse(trpo.policyStep(rollout, new Averages(trpo.metrics())).accepted());
      assertArrayEquals(before, trpo.model().network().parameters().floats());
    }
  }

  @Test
  void naturalGradient_stepsWithoutASearch() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      TrpoConfig config = CONFIG.with(c -> c.delta(1e-3).normalizeAdvantage(false).valueEpochs(0));
      NpgConfig npgConfig =
          NpgConfig.defaults()
              .with(
                  c ->
                      c.environments(2)
                          .rolloutSteps(ROWS / 2)
                          .delta(1e-3)
                          .normalizeAdvantage(false)
                          .valueEpochs(0));
      Trpo trpo = trpo(compute, config, space("discrete"));
      Npg npg =
          new Npg(npgConfig, NETWORKS, Batches.context(compute, INPUTS, space("discrete"), 1));
      Rollout rollout = rollout(trpo.model(), space("discrete"), new Rng(6));
      rollout.ended()[ROWS - 1] = true;
      for (int i = 0; i < ROWS; i++) {
        rollout.rewards()[i] = rollout.advantages()[i];
      }
      Averages stepped = new Averages(trpo.metrics());
      trpo.update(rollout, 0, new Rng(8), stepped);
      Averages natural = new Averages(npg.metrics());
      npg.update(rollout, 0, new Rng(8), natural);
      assertEquals(1, stepped.of("step_fraction"), "for this rollout the full step is accepted");
      assertEquals(stepped.of("kl"), natural.of("kl"));
      assertEquals(stepped.of("surrogate_improvement"), natural.of("surrogate_improvement"));
      assertArrayEquals(
          trpo.model().network().parameters().floats(),
          npg.model().network().parameters().floats());
    }
  }

  private static Trpo trpo(Compute compute, NetworkSpec network) {
    return new Trpo(
        CONFIG, context -> network, Batches.context(compute, INPUTS, space("discrete"), 1));
  }

  @Test
  void networksWithoutDirectionalDerivative_areRefused() {
    String json =
        new NeuralNetConfiguration.Builder()
            .list()
            .layer(new DenseLayer.Builder().nIn(INPUTS).nOut(3).build())
            .build()
            .toJson();
    NetworkSpec network =
        new NetworkSpec.SideBySide(
            List.of(Mlp.of(INPUTS, 1), new NetworkSpec.Dl4j(INPUTS, 3, json)));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      assertTrue(
          assertThrows(IllegalArgumentException.class, () -> trpo(compute, network))
              .getMessage()
              .contains("trpo needs Fisher-vector products"));
      assertTrue(
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      new Npg(
                          NpgConfig.defaults(),
                          context -> network,
                          Batches.context(compute, INPUTS, space("discrete"), 1)))
              .getMessage()
              .contains("npg needs Fisher-vector products"));
      assertTrue(
          assertThrows(IllegalArgumentException.class, () -> trpo(compute, Mlp.of(INPUTS, 4, 8)))
              .getMessage()
              .contains("apart"));
    }
  }

  /** Rewards and values for a rollout, whose advantages are then computed anew. */
  private static Rollout rewarded(Rollout rollout) {
    Rng random = new Rng(12);
    random.fillGaussian(rollout.rewards(), 0, ROWS);
    random.fillGaussian(rollout.values(), 0, ROWS);
    random.fillGaussian(rollout.nextValues(), 0, ROWS);
    return rollout;
  }

  @Test
  void metrics_areThoseOfTheRollout() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      TrpoConfig config =
          CONFIG.with(
              c ->
                  c.gamma(0.9)
                      .lambda(0.8)
                      .conjugateGradientSteps(3)
                      .conjugateGradientTolerance(0)
                      .valueEpochs(1)
                      .valueBatchSize(ROWS)
                      .learningRate(Schedule.linear(0.1, 0)));
      NpgConfig npgConfig =
          NpgConfig.defaults()
              .with(
                  c ->
                      c.rolloutSteps(ROWS)
                          .gamma(0.9)
                          .lambda(0.8)
                          .conjugateGradientSteps(3)
                          .conjugateGradientTolerance(0)
                          .valueEpochs(1)
                          .valueBatchSize(ROWS)
                          .learningRate(Schedule.linear(0.1, 0)));
      Trpo trpo = trpo(compute, config, space("box"));
      Npg npg = new Npg(npgConfig, NETWORKS, Batches.context(compute, INPUTS, space("box"), 1));
      for (OnPolicyLearner learner : List.of(trpo, npg)) {
        Rollout rollout = rewarded(rollout(learner.model(), space("box"), new Rng(6)));
        ActorCritic model = learner.model();
        float[] values = model.values().clone();
        double entropy = 0;
        for (float each : model.entropies()) {
          entropy += each / (double) ROWS;
        }
        float[] v = Gradients.copy(model.valueNetwork().parameters());
        Averages averages = new Averages(learner.metrics());
        learner.update(rollout, 0.75, new Rng(7), averages);
        Rollout returns = rewarded(new Rollout(ROWS, 1, 1, 1, 1));
        returns.computeAdvantages(0.9, 0.8);
        assertArrayEquals(returns.returns(), rollout.returns());
        assertEquals(entropy, averages.of("entropy"), 1e-5);
        assertEquals(3, averages.of("cg_iterations"));
        assertTrue(averages.of("cg_residual") > 0);
        assertEquals(0.025, averages.of("learning_rate"), 1e-12);
        assertEquals(
            Statistics.explainedVariance(rollout.values(), rollout.returns(), ROWS),
            averages.of("explained_variance"));
        assertEquals(
            0.025,
            Gradients.distance(v, Gradients.copy(model.valueNetwork().parameters())),
            1e-4,
            "one step of V");
        double loss = 0;
        double mean = 0;
        double squares = 0;
        for (int b = 0; b < ROWS; b++) {
          loss += Math.pow((double) values[b] - rollout.returns()[b], 2) / ROWS;
          mean += rollout.advantages()[b] / (double) ROWS;
          squares += Math.pow(rollout.advantages()[b], 2) / (ROWS - 1);
        }
        assertEquals(loss, averages.of("value_loss"), 1e-4);
        assertEquals(0, mean, 1e-6, "normalised advantages");
        assertEquals(1, squares, 1e-4);
        double norm = averages.of("gradient_norm");
        assertTrue(norm > 0 && averages.of("step_norm") > 0);
      }
    }
  }

  @Test
  void gradient_isThatOfTheSurrogate() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      Trpo trpo = trpo(compute, CONFIG, space("box"));
      ActorCritic model = trpo.model();
      Rollout rollout = rollout(model, space("box"), new Rng(6));
      float[] oldZ = model.distributionParameters().clone();
      NaturalGradient natural = new NaturalGradient(compute, model, ROWS);
      natural.begin(rollout);
      Gradients.assertDerivative(model.policyNetwork(), () -> measure(model, rollout, oldZ)[0]);
    }
  }

  @Test
  void savedAndLoaded_updatesGoOn() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      Space box = space("box");
      NpgConfig npg = NpgConfig.defaults().withRolloutSteps(ROWS);
      List<Supplier<OnPolicyLearner>> learners =
          List.of(
              () -> trpo(compute, CONFIG, box),
              () -> new Npg(npg, NETWORKS, Batches.context(compute, INPUTS, box, 1)));
      for (Supplier<OnPolicyLearner> made : learners) {
        OnPolicyLearner learner = made.get();
        Rollout rollout = rewarded(rollout(learner.model(), box, new Rng(6)));
        learner.update(rollout, 0, new Rng(7), new Averages(learner.metrics()));
        OnPolicyLearner loaded = made.get();
        StateFile.fromBytes(StateFile.toBytes("learner", learner), "learner", loaded);
        learner.update(rollout, 0, new Rng(7), new Averages(learner.metrics()));
        loaded.update(rollout, 0, new Rng(7), new Averages(learner.metrics()));
        assertArrayEquals(
            StateFile.toBytes("learner", learner), StateFile.toBytes("learner", loaded));
      }
    }
  }
}
