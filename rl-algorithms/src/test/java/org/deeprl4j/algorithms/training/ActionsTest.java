package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.a2c.A2cConfig;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.reinforce.ReinforceConfig;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What of a learner's actions each driver gives to the environment, and what it keeps. */
final class ActionsTest {
  /** Observes the number of its step and the action it was given; never ends. */
  private static final class Echo implements Mdp {
    private static final Box ACTIONS = Box.of(new float[] {-0.5f, 0}, new float[] {0.5f, 10});
    private final boolean steady; // always observes the same
    private final List<Echo> closed;
    private int step;

    Echo(boolean steady, List<Echo> closed) {
      this.steady = steady;
      this.closed = closed;
    }

    @Override
    public Space observationSpace() {
      return Box.of(-1000, 1000, 3);
    }

    @Override
    public Space actionSpace() {
      return ACTIONS;
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      Arrays.fill(observation, steady ? 1 : 0);
    }

    @Override
    public void step(float[] action, Step next) {
      step++;
      Arrays.fill(next.observation(), 1);
      if (!steady) {
        next.observation()[0] = step;
        System.arraycopy(action, 0, next.observation(), 1, 2);
      }
      next.setReward(action[0]);
    }

    @Override
    public void close() {
      closed.add(this);
    }
  }

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final List<Echo> closed = new ArrayList<>();

  @AfterEach
  void close() {
    compute.close();
  }

  private TrainingSetup setup(boolean steady, long steps) {
    return new TrainingSetup(() -> new Echo(steady, closed), steps, 7, compute);
  }

  /** Shows its rollouts, and learns nothing. */
  private static final class Watcher extends OnPolicyStub {
    private static final List<Integer> HIDDEN = List.of(4);
    private final Consumer<Rollout> test;

    Watcher(LearnerContext context, LogStd logStd, Consumer<Rollout> test) {
      super(
          context,
          new MlpArchitecture(HIDDEN, HIDDEN, Activation.TANH, false, false, logStd, 0),
          logStd.distribution(context.actionSpace(), HIDDEN));
      this.test = test;
    }

    @Override
    public void update(Rollout rollout, double progress, Rng random, Averages averages) {
      test.accept(rollout);
    }
  }

  private static float clip(float x, float low, float high) {
    return Math.min(Math.max(x, low), high);
  }

  /** Actions are kept as drawn; the environment gets them clipped. */
  private static void assertClipped(Rollout rollout) {
    float[] a = rollout.actions();
    float[] x = rollout.observations();
    int n = rollout.environments();
    int beyond = 0;
    for (int row = 0; row + n < rollout.rows(); row++) {
      float first = clip(a[2 * row], -0.5f, 0.5f);
      assertEquals(row / n + 1, x[3 * (row + n)]);
      assertEquals(first, x[3 * (row + n) + 1]);
      assertEquals(clip(a[2 * row + 1], 0, 10), x[3 * (row + n) + 2]);
      assertEquals(first, rollout.rewards()[row]);
      beyond += first == a[2 * row] ? 0 : 1;
    }
    assertTrue(beyond > 5, "clipped " + beyond);
  }

  @Test
  void onPolicy_clipsActions() {
    A2cConfig settings = A2cConfig.defaults().with(c -> c.environments(2).rolloutSteps(20));
    int[] updates = new int[1];
    try (OnPolicyTrainer trainer =
        new OnPolicyTrainer(
            setup(false, 40),
            settings,
            context ->
                new Watcher(
                    context,
                    LogStd.FREE,
                    rollout -> {
                      updates[0]++;
                      assertClipped(rollout);
                    }))) {
      trainer.iterate();
    }
    assertEquals(1, updates[0]);
    assertEquals(2, closed.size());
  }

  @Test
  void episodic_clipsActions() {
    int[] updates = new int[1];
    try (EpisodicTrainer trainer =
        new EpisodicTrainer(
            setup(false, 40),
            ReinforceConfig.defaults().withEpisodesPerUpdate(1),
            context ->
                new Watcher(
                    context,
                    LogStd.FREE,
                    rollout -> {
                      updates[0]++;
                      assertClipped(rollout);
                    }))) {
      trainer.iterate();
    }
    assertEquals(1, updates[0]);
    assertEquals(1, closed.size());
  }

