package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rollouts that several programs gather, against those that one gathers. */
final class RemoteRolloutsTest {
  private static final int STEPS = 1201; // the last rollout is shorter

  private Compute compute;

  @BeforeEach
  void open() {
    compute = Compute.create(Compute.Kernels.JAVA, 1);
  }

  @AfterEach
  void close() {
    compute.close();
  }

  private OnPolicyTrainer start(String id, Supplier<Mdp> environment, String settings) {
    return start(Algorithms.find(id), environment, settings);
  }

  /** What gathers parts of the rollouts of such a run. */
  private RolloutPool pool(String id, Supplier<Mdp> environment, String settings) {
    return new RolloutPool(
        sparing ->
            start(
                Algorithms.find(id),
                sparing.apply(environment),
                settings,
                Compute.create(Compute.Kernels.JAVA, 1)));
  }

  private <C extends Record> OnPolicyTrainer start(
      Algorithm<C> algorithm, Supplier<Mdp> environment, String settings) {
    return start(algorithm, environment, settings, compute);
  }

  private static <C extends Record> OnPolicyTrainer start(
      Algorithm<C> algorithm, Supplier<Mdp> environment, String settings, Compute compute) {
    C configuration =
        Configurations.bind(
            algorithm.defaults(),
            List.of(Configurations.assignments("test", Arrays.asList(settings.split(" ")))));
    return (OnPolicyTrainer)
        algorithm.start(new TrainingSetup(environment, STEPS, 3, compute), configuration);
  }

  /**
   * Workers in this program. How many there are changes from rollout to rollout; one of two parts
   * is gathered twice, as if its answer was lost, once by a program that has just started.
   */
  private static final class Workers implements RolloutWorkers {
    private final Supplier<RolloutPool> pools;
    private final RolloutPool pool;
    int rollouts;
    int most;

    Workers(Supplier<RolloutPool> pools) {
      this.pools = pools;
      pool = pools.get();
    }

    @Override
    public int count() {
      return 1 + rollouts % 4;
    }

