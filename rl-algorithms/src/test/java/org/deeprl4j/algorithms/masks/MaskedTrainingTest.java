package org.deeprl4j.algorithms.masks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
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
import org.deeprl4j.algorithms.dqn.Dqn;
import org.deeprl4j.algorithms.dqn.DqnConfig;
import org.deeprl4j.algorithms.ppo.Objective;
import org.deeprl4j.algorithms.ppo.Ppo;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.reinforce.Reinforce;
import org.deeprl4j.algorithms.reinforce.ReinforceConfig;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.sac.SacDiscrete;
import org.deeprl4j.algorithms.sac.SacDiscreteConfig;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.algorithms.trpo.Npg;
import org.deeprl4j.algorithms.trpo.NpgConfig;
import org.deeprl4j.algorithms.trpo.Trpo;
import org.deeprl4j.algorithms.trpo.TrpoConfig;
import org.deeprl4j.envs.toy.LegalMoves;
import org.deeprl4j.mdp.MaskedMdp;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.DeployedPolicy;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.random.Rng;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Learners in environments that throw at an illegal action: they never take one, and they learn.
 */
@Execution(ExecutionMode.CONCURRENT)
final class MaskedTrainingTest {
  /**
   * Two choices, of 6 and of 4: with the symbol s that is shown, alternatives k are legal where k +
   * s is odd, and each choice of k = 2 or 3 earns a half.
   */
  public static final class TwoChoices extends Simulation implements MaskedMdp {
    public TwoChoices() {
      super(1, Box.of(0, 1, 1), MultiDiscrete.of(6, 4));
    }

    private boolean isLegal(int alternative) {
      return (alternative + (int) state[0]) % 2 == 1;
    }

    @Override
    public void actionMask(boolean[] legal) {
      for (int k = 0; k < 10; k++) {
        legal[k] = isLegal(k < 6 ? k : k - 6);
      }
    }

    @Override
    protected void start(RandomGenerator random) {
      state[0] = random.nextInt(2);
    }

    @Override
    protected void advance(float[] action, Step next) {
      double reward = 0;
      for (float k : action) {
        if (!isLegal((int) k)) {
          throw new IllegalArgumentException("illegal alternative " + k);
        }
        reward += k == 2 || k == 3 ? 0.5 : 0;
      }
      next.setReward(reward);
      start(random());
    }

    @Override
    protected void observe(float[] observation) {
      observation[0] = (float) state[0];
    }
  }

  private static final List<Integer> SMALL = List.of(32);

  /** An algorithm with settings. */
  record Case(String name, Supplier<Mdp> environment, Function<TrainingSetup, Trainer> starter) {
    @Override
    public String toString() {
      return name;
    }

    Trainer start(long steps, Compute compute) {
      return starter.apply(new TrainingSetup(environment, steps, 7, compute));
    }
  }

  private static final Supplier<Mdp> MOVES = () -> new TimeLimit(new LegalMoves(), 20);
  private static final Supplier<Mdp> CHOICES = () -> new TimeLimit(new TwoChoices(), 20);

