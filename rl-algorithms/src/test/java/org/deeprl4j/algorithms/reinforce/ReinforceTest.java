package org.deeprl4j.algorithms.reinforce;

import static org.deeprl4j.algorithms.training.GradientOracle.ACTIONS;
import static org.deeprl4j.algorithms.training.GradientOracle.GAMMA;
import static org.deeprl4j.algorithms.training.GradientOracle.STATES;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Gradients;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.learning.Rollouts;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.training.GradientOracle;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.stats.Statistics;
import org.deeprl4j.theory.FiniteEnvironment;
import org.deeprl4j.theory.FiniteMdp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReinforceTest {
  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);

  @AfterEach
  void close() {
    compute.close();
  }

  private Reinforce learner(ReinforceConfig config, int inputs, Space actions) {
    return new Reinforce(
        config,
        MlpArchitecture.apart(config.hidden(), config.activation(), 0),
        Batches.context(compute, inputs, actions, 1));
  }

  @Test
  void weights_areReturnsMinusBaseline() {
    ReinforceConfig config = ReinforceConfig.defaults().withGamma(0.5);
    Rollout rollout = new Rollout(4, 1, 1, 1, 2);
    // an episode of three steps that terminates, one of a single step that is truncated
    System.arraycopy(new float[] {1, 2, 4, 8}, 0, rollout.rewards(), 0, 4);
    System.arraycopy(new float[] {1, 1, 1, 1}, 0, rollout.values(), 0, 4);
    System.arraycopy(new float[] {9, 9, 9, 6}, 0, rollout.nextValues(), 0, 4);
    System.arraycopy(new boolean[] {false, false, true, false}, 0, rollout.terminated(), 0, 4);
    System.arraycopy(new boolean[] {false, false, true, true}, 0, rollout.ended(), 0, 4);
    Space actions = new Discrete(2);
    learner(config, 1, actions).weigh(rollout);
    assertArrayEquals(new float[] {3, 4, 4, 11}, rollout.returns());
    assertArrayEquals(new float[] {2, 3, 3, 10}, rollout.advantages());
    learner(config.withDiscountedVisits(true), 1, actions).weigh(rollout);
    assertArrayEquals(new float[] {2, 1.5f, 0.75f, 10}, rollout.advantages());
    learner(config.withBaseline(false), 1, actions).weigh(rollout);
    assertArrayEquals(new float[] {3, 4, 4, 8}, rollout.advantages());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void gradient_isThatOfTheReturn(boolean baseline) {
    ReinforceConfig config =
        ReinforceConfig.defaults()
            .with(
                c ->
                    c.gamma(GAMMA)
                        .baseline(baseline)
                        .discountedVisits(true)
                        .valueCoefficient(0)
                        .hidden(List.of(8)));
    Reinforce reinforce = learner(config, STATES, new Discrete(ACTIONS));
    GradientOracle oracle = new GradientOracle(reinforce.model());
    oracle.estimate(batch -> ascent(reinforce, batch)).assertAgrees(oracle.exactGradient());
  }

  @Test
  void gradientWithoutDiscountedVisits_isAnother() {
    ReinforceConfig config =
        ReinforceConfig.defaults().with(c -> c.gamma(GAMMA).valueCoefficient(0).hidden(List.of(8)));
    Reinforce reinforce = learner(config, STATES, new Discrete(ACTIONS));
    GradientOracle oracle = new GradientOracle(reinforce.model());
    GradientOracle.Estimate practical = oracle.estimate(batch -> ascent(reinforce, batch));
    practical.assertDiffers(oracle.exactGradient());
    practical.assertAgrees(oracle.gradient(oracle.undiscountedVisits(), oracle.values::advantage));
  }

  private static double[] ascent(Reinforce reinforce, Rollout batch) {
    reinforce.weigh(batch);
    reinforce.objective(batch, 0, new Averages(reinforce.metrics()));
    return GradientOracle.scaled(reinforce.model().network().gradient(), -1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void update_descendsTheObjective(boolean continuous) {
    int rows = 300; // more than a chunk
    ReinforceConfig config =
        ReinforceConfig.defaults()
            .with(c -> c.entropyCoefficient(Schedule.linear(0.4, 0)).hidden(List.of(16)));
    Space actions = continuous ? Box.of(-1, 1, 2) : new Discrete(3);
    Reinforce reinforce = learner(config, 4, actions);
    ActorCritic model = reinforce.model();
    Rng random = new Rng(2);
    Rollout rollout = new Rollout(rows, 1, 4, actions.size(), model.distribution().parameterSize());
    random.fillGaussian(rollout.observations(), 0, rows * 4);
    for (int t = 0; t < rows; t++) {
      actions.sample(random, rollout.actions(), t * actions.size());
      rollout.ended()[t] = t % 10 == 9;
      rollout.terminated()[t] = t % 20 == 9;
    }
    random.fillGaussian(rollout.rewards(), 0, rows);
    random.fillGaussian(rollout.values(), 0, rows);
    random.fillGaussian(rollout.nextValues(), 0, rows);
    reinforce.weigh(rollout);
    Tensor theta = model.network().parameters();
    for (int trial = 0; trial < 4; trial++) {
      Tensor direction = compute.tensor(1, theta.columns());
      new Rng(10 + trial).fillGaussian(direction.floatsForWriting(), 0, direction.size());
      direction.scale(1 / direction.norm2());
      double h = 1e-2;
      reinforce.objective(rollout, 0.25, new Averages(reinforce.metrics()));
      double slope = -model.network().gradient().dot(direction);
      double scale = model.network().gradient().norm2();
      theta.axpy(h, direction);
      double plus = reinforce.objective(rollout, 0.25, new Averages(reinforce.metrics()));
      theta.axpy(-2 * h, direction);
      double minus = reinforce.objective(rollout, 0.25, new Averages(reinforce.metrics()));
      theta.axpy(h, direction);
      assertEquals((plus - minus) / (2 * h), slope, 2e-3 * scale);
    }
  }

  private Trainer start(String environment, ReinforceConfig config, long steps) {
    return Reinforce.start(
        new TrainingSetup(() -> Environments.make(environment), steps, 7, compute), config);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CartPole-v1", "Pendulum-v1"})
  void savedAndLoaded_continuesBitForBit(String environment) {
    ReinforceConfig config = ReinforceConfig.defaults();
    try (Trainer whole = start(environment, config, 5000);
        Trainer first = start(environment, config, 5000);
        Trainer second = start(environment, config, 5000)) {
      List<Map<String, Double>> expected = new ArrayList<>();
      while (!whole.done()) {
        expected.add(whole.iterate().values());
      }
      assertEquals(5000, whole.steps());
      List<Map<String, Double>> actual = new ArrayList<>();
      actual.add(first.iterate().values());
      second.iterate(); // a used trainer must be overwritten completely
      StateFile.fromBytes(StateFile.toBytes("test", first), "test", second);
      while (!second.done()) {
        actual.add(second.iterate().values());
      }
      assertEquals(expected, actual);
      assertArrayEquals(StateFile.toBytes("test", whole), StateFile.toBytes("test", second));
    }
  }

  @Tag("training")
  @Test
  void endlessEpisode_isNamed() {
    FiniteMdp endless =
        new FiniteMdp(new double[] {1}, new double[][][] {{{1}}}, new double[][] {{1}}, 0.5);
    try (Trainer trainer =
        Reinforce.start(
            new TrainingSetup(() -> new FiniteEnvironment(endless), 2_000_000, 1, compute),
            ReinforceConfig.defaults().withHidden(List.of()))) {
      String message = assertThrows(IllegalStateException.class, trainer::iterate).getMessage();
      assertTrue(message.contains("--max-episode-steps"), message);
    }
  }

  @Tag("training")
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cartPole_isLearned(boolean baseline) {
    try (Trainer trainer =
        start("CartPole-v1", ReinforceConfig.defaults().withBaseline(baseline), 150_000)) {
      trainer.train();
      double learned =
          Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 20, 10_001)
              .meanReturn();
      assertTrue(learned > 400, "mean return " + learned);
    }
  }

  private static final int SHORT = 9;

  private Reinforce small(ReinforceConfig config) {
    return learner(config.withHidden(List.of(8)), 2, new Discrete(3));
  }

  /** Two episodes, of five and four steps. */
  private static Rollout episodes() {
    Rng random = new Rng(2);
    Rollout rollout = new Rollout(SHORT, 1, 2, 1, 3);
    random.fillGaussian(rollout.observations(), 0, SHORT * 2);
    random.fillGaussian(rollout.rewards(), 0, SHORT);
    random.fillGaussian(rollout.values(), 0, SHORT);
    for (int b = 0; b < SHORT; b++) {
      rollout.actions()[b] = random.nextInt(3);
      rollout.ended()[b] = b == 4 || b == 8;
      rollout.terminated()[b] = rollout.ended()[b];
    }
    return rollout;
  }

  private static Averages update(Reinforce reinforce, double progress) {
    Averages averages = new Averages(reinforce.metrics());
    reinforce.update(episodes(), progress, new Rng(3), averages);
    return averages;
  }

  @Test
  void metrics_areThoseOfTheEpisodes() {
    Reinforce reinforce =
        small(
            ReinforceConfig.defaults().with(c -> c.gamma(0.9).learningRate(Schedule.constant(0))));
    Averages averages = update(reinforce, 0);
    Rollout rollout = episodes();
    reinforce.weigh(rollout);
    ActorCritic model = reinforce.model();
    Tensor x = Tensor.host(SHORT, 2);
    System.arraycopy(rollout.observations(), 0, x.floatsForWriting(), 0, SHORT * 2);
    model.predict(x);
    float[] logProbs = model.logProbs(rollout.actions());
    float[] entropies = model.entropies();
    double policyLoss = 0;
    double valueLoss = 0;
    double entropy = 0;
    for (int b = 0; b < SHORT; b++) {
      policyLoss -= logProbs[b] * (double) rollout.advantages()[b] / 2; // of two episodes
      valueLoss += Math.pow((double) model.values()[b] - rollout.returns()[b], 2) / SHORT;
      entropy += entropies[b] / (double) SHORT;
    }
    assertEquals(policyLoss, averages.of("policy_loss"), 1e-5);
    assertEquals(valueLoss, averages.of("value_loss"), 1e-5);
    assertEquals(entropy, averages.of("entropy"), 1e-6);
    assertEquals(
        Statistics.explainedVariance(rollout.values(), rollout.returns(), SHORT),
        averages.of("explained_variance"));
  }

  /** Where the run ends within an episode, that counts like one that was truncated there. */
  @Test
  void episodeThatTheRunCutsOff_isOneOfTheEpisodes() {
    ReinforceConfig config =
        ReinforceConfig.defaults().with(c -> c.gamma(0.9).learningRate(Schedule.constant(0)));
    Reinforce reinforce = small(config);
    List<Averages> both = new ArrayList<>();
    List<float[]> gradients = new ArrayList<>();
    for (boolean cutOff : new boolean[] {false, true}) {
      Rollout rollout = episodes();
      rollout.terminated()[8] = false;
      rollout.ended()[8] = !cutOff;
      rollout.nextValues()[8] = 2;
      Averages averages = new Averages(reinforce.metrics());
      reinforce.update(rollout, 0, new Rng(3), averages);
      both.add(averages);
      gradients.add(reinforce.model().network().gradient().floats().clone());
    }
    assertEquals(both.get(0).values(), both.get(1).values());
    assertArrayEquals(gradients.get(0), gradients.get(1));
  }

  @Test
  void forbiddenActions_haveNoPartInTheLosses() {
    ReinforceConfig config = ReinforceConfig.defaults().withHidden(List.of(8));
    Reinforce reinforce =
        new Reinforce(
            config, config.architecture(), Batches.maskedContext(compute, 2, new Discrete(5), 1));
    Rollout rollout = Rollouts.judged(reinforce.model(), SHORT, 2, true, new Rng(2));
    Rollouts.move(reinforce.model(), 0.5);
    Averages averages = new Averages(reinforce.metrics());
    reinforce.objective(rollout, 0, averages);
    Rollouts.assertMaskedLosses(reinforce.model(), rollout, 1, averages); // of one episode
  }

  @Test
  void valueLoss_isThatOfABaseline() {
    Reinforce reinforce = small(ReinforceConfig.defaults().withBaseline(false));
    assertEquals(Double.NaN, update(reinforce, 0).of("value_loss"));
  }

  @Test
  void gradient_isCut_andTheStepIsThatOfTheProgress() {
    Reinforce reinforce =
        small(
            ReinforceConfig.defaults()
                .with(
                    c ->
                        c.maxGradientNorm(0.01)
                            .adamEpsilon(1e-12)
                            .learningRate(Schedule.linear(0.1, 0))));
    float[] before = reinforce.model().network().parameters().floats().clone();
    Averages averages = update(reinforce, 0.75);
    assertEquals(
        0.025, Gradients.distance(before, reinforce.model().network().parameters().floats()), 1e-5);
    assertEquals(0.025, averages.of("learning_rate"), 1e-12);
    assertTrue(averages.of("gradient_norm") > 0.1, "before it was cut");
    assertEquals(0.01, reinforce.model().network().gradient().norm2(), 1e-6);
  }

  @Test
  void savedAndLoaded_updatesGoOn() {
    ReinforceConfig config = ReinforceConfig.defaults().withLearningRate(Schedule.constant(0.03));
    Reinforce reinforce = small(config);
    update(reinforce, 0);
    Reinforce loaded = small(config);
    StateFile.fromBytes(StateFile.toBytes("reinforce", reinforce), "reinforce", loaded);
    assertEquals(update(reinforce, 0).values(), update(loaded, 0).values());
    assertArrayEquals(
        StateFile.toBytes("reinforce", reinforce), StateFile.toBytes("reinforce", loaded));
  }
}
