package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.a2c.A2cConfig;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.reinforce.ReinforceConfig;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.policy.ValueFunction;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What each driver tells its learner of the ends of episodes. */
final class EndsTest {
  private static final int LENGTH = 3;

  /**
   * Observes its episode and the step in it, in parts of 128 and 4, and pays 10 · episode + step.
   * The first of two environments counts its episodes from 0, the second from 128. Episodes have
   * three steps; the even ones are truncated, the odd ones terminate.
   */
  private static final class Clock implements Mdp {
    private int episode;
    private int step;

    Clock(int first) {
      episode = first - 1;
    }

    @Override
    public Space observationSpace() {
      return Box.of(0, 9, 2);
    }

    @Override
    public Space actionSpace() {
      return new Discrete(2);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      episode++;
      step = 0;
      observation[0] = episode / 128f;
      observation[1] = 0;
    }

    @Override
    public void step(float[] action, Step next) {
      next.setReward(10.0 * episode + step);
      step++;
      next.observation()[0] = episode / 128f;
      next.observation()[1] = step / 4f;
      next.setTruncated(step == LENGTH && episode % 2 == 0);
      next.setTerminated(step == LENGTH && episode % 2 == 1);
    }
  }

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final int[] drawn = new int[2]; // how often each action was

  @AfterEach
  void close() {
    compute.close();
  }

  private TrainingSetup setup(long steps) {
    AtomicInteger made = new AtomicInteger();
    return new TrainingSetup(() -> new Clock(128 * made.getAndIncrement()), steps, 7, compute);
  }

  /** Hands its rollouts to a test, and learns nothing. */
  private static final class Watcher extends OnPolicyStub {
    interface Test {
      void look(ActorCritic model, Rollout rollout, double progress);
    }

    private final Test test;
    int updates;

    Watcher(LearnerContext context, Test test) {
      super(context);
      this.test = test;
    }

    @Override
    public List<String> metrics() {
      return List.of("updates");
    }

    @Override
    public void update(Rollout rollout, double progress, Rng random, Averages averages) {
      updates++;
      averages.add("updates", updates);
      test.look(model(), rollout, progress);
    }
  }

  /** V of an observation. */
  private float value(ActorCritic model, int episode, int step) {
    Tensor x = compute.tensor(1, 2);
    x.floatsForWriting()[0] = episode / 128f;
    x.floatsForWriting()[1] = step / 4f;
    model.predict(x);
    return model.values()[0];
  }

  /** Checks row {@code row}, which is step t of an episode. */
  private void check(ActorCritic model, Rollout rollout, int row, int episode, int t) {
    boolean last = t == LENGTH - 1;
    boolean terminal = last && episode % 2 == 1;
    assertEquals(episode / 128f, rollout.observations()[2 * row]);
    assertEquals(t / 4f, rollout.observations()[2 * row + 1]);
    drawn[(int) rollout.actions()[row]]++;
    assertEquals(10f * episode + t, rollout.rewards()[row]);
    assertEquals(terminal, rollout.terminated()[row]);
    assertEquals(last, rollout.ended()[row]);
    assertEquals(value(model, episode, t), rollout.values()[row], 1e-6);
    float next = terminal ? 0 : value(model, episode, t + 1); // of the true next observation
    assertEquals(next, rollout.nextValues()[row], 1e-6, "row " + row);
    float[] z = Arrays.copyOfRange(rollout.distribution(), 2 * row, 2 * row + 2);
    value(model, episode, t);
    assertArrayEquals(Arrays.copyOf(model.distributionParameters(), 2), z, 1e-6f);
  }

  @Test
  void onPolicy_truncatedEpisodesKeepTheValueOfTheirTrueLastObservation() {
    int n = 2;
    int steps = 5;
    A2cConfig settings = A2cConfig.defaults().with(c -> c.environments(n).rolloutSteps(steps));
    List<Double> seen = new ArrayList<>();
    int[] at = {0};
    try (OnPolicyTrainer trainer =
        new OnPolicyTrainer(
            setup(300),
            settings,
            context ->
                new Watcher(
                    context,
                    (model, rollout, progress) -> {
                      seen.add(progress);
                      assertEquals(steps, rollout.steps());
                      for (int t = 0; t < steps; t++) {
                        int total = at[0] + t;
                        for (int e = 0; e < n; e++) {
                          int row = t * n + e;
                          int episode = 128 * e + total / LENGTH;
                          check(model, rollout, row, episode, total % LENGTH);
                          float[] log = new float[1];
                          float[] z =
                              Arrays.copyOfRange(rollout.distribution(), 2 * row, 2 * row + 2);
                          model
                              .distribution()
                              .logProb(z, new float[] {rollout.actions()[row]}, 1, log);
                          assertEquals(log[0], rollout.logProbs()[row], 1e-6);
                        }
                      }
                      at[0] += steps;
                    }))) {
      assertEquals(260, trainer.iterationSteps().getAsLong()); // whole rollouts, 256 steps or more
      Map<String, Double> metrics = trainer.iterate().values();
      assertEquals(260, trainer.steps());
      assertEquals(26, seen.size());
      assertEquals(250 / 300.0, seen.get(25), 1e-12);
      assertEquals(13.5, metrics.get("updates")); // the mean of 1 … 26
      // Of each environment's 43 episodes, the rewards 30·episode + 3.
      assertEquals(30 * (21 + 64) + 3, metrics.get("mean_return"), 1e-9);
      assertEquals(LENGTH, metrics.get("mean_length"), 1e-9);
      assertTrue(drawn[0] > 80 && drawn[1] > 80, "both actions are drawn");
    }
  }