    @Override
    public List<byte[]> gather(byte[] policy, List<byte[]> parts, boolean stay) {
      rollouts++;
      most = Math.max(most, parts.size());
      byte[][] answers = new byte[parts.size()][];
      for (int i = parts.size() - 1; i >= 0; i--) {
        answers[i] = pool.gather(policy, parts.get(i));
        if (i % 2 == 0) {
          try (RolloutPool another = pools.get()) {
            assertArrayEquals(answers[i], another.gather(policy, parts.get(i)));
          }
        }
      }
      return List.of(answers);
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  private static void unexpected(String line) {
    throw new AssertionError(line);
  }

  private static byte[] state(Trainer trainer) {
    return StateFile.toBytes("test", trainer);
  }

  private static List<String> episodes(Trainer trainer) {
    List<String> told = new ArrayList<>();
    trainer.episodes().listen(null, (steps, episode) -> told.add(steps + " " + episode));
    return told;
  }

  /** Everything a checkpoint holds, every metric and every episode, bit for bit. */
  @ParameterizedTest
  @CsvSource({
    "ppo, Pendulum-v1, environments=3 rolloutSteps=64 batchSize=48 hidden=8 normalizeRewards=true",
    "ppo, CartPole-v1, environments=5 rolloutSteps=40 batchSize=50 hidden=8",
    "ppo, Pendulum-v1, environments=3 rolloutSteps=60 batchSize=36 hidden=8 recomputeAdvantages=true",
    "ppo, CartPole-v1, environments=5 rolloutSteps=40 batchSize=50 hidden=8 objective=ADAPTIVE_KL",
    "ppo, ArmReach, environments=5 rolloutSteps=40 batchSize=50 hidden=8",
    "ppo, ArmReach, environments=5 rolloutSteps=40 batchSize=50 hidden=8 normalizeObservations=true statisticsPerRollout=true",
    "a2c, CartPole-v1, environments=3 rolloutSteps=7 hidden=8 normalizeObservations=true statisticsPerRollout=true normalizeRewards=true",
    "ppo, TMaze, environments=4 rolloutSteps=40 batchSize=80 hidden=8 lstmUnits=4 normalizeObservations=true statisticsPerRollout=true",
    "ppo, Pendulum-v1, environments=3 rolloutSteps=64 batchSize=48 hidden=8 logStd=GSDE noiseHold=4",
    "ppo, TMaze, environments=4 rolloutSteps=40 batchSize=80 hidden=8 lstmUnits=4",
    "a2c, CartPole-v1, environments=5 rolloutSteps=7 hidden=8",
    "trpo, Pendulum-v1, environments=3 rolloutSteps=64 hidden=8",
    "npg, CartPole-v1, environments=3 rolloutSteps=64 hidden=8"
  })
  void aRun_hasTheBitsOfOneProgram(String id, String environment, String settings) {
    Supplier<Mdp> environments = () -> Environments.make(environment);
    try (OnPolicyTrainer local = start(id, environments, settings);
        OnPolicyTrainer remote = start(id, environments, settings);
        Workers workers = new Workers(() -> pool(id, environments, settings))) {
      RemoteRollouts.gatherOn(remote, workers, RemoteRolloutsTest::unexpected);
      List<String> localEpisodes = episodes(local);
      List<String> remoteEpisodes = episodes(remote);
      while (!local.done()) {
        assertEquals(local.iterate().values(), remote.iterate().values());
        assertArrayEquals(state(local), state(remote));
      }
      assertTrue(remote.done());
      assertTrue(localEpisodes.size() > 2, "no episode ended");
      assertEquals(localEpisodes, remoteEpisodes);
      assertTrue(workers.most > 2, "the rollouts were not cut");
    }
  }

  /** A run may go elsewhere and come back. */
  @Test
  void aCheckpoint_goesOnAnywhere() {
    String settings = "environments=4 rolloutSteps=32 batchSize=64 hidden=8";
    Supplier<Mdp> environments = () -> Environments.make("CartPole-v1");
    try (OnPolicyTrainer local = start("ppo", environments, settings);
        OnPolicyTrainer remote = start("ppo", environments, settings);
        OnPolicyTrainer back = start("ppo", environments, settings);
        Workers workers = new Workers(() -> pool("ppo", environments, settings))) {
      local.iterate();
      StateFile.fromBytes(state(local), "test", remote);
      RemoteRollouts.gatherOn(remote, workers, RemoteRolloutsTest::unexpected);
      remote.iterate();
      StateFile.fromBytes(state(remote), "test", back);
      back.train();
      local.train();
      assertArrayEquals(state(local), state(back));
    }
  }

  /** One that breaks in the middle. */
  private static final class Breaking extends MdpWrapper {
    private int steps;

    Breaking(Mdp inner) {
      super(inner);
    }

    @Override
    public void step(float[] action, Step next) {
      if (++steps > 20) {
        throw new IllegalStateException("broken");
      }
      super.step(action, next);
    }
  }

  private String refused(Supplier<Mdp> environments, String settings) {
    try (OnPolicyTrainer trainer = start("ppo", environments, settings);
        Workers workers = new Workers(() -> pool("ppo", environments, settings))) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> RemoteRollouts.gatherOn(trainer, workers, RemoteRolloutsTest::unexpected));
      trainer.iterate(); // as before
      return refused.getMessage();
    }
  }

  @Test
  void whatCannotBeRepeated_isRefused() {
    assertTrue(
        refused(() -> Environments.make("CartPole-v1"), "normalizeObservations=true")
            .startsWith("rollouts elsewhere need statisticsPerRollout=true"));
  }

