package org.deeprl4j.algorithms.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.a2c.A2c;
import org.deeprl4j.algorithms.a2c.A2cConfig;
import org.deeprl4j.algorithms.a3c.A3c;
import org.deeprl4j.algorithms.a3c.A3cConfig;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.ppo.Ppo;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.reinforce.Reinforce;
import org.deeprl4j.algorithms.reinforce.ReinforceConfig;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.training.OnPolicyStub;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.algorithms.trpo.Trpo;
import org.deeprl4j.algorithms.trpo.TrpoConfig;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.envs.toy.TMaze;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.mdp.wrappers.Wrappers;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.DeployedPolicy;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.rollout.RolloutBatch;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Learners whose policies remember. */
final class MemoryTest {
  private static final Supplier<Mdp> BLIND_POLES =
      () -> Wrappers.of(List.of("hide=1,3")).apply(Environments.make("CartPole-v1"));
  private static final Supplier<Mdp> PENDULUMS =
      () -> Wrappers.of(List.of("hide=2")).apply(Environments.make("Pendulum-v1"));

  private static final PpoConfig PPO =
      PpoConfig.defaults()
          .with(
              c ->
                  c.environments(3)
                      .rolloutSteps(40)
                      .batchSize(80)
                      .epochs(2)
                      .lstmUnits(8)
                      .hidden(List.of(16)));
  private static final A2cConfig A2C =
      A2cConfig.defaults().with(c -> c.environments(3).lstmUnits(8).hidden(List.of(16)));

  @TempDir Path folder;

  /** An algorithm with settings. */
  record Case(String name, Function<TrainingSetup, Trainer> starter, Supplier<Mdp> environment) {
    @Override
    public String toString() {
      return name;
    }

    Trainer start(long steps, Compute compute) {
      return starter.apply(new TrainingSetup(environment, steps, 7, compute));
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("ppo", s -> Ppo.start(s, PPO), BLIND_POLES),
        new Case("ppo, pieces", s -> Ppo.start(s, PPO.withBatchSize(16)), BLIND_POLES),
        new Case(
            "ppo, shared, normalised",
            s -> Ppo.start(s, PPO.withSharedNetwork(true).withNormalizeObservations(true)),
            BLIND_POLES),
        new Case("ppo, gSDE", s -> Ppo.start(s, PPO.withLogStd(LogStd.GSDE)), PENDULUMS),
        new Case("a2c", s -> A2c.start(s, A2C), BLIND_POLES),
        new Case("a2c, continuous", s -> A2c.start(s, A2C), PENDULUMS));
  }