  /** Whole rollouts, or whole episodes, of 256 steps or more in every iteration. */
  @Test
  void iterations_areOfTheSameLength() {
    for (int[] lengths : new int[][] {{5, 260}, {128, 256}}) {
      A2cConfig settings =
          A2cConfig.defaults().with(c -> c.environments(2).rolloutSteps(lengths[0]));
      try (OnPolicyTrainer trainer =
          new OnPolicyTrainer(
              setup(1000), settings, context -> new Watcher(context, (model, rollout, p) -> {}))) {
        assertEquals(lengths[1], trainer.iterationSteps().getAsLong());
        trainer.iterate();
        trainer.iterate();
        assertEquals(2L * lengths[1], trainer.steps());
      }
    }
    try (EpisodicTrainer trainer =
        new EpisodicTrainer(
            setup(1000),
            ReinforceConfig.defaults().withEpisodesPerUpdate(1),
            context -> new Watcher(context, (model, rollout, p) -> {}))) {
      trainer.iterate();
      trainer.iterate();
      assertEquals(2 * 258, trainer.steps());
    }
  }

  @Test
  void onPolicy_lastRolloutIsShorter() {
    List<Integer> lengths = new ArrayList<>();
    A2cConfig settings = A2cConfig.defaults().with(c -> c.environments(2).rolloutSteps(5));
    try (OnPolicyTrainer trainer =
        new OnPolicyTrainer(
            setup(17),
            settings,
            context -> new Watcher(context, (model, rollout, p) -> lengths.add(rollout.steps())))) {
      trainer.iterate();
      assertEquals(List.of(5, 4), lengths); // 17 steps take 18 of two environments
      assertEquals(18, trainer.steps());
      assertTrue(trainer.done());
    }
  }

  @Test
  void episodic_rolloutsAreWholeEpisodes_untilTheRunEnds() {
    List<Integer> lengths = new ArrayList<>();
    List<Double> seen = new ArrayList<>();
    int[] episode = {0};
    try (EpisodicTrainer trainer =
        new EpisodicTrainer(
            setup(320),
            ReinforceConfig.defaults()
                .withEpisodesPerUpdate(100), // 300 steps, more than the first capacity
            context ->
                new Watcher(
                    context,
                    (model, rollout, progress) -> {
                      lengths.add(rollout.steps());
                      seen.add(progress);
                      for (int row = 0; row < rollout.rows(); row++) {
                        check(model, rollout, row, episode[0] + row / LENGTH, row % LENGTH);
                      }
                      episode[0] += 100;
                    }))) {
      assertTrue(trainer.iterationSteps().isEmpty());
      trainer.iterate();
      assertEquals(300, trainer.steps());
      assertFalse(trainer.done());
      trainer.iterate(); // 20 steps: six episodes, and two steps that the end cuts off
      assertEquals(List.of(300, 20), lengths);
      assertEquals(List.of(0.0, 300 / 320.0), seen);
      assertTrue(drawn[0] > 80 && drawn[1] > 80, "both actions are drawn");
      assertEquals(320, trainer.steps());
      assertTrue(trainer.done());
    }
  }

  @Test
  void episodic_rowsOfMetricsHaveSeveralUpdates() {
    List<Integer> lengths = new ArrayList<>();
    try (EpisodicTrainer trainer =
        new EpisodicTrainer(
            setup(1000),
            ReinforceConfig.defaults().withEpisodesPerUpdate(1),
            context -> new Watcher(context, (model, rollout, p) -> lengths.add(rollout.steps())))) {
      trainer.iterate();
      assertEquals(258, trainer.steps()); // the first episode's end beyond 256 steps
      assertEquals(86, lengths.size());
    }
  }

  /** Checks every row of its batches. */
  private static class OffPolicyWatcher extends OffPolicyStub {
    private final double gamma;
    final List<Integer> ended = new ArrayList<>();
    final TreeMap<Float, Integer> kinds = new TreeMap<>(); // of discounts
    final List<Double> explored = new ArrayList<>();
    final List<Double> updated = new ArrayList<>();
    final int[] drawn = new int[2];

