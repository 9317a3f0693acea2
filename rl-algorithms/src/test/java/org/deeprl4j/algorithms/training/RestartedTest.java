package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.a3c.A3cConfig;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.reinforce.Reinforce;
import org.deeprl4j.algorithms.reinforce.ReinforceConfig;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.stats.RewardScaler;
import org.junit.jupiter.api.Test;

/** A resume where environments cannot be saved: what belongs to the episodes cut off ends there. */
final class RestartedTest {
  /** Never ends, always gives the same reward, and keeps its state to itself. */
  private record Closed(double reward) implements Mdp {
    @Override
    public Space observationSpace() {
      return Box.of(-1, 1, 1);
    }

    @Override
    public Space actionSpace() {
      return new Discrete(3);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      observation[0] = random.nextFloat();
    }

    @Override
    public void step(float[] action, Step next) {
      next.observation()[0] = 0.5f;
      next.setReward(reward);
    }
  }

  /** Learns nothing, remembers what it is shown. */
  private static final class Spy extends OffPolicyStub {
    final TreeSet<Float> rewards = new TreeSet<>();
    final List<Integer> ended = new ArrayList<>();

    @Override
    public void episodeEnded(int environment) {
      ended.add(environment);
    }

    @Override
    public void update(Minibatch batch, double progress, Rng random, Averages averages) {
      for (float reward : batch.rewards()) {
        rewards.add(reward);
      }
    }
  }