  /** What a file of the trainer's state holds. */
  private byte[] saved(Trainer trainer) throws Exception {
    Path file = folder.resolve("state");
    StateFile.write(file, "test", trainer);
    return Files.readAllBytes(file);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void resumed_runHasTheSameBits(Case one) throws Exception {
    Path file = folder.resolve("checkpoint");
    byte[] expected;
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = one.start(4000, compute)) {
      for (int i = 0; i < 2; i++) {
        trainer.iterate();
      }
      StateFile.write(file, "test", trainer);
      trainer.iterate();
      trainer.iterate();
      expected = saved(trainer);
    }
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 2);
        Trainer trainer = one.start(4000, compute)) {
      StateFile.read(file, "test", trainer);
      trainer.iterate();
      trainer.iterate();
      assertArrayEquals(expected, saved(trainer));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void policyFiles_actTheSame(Case one) throws Exception {
    Path file = folder.resolve("policy");
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = one.start(500, compute)) {
      trainer.train();
      PolicyFile.write(file, trainer.policy());
      DeployedPolicy deployed = PolicyFile.read(file);
      assertEquals(16, deployed.stateSize());
      assertEquals(
          Evaluation.run(one.environment(), trainer.policy(), 5, 7).returns(),
          Evaluation.run(one.environment(), deployed, 5, 7).returns());
      assertEquals(
          Evaluation.sampled(one.environment(), trainer.policy(), 5, 7).returns(),
          Evaluation.sampled(one.environment(), deployed, 5, 7).returns());
      float[] observation = new float[deployed.observationSpace().size()];
      String why =
          assertThrows(IllegalArgumentException.class, () -> deployed.act(observation))
              .getMessage();
      assertTrue(why.contains("16 numbers") && why.contains("start of an episode"), why);
      assertThrows(IllegalArgumentException.class, () -> deployed.act(observation, new float[15]));
      float[] state = new float[16];
      deployed.act(observation, state);
      assertFalse(Arrays.equals(new float[16], state));
    }
  }

  /** Says how long the episode has lasted; ends after 4 steps, by termination or by truncation. */
  private static final class Counting implements Mdp {
    private final boolean terminates;
    private int count;

    Counting(boolean terminates) {
      this.terminates = terminates;
    }

    @Override
    public Space observationSpace() {
      return Box.of(0, 10, 1);
    }

    @Override
    public Space actionSpace() {
      return new Discrete(2);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      count = 0;
      observation[0] = 0;
    }

    @Override
    public void step(float[] action, Step next) {
      count++;
      next.observation()[0] = count;
      next.setReward(1);
      next.setTerminated(terminates && count == 4);
      next.setTruncated(!terminates && count == 4);
    }
  }

  /** Keeps the values it is shown. */
  private static class Watching extends OnPolicyStub {
    private final List<Float> values;
    private final List<Float> nextValues;

    Watching(LearnerContext context, List<Float> values, List<Float> nextValues) {
      super(context, MlpArchitecture.apart(List.of(8), Activation.TANH, 0).onMemory(8));
      this.values = values;
      this.nextValues = nextValues;
    }

    @Override
    public void update(Rollout rollout, double progress, Rng random, Averages averages) {
      for (int t = 0; t < rollout.rows(); t++) {
        values.add(rollout.values()[t]);
        nextValues.add(rollout.nextValues()[t]);
      }
    }
  }

  /**
   * An episode does not know of the one before, in whichever rollout it began: with observations
   * that depend on its own length alone, V of the k-th step is always the same.
   */
  @Test
  void episodes_beginWithTheStateZero() {
    for (boolean terminates : new boolean[] {true, false}) {
      try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
        List<Float> values = new ArrayList<>();
        List<Float> nextValues = new ArrayList<>();
        A2cConfig still =
            A2C.with(
                c -> c.environments(1).rolloutSteps(6).learningRate(Schedule.constant(0)).gamma(1));
        Trainer trainer =
            new OnPolicyTrainer(
                new TrainingSetup(() -> new Counting(terminates), 600, 3, compute),
                still,
                context -> new Watching(context, values, nextValues));
        trainer.train();
        for (int t = 0; t < values.size(); t++) {
          assertEquals(values.get(t % 4), values.get(t), 1e-6f, "step " + t);
          float next = terminates && t % 4 == 3 ? 0 : nextValues.get(t % 4);
          assertEquals(next, nextValues.get(t), 1e-6f, "step " + t);
        }
        assertFalse(values.get(0).equals(values.get(1)));
        trainer.close();
      }
    }
  }

  /** What training sees of the policy that acted is what acting saw. */
  @Test
  void sequences_giveWhatActingGave() {
    for (int batchSize : new int[] {120, 80, 16, 7}) {
      try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
        double[] worst = new double[2];
        Trainer trainer =
            new OnPolicyTrainer(
                new TrainingSetup(BLIND_POLES, 600, 3, compute),
                PPO,
                context ->
                    new Watching(context, new ArrayList<>(), new ArrayList<>()) {
                      @Override
                      public void update(
                          Rollout rollout, double progress, Rng random, Averages averages) {
                        RolloutBatch batch = model().batch(batchSize);
                        batch.shuffle(rollout, random);
                        int rows = 0;
                        for (; batch.take(rollout, rows, batchSize); rows += batch.rows()) {
                          model().forward(batch.observations());
                          float[] logProbs = model().logProbs(batch.actions());
                          for (int b = 0; b < batch.rows(); b++) {
                            double v = model().values()[b] - batch.values()[b];
                            double p = logProbs[b] - batch.logProbs()[b];
                            worst[0] = Math.max(worst[0], Math.abs(v));
                            worst[1] = Math.max(worst[1], Math.abs(p));
                          }
                        }
                        assertEquals(rollout.rows(), rows);
                      }
                    });
        trainer.train();
        trainer.close();
        assertEquals(0, worst[0], 1e-5);
        assertEquals(0, worst[1], 1e-5);
      }
    }
  }

  /** Another episode beside it, or before it, changes nothing of an evaluation. */
  @Test
  void evaluations_resetTheState() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = Ppo.start(new TrainingSetup(BLIND_POLES, 2000, 7, compute), PPO)) {
      trainer.train();
      NetworkPolicy policy = (NetworkPolicy) trainer.policy();
      List<Double> all = Evaluation.run(BLIND_POLES, policy, 40, 7).returns();
      Rng random = new Rng(7);
      for (int i = 0; i < 40; i++) {
        try (Mdp mdp = BLIND_POLES.get()) {
          Step step = new Step(2);
          mdp.reset(random.split(), step.observation());
          float[] state = new float[policy.stateSize()];
          double sum = 0;
          while (!step.ended()) {
            float[] action = policy.act(step.observation(), state);
            step.clear();
            mdp.step(action, step);
            sum += step.reward();
          }
          assertEquals(all.get(i), sum, "episode " + i);
        }
      }
    }
  }

  @Test
  void otherAlgorithms_refuseAMemory() {
    ActorCritic.Architecture remembering =
        MlpArchitecture.apart(List.of(8), Activation.TANH, 0).onMemory(4);
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      TrainingSetup setup = new TrainingSetup(BLIND_POLES, 100, 1, compute);
      refuses(() -> Reinforce.start(setup, ReinforceConfig.defaults(), remembering));
      refuses(() -> A3c.start(setup, A3cConfig.defaults(), remembering));
      refuses(() -> Trpo.start(setup, TrpoConfig.defaults(), remembering));
    }
  }

  private static void refuses(Supplier<Trainer> start) {
    String why = assertThrows(IllegalArgumentException.class, start::get).getMessage();
    assertTrue(why.startsWith("this algorithm"), why);
  }

  /** The shortest task that cannot be done without. */
  @Test
  void ppo_learnsAShortMaze_andWithoutAMemoryDoesNot() {
    Supplier<Mdp> maze = () -> new TimeLimit(new TMaze(3), 30);
    PpoConfig config =
        PpoConfig.defaults()
            .with(
                c ->
                    c.environments(16)
                        .rolloutSteps(32)
                        .batchSize(128)
                        .epochs(4)
                        .learningRate(Schedule.constant(2e-3))
                        .entropyCoefficient(Schedule.constant(0.01))
                        .lstmUnits(16)
                        .hidden(List.of(32)));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      assertTrue(successes(maze, config, compute) > 0.95);
      assertTrue(successes(maze, config.withLstmUnits(0), compute) < 0.7);
    }
  }

  private static double successes(Supplier<Mdp> maze, PpoConfig config, Compute compute) {
    try (Trainer trainer = Ppo.start(new TrainingSetup(maze, 40_000, 1, compute), config)) {
      trainer.train();
      return Evaluation.run(maze, trainer.policy(), 100, 7).successRate().orElseThrow();
    }
  }
}