  @Test
  void aFaultElsewhere_isToldAsOneHere() {
    String settings = "environments=3 rolloutSteps=32 batchSize=96 hidden=8";
    Supplier<Mdp> environments = () -> new Breaking(Environments.make("CartPole-v1"));
    try (OnPolicyTrainer local = start("ppo", environments, settings);
        OnPolicyTrainer remote = start("ppo", environments, settings);
        RolloutPool pool = pool("ppo", environments, settings)) {
      RemoteRollouts.gatherOn(
          remote,
          new Answering(1, (policy, parts) -> List.of(pool.gather(policy, parts.get(0)))),
          RemoteRolloutsTest::unexpected);
      EnvironmentException here = assertThrows(EnvironmentException.class, local::iterate);
      EnvironmentException there = assertThrows(EnvironmentException.class, remote::iterate);
      assertEquals(here.getMessage(), there.getMessage());
      assertEquals(here.index(), there.index());
    }
  }

  @Test
  void aDivergenceElsewhere_isToldAsOneHere() {
    String settings = "environments=3 rolloutSteps=32 batchSize=96 hidden=8";
    Supplier<Mdp> environments = () -> Environments.make("CartPole-v1");
    try (OnPolicyTrainer local = start("ppo", environments, settings);
        OnPolicyTrainer remote = start("ppo", environments, settings);
        Workers workers = new Workers(() -> pool("ppo", environments, settings))) {
      RemoteRollouts.gatherOn(remote, workers, RemoteRolloutsTest::unexpected);
      for (OnPolicyTrainer one : List.of(local, remote)) {
        Tensor parameters = ((NetworkPolicy) one.policy()).network().parameters();
        Arrays.fill(parameters.floatsForWriting(), Float.NaN);
      }
      DivergenceException here = assertThrows(DivergenceException.class, local::iterate);
      DivergenceException there = assertThrows(DivergenceException.class, remote::iterate);
      assertEquals(here.getMessage(), there.getMessage());
    }
  }

  /** Parts whose noise has come to different places are not parts of one rollout. */
  @Test
  void partsOfDifferentNoise_areRefused() {
    String settings = "environments=2 rolloutSteps=32 batchSize=64 hidden=8";
    Supplier<Mdp> environments = () -> Environments.make("CartPole-v1");
    List<byte[]> policies = new ArrayList<>();
    try (OnPolicyTrainer remote = start("ppo", environments, settings);
        RolloutPool pool = pool("ppo", environments, settings)) {
      RemoteRollouts.gatherOn(
          remote,
          new Answering(
              2,
              (policy, parts) -> {
                policies.add(policy);
                return List.of(
                    pool.gather(policy, parts.get(0)), pool.gather(policies.get(0), parts.get(1)));
              }),
          RemoteRolloutsTest::unexpected);
      String message = assertThrows(IllegalStateException.class, remote::iterate).getMessage();
      assertEquals(
          "the noise of the policy depends on the states of environments: its distribution must draw as many numbers in any",
          message);
      assertEquals(2, policies.size(), "the first rollout is whole");
    }
  }

  /** Workers of so many parts that answer by a function. */
  private record Answering(int count, BiFunction<byte[], List<byte[]>, List<byte[]>> answers)
      implements RolloutWorkers {
    @Override
    public List<byte[]> gather(byte[] policy, List<byte[]> parts, boolean stay) {
      return answers.apply(policy, parts);
    }

    @Override
    public void close() {}
  }

  /** Steps elsewhere cannot be listened to, which nobody should find out by silence. */
  @Test
  void aListenerToSteps_isRefused() {
    String settings = "environments=2 rolloutSteps=32 batchSize=64 hidden=8";
    Supplier<Mdp> environments = () -> Environments.make("CartPole-v1");
    try (OnPolicyTrainer remote = start("ppo", environments, settings);
        Workers workers = new Workers(() -> pool("ppo", environments, settings))) {
      RemoteRollouts.gatherOn(remote, workers, RemoteRolloutsTest::unexpected);
      remote.episodes().listen((steps, all) -> {}, null);
      assertThrows(IllegalStateException.class, remote::iterate);
    }
  }
}