  @Test
  void offPolicy_noSampleCrossesIntoTheNextEpisode() {
    DdpgConfig settings =
        DdpgConfig.defaults()
            .with(
                c ->
                    c.environments(2)
                        .learningStarts(0)
                        .stepsPerRound(2)
                        .batchSize(64)
                        .bufferSize(4000)
                        .returnSteps(3)
                        .gamma(1));
    Spy before = new Spy();
    Spy after = new Spy();
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        OffPolicyTrainer first =
            new OffPolicyTrainer(setup(1, 2000, compute), settings, context -> before);
        OffPolicyTrainer second =
            new OffPolicyTrainer(setup(100, 2000, compute), settings, context -> after)) {
      assertEquals(0, first.restarted());
      first.iterate();
      StateFile.fromBytes(StateFile.toBytes("test", first), "test", second);
      assertEquals(2, second.restarted());
      assertEquals(List.of(0, 1), after.ended);
      second.iterate();
    }
    // Sums of three rewards, of fewer before the cut and at the newest row; 102 and 201 would
    // cross.
    assertEquals(new TreeSet<>(List.of(1f, 2f, 3f, 100f, 200f, 300f)), after.rewards);
  }

  @Test
  void onPolicy_rewardScaleStartsAnew() {
    PpoConfig settings =
        PpoConfig.defaults()
            .with(c -> c.environments(1).rolloutSteps(256).gamma(0.9).normalizeRewards(true));
    float[][] rewards = new float[2][];
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        OnPolicyTrainer first =
            new OnPolicyTrainer(setup(1, 512, compute), settings, c -> new Watcher(c, rewards, 0));
        OnPolicyTrainer second =
            new OnPolicyTrainer(
                setup(1, 512, compute), settings, c -> new Watcher(c, rewards, 1))) {
      first.iterate();
      StateFile.fromBytes(StateFile.toBytes("test", first), "test", second);
      assertEquals(1, second.restarted());
      second.iterate();
    }
    RewardScaler scaler = new RewardScaler(1, 0.9, 10);
    for (int part = 0; part < 2; part++) {
      float[] expected = new float[256];
      for (int t = 0; t < expected.length; t++) {
        float[] reward = {1};
        scaler.observe(new double[] {1}, new boolean[1]);
        scaler.scale(reward, 1, reward);
        expected[t] = reward[0];
      }
      scaler.endEpisode(0);
      assertArrayEquals(expected, rewards[part]);
    }
  }

  /** Keeps the rewards of the last rollout. */
  private static final class Watcher extends OnPolicyStub {
    private final float[][] rewards;
    private final int index;

    Watcher(LearnerContext context, float[][] rewards, int index) {
      super(context);
      this.rewards = rewards;
      this.index = index;
    }

    @Override
    public void update(Rollout rollout, double progress, Rng random, Averages averages) {
      rewards[index] = Arrays.copyOf(rollout.rewards(), rollout.rows());
    }
  }

  /** Sampled rewards have the scale of all returns so far, of which the cut begins new ones. */
  @Test
  void offPolicy_rewardScaleStartsAnew() {
    DdpgConfig settings =
        DdpgConfig.defaults()
            .with(
                c ->
                    c.learningStarts(0)
                        .stepsPerRound(1000)
                        .batchSize(4)
                        .bufferSize(4000)
                        .gamma(0.9)
                        .normalizeRewards(true));
    Spy after = new Spy();
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        OffPolicyTrainer first =
            new OffPolicyTrainer(setup(1, 2000, compute), settings, context -> new Spy());
        OffPolicyTrainer second =
            new OffPolicyTrainer(setup(1, 2000, compute), settings, context -> after)) {
      first.iterate();
      StateFile.fromBytes(StateFile.toBytes("test", first), "test", second);
      second.iterate();
    }
    assertEquals(new TreeSet<>(List.of(rewardAfter(1000, 1000))), after.rewards);
  }

  /** What a reward of 1 counts after an episode of so many steps and some of the next one. */
  private static float rewardAfter(int steps, int more) {
    RewardScaler scaler = new RewardScaler(1, 0.9, 10);
    float[] reward = {1};
    for (int t = 0; t < steps + more; t++) {
      if (t == steps) {
        scaler.endEpisode(0);
      }
      scaler.observe(new double[] {1}, new boolean[1]);
    }
    scaler.scale(reward, 1, reward);
    return reward[0];
  }

  @Test
  void singleEnvironment_rewardScaleStartsAnew() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        SingleEnvironment first = single(compute);
        SingleEnvironment second = single(compute)) {
      for (int t = 0; t < 5; t++) {
        first.step(new float[1]);
      }
      StateFile.fromBytes(StateFile.toBytes("test", first), "test", second);
      assertTrue(second.restarted());
      second.step(new float[1]);
      assertEquals(rewardAfter(5, 1), second.reward());
    }
  }

  private static SingleEnvironment single(Compute compute) {
    A3cConfig settings = A3cConfig.defaults().withGamma(0.9).withNormalizeRewards(true);
    return new SingleEnvironment(
        setup(1, 300, compute), settings, new EpisodeLog(), () -> 1, new Rng(1));
  }

  /** A memory belongs to an episode: where that is cut off, the next one begins without. */
  @Test
  void onPolicy_memoryStartsAnew() {
    int units = 3;
    int columns = 1 + 2 * units + 1; // the observation, the state, and whether it begins with it
    PpoConfig settings =
        PpoConfig.defaults().with(c -> c.environments(2).rolloutSteps(256).batchSize(256));
    List<float[]> seen = new ArrayList<>(); // the first row of each environment, and the second
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        OnPolicyTrainer first =
            new OnPolicyTrainer(
                setup(1, 2048, compute), settings, c -> new Remembering(c, units, seen));
        OnPolicyTrainer second =
            new OnPolicyTrainer(
                setup(1, 2048, compute), settings, c -> new Remembering(c, units, seen))) {
      second.iterate();
      first.iterate();
      StateFile.fromBytes(StateFile.toBytes("test", first), "test", second);
      seen.clear();
      second.iterate();
    }
    assertEquals(1, seen.size());
    for (int row = 0; row < 4; row++) {
      float[] state = Arrays.copyOfRange(seen.get(0), row * columns + 1, (row + 1) * columns - 1);
      assertEquals(row < 2, Arrays.equals(new float[2 * units], state), "row " + row);
    }
  }

  /** Keeps the observations of its rollouts, states of its memory included. */
  private static final class Remembering extends OnPolicyStub {
    private final List<float[]> seen;

    Remembering(LearnerContext context, int units, List<float[]> seen) {
      super(context, MlpArchitecture.apart(List.of(4), Activation.TANH, 0).onMemory(units));
      this.seen = seen;
    }

    @Override
    public void update(Rollout rollout, double progress, Rng random, Averages averages) {
      seen.add(rollout.observations().clone());
    }
  }

  @Test
  void episodicDriver_reportsRestartedEnvironments() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer first = Reinforce.start(setup(1, 300, compute), ReinforceConfig.defaults());
        Trainer second = Reinforce.start(setup(1, 300, compute), ReinforceConfig.defaults())) {
      StateFile.fromBytes(StateFile.toBytes("test", first), "test", second);
      assertEquals(1, second.restarted());
    }
  }

  private static TrainingSetup setup(double reward, long steps, Compute compute) {
    return new TrainingSetup(() -> new Closed(reward), steps, 7, compute);
  }
}