    OffPolicyWatcher(double gamma) {
      this.gamma = gamma;
    }

    @Override
    public void explore(
        Tensor observations, float[] raw, double progress, Rng random, float[] actions) {
      explored.add(progress);
      for (int e = 0; e < actions.length; e++) {
        actions[e] = 1 - 4 * observations.floats()[2 * e + 1] % 2;
      }
    }

    @Override
    public List<String> metrics() {
      return List.of("loss");
    }

    @Override
    public void episodeEnded(int environment) {
      ended.add(environment);
    }

    @Override
    public void update(Minibatch batch, double progress, Rng random, Averages averages) {
      updated.add(progress);
      averages.add("loss", updated.size());
      for (int b = 0; b < batch.rows(); b++) {
        int episode = (int) (128 * batch.observations().floats()[2 * b]);
        int t = (int) (4 * batch.observations().floats()[2 * b + 1]);
        boolean terminal = t == LENGTH - 1 && episode % 2 == 1;
        float discount = batch.discounts()[b];
        assertEquals(terminal ? 0 : (float) gamma, discount);
        assertEquals(10f * episode + t, batch.rewards()[b]);
        assertEquals(episode / 128f, batch.nextObservations().floats()[2 * b]);
        assertEquals((t + 1) / 4f, batch.nextObservations().floats()[2 * b + 1]);
        int action = (int) batch.actions()[b];
        if (LENGTH * (episode % 128) + t >= 50) { // no longer drawn uniformly
          assertEquals(1 - t % 2, action);
        } else {
          drawn[action]++;
        }
        kinds.merge(discount, 1, Integer::sum);
      }
    }
  }