  @Test
  void segment_keepsActionsAsTheyWereDrawn() {
    SingleEnvironment environment = Alone.of(new Echo(false, closed), compute);
    Segment segment = new Segment(compute, environment, 4);
    for (int pass = 0; pass < 2; pass++) {
      segment.clear();
      segment.step(new float[] {0.25f, 3});
      segment.step(new float[] {-7, -1});
      segment.step(new float[] {0.5f, 20});
      assertEquals(3, segment.steps());
      assertEquals(3, segment.observations().rows());
      assertEquals(3, segment.nextObservations().rows());
      int t = 3 * pass;
      float[] x = segment.observations().floats();
      float[] next = segment.nextObservations().floats();
      assertArrayEquals(
          new float[] {t + 1, 0.25f, 3, t + 2, -0.5f, 0, t + 3, 0.5f, 10}, Arrays.copyOf(next, 9));
      assertArrayEquals(Arrays.copyOf(next, 6), Arrays.copyOfRange(x, 3, 9));
      assertEquals(t, x[0]);
      assertArrayEquals(
          new float[] {0.25f, 3, -7, -1, 0.5f, 20}, Arrays.copyOf(segment.actions(), 6));
      assertArrayEquals(new float[] {0.25f, -0.5f, 0.5f}, Arrays.copyOf(segment.rewards(), 3));
    }
    environment.close();
    assertEquals(1, closed.size());
  }

  @Test
  void singleEnvironment_beginsWhereItWasSaved() {
    SingleEnvironment first = Alone.of(Environments.make("CartPole-v1"), compute);
    SingleEnvironment second = Alone.of(Environments.make("CartPole-v1"), compute);
    float[] start = first.observation().floats().clone();
    assertTrue(start[0] != 0, "a reset is seen at once");
    first.step(new float[] {1});
    StateFile.fromBytes(StateFile.toBytes("environment", first), "environment", second);
    assertArrayEquals(first.observation().floats(), second.observation().floats());
    assertTrue(start[1] != second.observation().floats()[1]);
  }

  @Test
  void stateDependentNoise_isHeldForItsSteps() {
    A2cConfig settings =
        A2cConfig.defaults()
            .with(c -> c.environments(2).rolloutSteps(7).logStd(LogStd.GSDE).noiseHold(3));
    float[][] actions = new float[1][];
    try (OnPolicyTrainer trainer =
        new OnPolicyTrainer(
            setup(true, 14),
            settings,
            context ->
                new Watcher(
                    context, LogStd.GSDE, rollout -> actions[0] = rollout.actions().clone()))) {
      trainer.iterate();
    }
    for (int t = 1; t < 7; t++) {
      float[] before = Arrays.copyOfRange(actions[0], 4 * (t - 1), 4 * t);
      float[] now = Arrays.copyOfRange(actions[0], 4 * t, 4 * t + 4);
      assertEquals(t % 3 != 0, Arrays.equals(before, now), "step " + t);
      assertNotEquals(now[0], now[2], "each environment has its own");
    }
  }

  /** Explores with (½, −½), and looks at its batches. */
  private static final class OffPolicyWatcher extends OffPolicyStub {
    private final boolean normalised;
    float least = 1;
    float most = -1;
    int explored;
    boolean weighted;

    OffPolicyWatcher(boolean normalised) {
      this.normalised = normalised;
    }

    @Override
    public void explore(
        Tensor observations, float[] raw, double progress, Rng random, float[] actions) {
      explored++;
      for (int i = 0; i < actions.length; i++) {
        actions[i] = i % 2 == 0 ? 0.5f : -0.5f;
      }
    }

