package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.a3c.A3c;
import org.deeprl4j.algorithms.a3c.A3cConfig;
import org.deeprl4j.algorithms.asyncq.AsyncQ;
import org.deeprl4j.algorithms.asyncq.AsyncQConfig;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.reinforce.Reinforce;
import org.deeprl4j.algorithms.reinforce.ReinforceConfig;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.stats.RewardScaler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Observations and rewards at a common scale, in the episodic and the asynchronous regime. */
final class NormalizedSingleEnvironmentsTest {
  private static final A3cConfig BOTH =
      A3cConfig.defaults()
          .with(c -> c.gamma(0.5).normalizeObservations(true).normalizeRewards(true));

  /** Observes 10 + 2t, with a reward of t, in episodes of 4 steps. */
  private static final class Counter implements Mdp {
    private int t;

    @Override
    public Space observationSpace() {
      return Box.of(0, 100, 1);
    }

    @Override
    public Space actionSpace() {
      return new Discrete(2);
    }

    @Override
    public void reset(java.util.random.RandomGenerator random, float[] observation) {
      t = 0;
      observation[0] = 10;
    }

    @Override
    public void step(float[] action, Step next) {
      t++;
      next.observation()[0] = 10 + 2 * t;
      next.setReward(t);
      next.setTerminated(t == 4);
    }
  }

  private static SingleEnvironment environment(Compute compute) {
    TrainingSetup setup = new TrainingSetup(Counter::new, 1000, 1, compute);
    return new SingleEnvironment(setup, BOTH, new EpisodeLog(), () -> 1, new Rng(1));
  }

  private static double deviation(double... values) {
    double mean = 0;
    double squares = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    for (double value : values) {
      squares += (value - mean) * (value - mean) / values.length;
    }
    return Math.sqrt(squares + 1e-8);
  }

  @Test
  void anEnvironmentAlone_isNormalisedByWhatItHasShown() {
    try (Compute compute = Compute.create(Compute.Kernels.JAVA, 1);
        SingleEnvironment one = environment(compute)) {
      one.step(new float[1]);
      assertEquals(10, one.reward(), "a single return has no deviation");
      one.step(new float[1]);
      // 10, 12 and 14 were seen; G = 1 and ½ + 2.
      double scale = deviation(10, 12, 14);
      assertEquals(2 / scale, one.observation().floats()[0], 1e-5);
      assertEquals(2 / scale, one.nextObservation().floats()[0], 1e-5);
      assertEquals(2 / deviation(1, 2.5), one.reward(), 1e-5);
    }
  }

  /** Each sees its own at once, and that of the others once both have handed over. */
  @Test
  void environmentsOfSeveralThreads_keepStatisticsTogether() {
    try (Compute compute = Compute.create(Compute.Kernels.JAVA, 1);
        SingleEnvironment one = environment(compute);
        SingleEnvironment two = environment(compute)) {
      ObservationEncoder common = new ObservationEncoder(one.encoder().space(), true);
      RewardScaler rewards = new RewardScaler(1, 0.5, RewardScaler.CLIP);
      one.share(common, rewards);
      two.share(common, rewards);
      one.step(new float[1]);
      two.step(new float[1]);
      two.step(new float[1]);
      two.takeOver();
      one.takeOver();
      // Both began with 10; one saw 12, two saw 12 and 14.
      assertEquals(11.6, common.means()[0], 1e-9);
      assertEquals(1 / deviation(10, 10, 12, 12, 14), common.scales()[0], 1e-9);
      assertEquals(0.4 / deviation(10, 10, 12, 12, 14), one.observation().floats()[0], 1e-5);
      two.takeOver();
      assertEquals(2.4 / deviation(10, 10, 12, 12, 14), two.observation().floats()[0], 1e-5);
      one.step(new float[1]); // reward 2: G = 2.5 beside 1 of this one, 1 and 2.5 of the other
      assertEquals(2 / deviation(1, 1, 2.5, 2.5), one.reward(), 1e-5);
      two.takeOver();
      one.takeOver();
      assertEquals(12, common.means()[0], 1e-9);
    }
  }

  /** An algorithm with both kinds of normalisation. */
  record Case(String name, String environment, Starter starter) {
    @Override
    public String toString() {
      return name;
    }

    Trainer start(Compute compute) {
      return starter.start(
          new TrainingSetup(() -> Environments.make(environment), 6000, 7, compute));
    }
  }

  interface Starter {
    Trainer start(TrainingSetup setup);
  }

  static Stream<Case> cases() {
    A3cConfig a3c = BOTH.with(c -> c.actorLearners(1).gamma(0.99));
    AsyncQConfig q =
        AsyncQConfig.defaults()
            .with(c -> c.actorLearners(1).normalizeObservations(true).normalizeRewards(true));
    ReinforceConfig reinforce =
        ReinforceConfig.defaults().with(c -> c.normalizeObservations(true).normalizeRewards(true));
    return Stream.of(
        new Case("a3c", "Pendulum-v1", s -> A3c.start(s, a3c)),
        new Case(
            "a3c, gSDE",
            "Pendulum-v1",
            s -> A3c.start(s, a3c.with(c -> c.logStd(LogStd.GSDE).noiseHold(7)))),
        new Case("async-q", "CartPole-v1", s -> AsyncQ.start(s, q, AsyncQ.Method.ONE_STEP_SARSA)),
        new Case("reinforce", "CartPole-v1", s -> Reinforce.start(s, reinforce)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void savedAndLoaded_continuesBitForBit(Case algorithm) {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer whole = algorithm.start(compute);
        Trainer first = algorithm.start(compute);
        Trainer second = algorithm.start(compute)) {
      List<Map<String, Double>> expected = new ArrayList<>();
      while (!whole.done()) {
        expected.add(whole.iterate().values());
      }
      List<Map<String, Double>> actual = new ArrayList<>();
      actual.add(first.iterate().values());
      second.iterate(); // a used trainer must be overwritten completely
      StateFile.fromBytes(StateFile.toBytes("test", first), "test", second);
      while (!second.done()) {
        actual.add(second.iterate().values());
      }
      assertEquals(expected, actual);
      assertArrayEquals(StateFile.toBytes("test", whole), StateFile.toBytes("test", second));
      ObservationEncoder encoder = ((NetworkPolicy) whole.policy()).encoder();
      assertTrue(encoder.normalizes() && encoder.means()[0] != 0, "the policy has the statistics");
    }
  }

  /** With several threads the statistics are those of every observation, in whatever order. */
  @Test
  void severalActorLearners_seeEveryObservationOnce() {
    try (Compute compute = Compute.create(Compute.Kernels.JAVA, 1);
        Trainer trainer =
            Algorithms.A3C.start(
                new TrainingSetup(Counter::new, 6000, 1, compute), BOTH.withActorLearners(3))) {
      trainer.train();
      ObservationEncoder encoder = ((NetworkPolicy) trainer.policy()).encoder();
      // Of four observations, 10, 12, 14 and 16, each is as frequent, but for running episodes.
      assertEquals(13, encoder.means()[0], 0.02);
      assertEquals(1 / Math.sqrt(5), encoder.scales()[0], 0.002);
    }
  }
}
