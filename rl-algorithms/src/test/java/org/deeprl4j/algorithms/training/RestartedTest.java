package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.reinforce.Reinforce;
import org.deeprl4j.algorithms.reinforce.ReinforceConfig;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
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