    @Override
    public void update(Minibatch batch, double progress, Rng random, Averages averages) {
      assertTrue(batch.between().isEmpty(), "nobody asked for the states between");
      for (int b = 0; b < batch.rows(); b++) {
        float first = batch.actions()[2 * b];
        float second = batch.actions()[2 * b + 1];
        least = Math.min(least, Math.min(first, second));
        most = Math.max(most, Math.max(first, second));
        weighted |= batch.weights()[b] != batch.weights()[0];
        batch.errors()[b] = first == 0.5f ? 9 : 0.1f;
        if (!normalised) {
          float[] next = batch.nextObservations().floats();
          assertEquals(0.5f * first, next[3 * b + 1], 1e-6f);
          assertEquals(5 * (second + 1), next[3 * b + 2], 1e-5f);
        }
      }
    }
  }

  private static DdpgConfig offPolicy() {
    return DdpgConfig.defaults()
        .with(
            c ->
                c.environments(2)
                    .learningStarts(100)
                    .stepsPerRound(4)
                    .returnSteps(2)
                    .batchSize(8)
                    .bufferSize(1000)
                    .gamma(0));
  }

  @Test
  void offPolicy_scalesActions_whichAreUniformAtFirst() {
    OffPolicyWatcher watcher = new OffPolicyWatcher(false);
    try (OffPolicyTrainer trainer =
        new OffPolicyTrainer(
            setup(false, 400), offPolicy().withReturnSteps(1), context -> watcher)) {
      trainer.iterate();
    }
    assertEquals(150, watcher.explored);
    assertTrue(watcher.least >= -1 && watcher.least < -0.9, "least " + watcher.least);
    assertTrue(watcher.most <= 1 && watcher.most > 0.9, "most " + watcher.most);
    assertEquals(2, closed.size());
  }

  @Test
  void offPolicy_prioritiesFollowTheErrors() {
    for (boolean prioritised : new boolean[] {false, true}) {
      OffPolicyWatcher watcher = new OffPolicyWatcher(true);
      try (OffPolicyTrainer trainer =
          new OffPolicyTrainer(
              setup(false, 400),
              offPolicy().withPrioritizedReplay(prioritised),
              context -> watcher)) {
        trainer.iterate();
      }
      assertEquals(prioritised, watcher.weighted);
    }
  }

  /** β is 0 in the first half of the run, where no row is weighted. */
  @Test
  void offPolicy_theCorrectionOfPrioritiesFollowsTheProgress() {
    DdpgConfig settings =
        offPolicy()
            .withPrioritizedReplay(true)
            .withPriorityBeta(Schedule.parse("piecewise(0: 0, 0.5: 0, 0.5: 1)"));
    boolean[] weighted = new boolean[2];
    try (OffPolicyTrainer trainer =
        new OffPolicyTrainer(
            setup(false, 400),
            settings,
            context ->
                new OffPolicyStub() {
                  @Override
                  public void update(
                      Minibatch batch, double progress, Rng random, Averages averages) {
                    for (int b = 0; b < batch.rows(); b++) {
                      weighted[progress < 0.5 ? 0 : 1] |= batch.weights()[b] != 1;
                      batch.errors()[b] = b % 2 == 0 ? 9 : 0.1f;
                    }
                  }
                })) {
      trainer.iterate();
    }
    assertArrayEquals(new boolean[] {false, true}, weighted);
  }

  /** The mean of the steps 0 to 50 of each environment is 25. */
  @Test
  void normalisation_countsEveryObservationOnce() {
    ObservationEncoder[] encoders = new ObservationEncoder[2];
    try (OffPolicyTrainer trainer =
        new OffPolicyTrainer(
            setup(false, 100),
            offPolicy().withNormalizeObservations(true),
            context -> {
              encoders[0] = context.encoder();
              return new OffPolicyWatcher(true);
            })) {
      trainer.iterate();
    }
    A2cConfig settings =
        A2cConfig.defaults()
            .with(c -> c.environments(2).rolloutSteps(50).normalizeObservations(true));
    try (OnPolicyTrainer trainer =
        new OnPolicyTrainer(
            setup(false, 100),
            settings,
            context -> {
              encoders[1] = context.encoder();
              return new Watcher(context, LogStd.FREE, rollout -> {});
            })) {
      trainer.iterate();
    }
    for (ObservationEncoder encoder : encoders) {
      assertEquals(25, encoder.means()[0], 1e-3);
    }
  }
}