  @Test
  void offPolicy_onlyTerminationEndsTheFuture() {
    DdpgConfig settings =
        DdpgConfig.defaults()
            .with(
                c ->
                    c.environments(2)
                        .learningStarts(100)
                        .stepsPerRound(4)
                        .updatesPerRound(2)
                        .batchSize(8)
                        .bufferSize(1000)
                        .gamma(0.5));
    OffPolicyWatcher watcher = new OffPolicyWatcher(0.5);
    try (OffPolicyTrainer trainer =
        new OffPolicyTrainer(setup(600), settings, context -> watcher)) {
      assertEquals(1000, trainer.iterationSteps().getAsLong());
      assertFalse(trainer.done());
      Map<String, Double> metrics = trainer.iterate().values();
      assertEquals(600, trainer.steps());
      assertTrue(trainer.done());
      // Rounds after the steps 100, 104, …, 600.
      assertEquals(2 * 126, watcher.updated.size());
      assertEquals(2 * 126, metrics.get("updates"));
      assertEquals(98 / 600.0, watcher.updated.get(0), 1e-12);
      assertEquals(598 / 600.0, watcher.updated.get(251), 1e-12);
      assertEquals(250, watcher.explored.size()); // 100 steps are drawn uniformly
      assertEquals(100 / 600.0, watcher.explored.get(0), 1e-12);
      // Both environments' 100 episodes, together.
      List<Integer> expected = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        expected.add(0);
        expected.add(1);
      }
      assertEquals(expected, watcher.ended);
      // A sixth of the rows is terminal: of 2016, within five standard errors.
      assertEquals(200, metrics.get("episodes"));
      // Of the last 100: 50 to 99, and 178 to 227.
      assertEquals(30 * 138.5 + 3, metrics.get("mean_return"), 1e-9);
      assertTrue(watcher.drawn[0] > 100 && watcher.drawn[1] > 100, "both actions are drawn");
      assertEquals(336, watcher.kinds.get(0f), 84);
    }
  }

  @Test
  void offPolicy_runsThatWouldLearnNothingAreRefused() {
    DdpgConfig settings = DdpgConfig.defaults().withLearningStarts(101);
    assertEquals(
        "nothing would be learned in 100 steps: learningStarts = 101 and stepsPerRound = 1 leave no update; lower them or train for longer",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new OffPolicyTrainer(
                        setup(100), settings, context -> new OffPolicyWatcher(0.99)))
            .getMessage());
  }

  @Test
  void offPolicy_iterationsPauseEveryThousandSteps() {
    DdpgConfig settings =
        DdpgConfig.defaults()
            .with(c -> c.learningStarts(10).stepsPerRound(100).batchSize(2).bufferSize(1000));
    try (OffPolicyTrainer trainer =
        new OffPolicyTrainer(setup(2500), settings, context -> new Ignorant())) {
      for (int expected : new int[] {1000, 2000, 2500}) {
        assertFalse(trainer.done());
        trainer.iterate();
        assertEquals(expected, trainer.steps());
      }
      assertTrue(trainer.done());
    }
  }

  /** Learns nothing, and does nothing when asked. */
  private static final class Ignorant extends OffPolicyWatcher {
    Ignorant() {
      super(1);
    }

    @Override
    public void update(Minibatch batch, double progress, Rng random, Averages averages) {}
  }

  @Test
  void offPolicy_theLastStepOfAllEnvironmentsMayLearn() {
    DdpgConfig settings =
        DdpgConfig.defaults().with(c -> c.environments(2).learningStarts(4).batchSize(2));
    try (OffPolicyTrainer trainer =
        new OffPolicyTrainer(setup(3), settings, context -> new Ignorant())) {
      assertEquals(1, trainer.iterate().values().get("updates")); // after the fourth step
    }
    for (DdpgConfig none : List.of(settings.withEnvironments(1), settings.withLearningStarts(5))) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new OffPolicyTrainer(setup(3), none, context -> new Ignorant()));
    }
  }

  @Test
  void offPolicy_batchesLargerThanTheMemory_areRefused() {
    DdpgConfig settings =
        DdpgConfig.defaults().with(c -> c.environments(2).batchSize(11).bufferSize(11));
    assertEquals(
        "batchSize must be in [1, 10], not 11", // five steps of each environment
        assertThrows(
                IllegalArgumentException.class,
                () -> new OffPolicyTrainer(setup(900), settings, context -> new Ignorant()))
            .getMessage());
  }

  /** What a trainer hands out is what its learner has learned by then. */
  @Test
  void policiesAndValues_areLive() {
    ActorCritic[] models = new ActorCritic[2];
    A2cConfig settings = A2cConfig.defaults().with(c -> c.environments(2).rolloutSteps(5));
    try (OnPolicyTrainer onPolicy =
            new OnPolicyTrainer(
                setup(100), settings, context -> new Watcher(context, (m, r, p) -> models[0] = m));
        EpisodicTrainer episodic =
            new EpisodicTrainer(
                setup(100),
                ReinforceConfig.defaults(),
                context -> new Watcher(context, (m, r, p) -> models[1] = m))) {
      onPolicy.iterate();
      episodic.iterate();
      for (float shift : new float[] {0, 3}) {
        for (ActorCritic model : models) {
          float[] theta = model.network().parameters().floatsForWriting();
          theta[0] += shift;
        }
        assertLive(models[0], onPolicy.policy(), onPolicy.valueFunction());
        assertLive(models[1], episodic.policy(), episodic.valueFunction());
      }
    }
  }

  private void assertLive(ActorCritic model, Policy policy, ValueFunction values) {
    float[] observation = {5 / 128f, 0.5f};
    assertEquals(value(model, 5, 2), values.value(observation));
    float[] z = Arrays.copyOf(model.distributionParameters(), 2);
    assertEquals(z[1] > z[0] ? 1 : 0, policy.act(observation)[0]);
  }

  @Test
  void offPolicy_policiesAndValuesAreTheLearners() {
    DdpgConfig settings = DdpgConfig.defaults().with(c -> c.learningStarts(4).batchSize(2));
    try (OffPolicyTrainer trainer =
        new OffPolicyTrainer(setup(30), settings, context -> new Ignorant())) {
      assertThrows(UnsupportedOperationException.class, trainer::policy);
      assertThrows(UnsupportedOperationException.class, trainer::actionValueFunction);
    }
  }

  @Test
  void episodic_takesNoMemory() {
    TrainingSetup setup = setup(100);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new EpisodicTrainer(
                        setup,
                        ReinforceConfig.defaults(),
                        context ->
                            new OnPolicyStub(
                                context,
                                MlpArchitecture.apart(List.of(4), Activation.TANH, 0).onMemory(2),
                                Distributions.forActionSpace(context.actionSpace())) {
                              @Override
                              public void update(
                                  Rollout rollout, double progress, Rng random, Averages means) {}
                            }))
            .getMessage();
    assertEquals("this algorithm takes no network with memory; PPO and A2C do", message);
  }

  @Test
  void metrics_haveEachNameOnce() {
    Trainer.Metrics metrics = new Trainer.Metrics(Map.of("episodes", 1.0), Map.of("loss", 2.0));
    assertEquals(List.of("episodes", "loss"), List.copyOf(metrics.values().keySet()));
    assertEquals(2.0, metrics.values().get("loss"));
    assertThrows(UnsupportedOperationException.class, () -> metrics.train().put("kl", 1.0));
    assertEquals(
        "metric 'loss' is reported twice",
        assertThrows(
                IllegalArgumentException.class,
                () -> new Trainer.Metrics(Map.of("loss", 1.0), Map.of("loss", 2.0)))
            .getMessage());
  }
}