  static Stream<Case> cases() {
    PpoConfig ppo =
        PpoConfig.defaults()
            .with(c -> c.environments(4).rolloutSteps(64).batchSize(64).hidden(SMALL));
    A2cConfig a2c = A2cConfig.defaults().with(c -> c.environments(4).hidden(SMALL));
    TrpoConfig trpo = TrpoConfig.defaults().with(c -> c.rolloutSteps(200).hidden(SMALL));
    NpgConfig npg = NpgConfig.defaults().with(c -> c.rolloutSteps(200).hidden(SMALL));
    ReinforceConfig reinforce = ReinforceConfig.defaults().with(c -> c.hidden(SMALL));
    DqnConfig dqn =
        DqnConfig.defaults()
            .with(
                c ->
                    c.hidden(SMALL)
                        .learningStarts(200)
                        .stepsPerRound(4)
                        .batchSize(32)
                        .bufferSize(500));
    SacDiscreteConfig sac =
        SacDiscreteConfig.defaults()
            .with(
                c ->
                    c.hidden(SMALL)
                        .learningStarts(200)
                        .stepsPerRound(4)
                        .batchSize(32)
                        .bufferSize(500));
    return Stream.of(
        new Case("ppo", MOVES, s -> Ppo.start(s, ppo)),
        new Case(
            "ppo, normalised, shared, with a penalty",
            MOVES,
            s ->
                Ppo.start(
                    s,
                    ppo.with(
                        c ->
                            c.normalizeObservations(true)
                                .sharedNetwork(true)
                                .objective(Objective.ADAPTIVE_KL)))),
        new Case("ppo, two choices", CHOICES, s -> Ppo.start(s, ppo)),
        new Case("a2c", MOVES, s -> A2c.start(s, a2c)),
        new Case("a2c, two choices", CHOICES, s -> A2c.start(s, a2c)),
        new Case("trpo", MOVES, s -> Trpo.start(s, trpo)),
        new Case(
            "trpo, every third step", MOVES, s -> Trpo.start(s, trpo.withFisherSubsampling(3))),
        new Case("trpo, two choices", CHOICES, s -> Trpo.start(s, trpo)),
        new Case("npg", MOVES, s -> Npg.start(s, npg)),
        new Case("npg, two choices", CHOICES, s -> Npg.start(s, npg)),
        new Case("reinforce", MOVES, s -> Reinforce.start(s, reinforce)),
        new Case("reinforce, two choices", CHOICES, s -> Reinforce.start(s, reinforce)),
        new Case("dqn", MOVES, s -> Dqn.start(s, dqn)),
        new Case(
            "dqn, double, dueling, prioritised, 3 steps",
            MOVES,
            s ->
                Dqn.start(
                    s,
                    dqn.with(
                        c ->
                            c.doubleQ(true)
                                .dueling(true)
                                .prioritizedReplay(true)
                                .returnSteps(3)
                                .environments(4)))),
        new Case("sac-discrete", MOVES, s -> SacDiscrete.start(s, sac)),
        new Case(
            "sac-discrete, 3 steps",
            MOVES,
            s -> SacDiscrete.start(s, sac.withReturnSteps(3).withNormalizeObservations(true))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void noIllegalAction_isTaken_alsoByTheDeployedPolicy(Case c, @TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("policy.bin");
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = c.start(1500, compute)) {
      trainer.train(); // the environments throw at an illegal action
      Evaluation.run(c.environment, trainer.policy(), 5, 3);
      PolicyFile.write(file, trainer.policy());
    }
    DeployedPolicy policy = PolicyFile.read(file);
    Evaluation.run(c.environment, policy, 5, 4);
    int[] choices = policy.actionSpace().choices();
    int flags = Arrays.stream(choices).sum();
    float[] observation = new float[policy.observationSpace().size() - flags];
    Rng random = new Rng(5);
    for (int trial = 0; trial < 100; trial++) {
      boolean[] legal = new boolean[flags];
      for (int i = 0, at = 0; i < choices.length; at += choices[i], i++) {
        legal[at + random.nextInt(choices[i])] = true; // a single alternative of each choice
      }
      float[] action = policy.act(observation, legal);
      for (int i = 0, at = 0; i < choices.length; at += choices[i], i++) {
        assertTrue(legal[at + (int) action[i]], "choice " + i + " of trial " + trial);
      }
    }
    boolean[] nothing = new boolean[flags];
    String all =
        assertThrows(IllegalArgumentException.class, () -> policy.act(observation, nothing))
            .getMessage();
    assertTrue(all.startsWith("the action mask of observation 0 leaves no legal action"), all);
    String length =
        assertThrows(
                IllegalArgumentException.class,
                () -> policy.act(observation, new boolean[flags + 1]))
            .getMessage();
    assertEquals(
        "this policy takes %d numbers and an action mask of %d flags, not %d and %d"
            .formatted(observation.length, flags, observation.length, flags + 1),
        length);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aResumedRun_hasTheSameBits(Case c, @TempDir Path folder) throws Exception {
    Path file = folder.resolve("state");
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer whole = c.start(2500, compute);
        Trainer resumed = c.start(2500, compute)) {
      whole.iterate();
      StateFile.write(file, "test", whole);
      StateFile.read(file, "test", resumed);
      while (!whole.done()) {
        assertEquals(whole.iterate(), resumed.iterate());
      }
      float[] observations = new float[3 * whole.policy().observationSpace().size()];
      Arrays.fill(observations, 1);
      float[] one = new float[3 * whole.policy().actionSpace().size()];
      float[] other = one.clone();
      whole.policy().act(observations, 3, one);
      resumed.policy().act(observations, 3, other);
      assertArrayEquals(one, other);
    }
  }

  @Test
  void ppo_reachesTheOptimum() {
    PpoConfig config =
        PpoConfig.defaults()
            .with(
                c ->
                    c.environments(8)
                        .rolloutSteps(128)
                        .batchSize(128)
                        .hidden(List.of(64))
                        .gamma(0.5)
                        .learningRate(Schedule.constant(3e-3)));
    assertEquals(20, finalReturn(MOVES, s -> Ppo.start(s, config), 60_000));
    assertEquals(20, finalReturn(CHOICES, s -> Ppo.start(s, config), 10_000));
  }

  @Test
  void dqn_reachesTheOptimum() {
    DqnConfig config =
        DqnConfig.defaults()
            .with(
                c ->
                    c.hidden(List.of(64))
                        .gamma(0.5)
                        .environments(4)
                        .learningStarts(1000)
                        .batchSize(128)
                        .bufferSize(50_000)
                        .stepsPerRound(4)
                        .learningRate(Schedule.constant(2e-3)));
    assertEquals(20, finalReturn(MOVES, s -> Dqn.start(s, config), 40_000));
  }

  private static double finalReturn(
      Supplier<Mdp> environment, Function<TrainingSetup, Trainer> starter, long steps) {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = starter.apply(new TrainingSetup(environment, steps, 1, compute))) {
      trainer.train();
      return Evaluation.run(environment, trainer.policy(), 20, 3).meanReturn();
    }
  }

  @Test
  void asynchronousMethods_refuseMasks() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      TrainingSetup setup = new TrainingSetup(MOVES, 100, 1, compute);
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> A3c.start(setup, A3cConfig.defaults()).close())
              .getMessage();
      assertTrue(message.startsWith("asynchronous methods know no action masks"), message);
    }
  }
}
