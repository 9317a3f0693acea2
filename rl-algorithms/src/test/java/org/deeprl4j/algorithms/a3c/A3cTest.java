package org.deeprl4j.algorithms.a3c;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.training.Alone;
import org.deeprl4j.algorithms.training.AsynchronousLearner;
import org.deeprl4j.algorithms.training.AsynchronousTrainer;
import org.deeprl4j.algorithms.training.RecordedEnvironment;
import org.deeprl4j.algorithms.training.SingleEnvironment;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class A3cTest {
  private static final A3cConfig ONE = A3cConfig.defaults().withActorLearners(1);

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);

  @AfterEach
  void close() {
    compute.close();
  }

  private Trainer start(String environment, A3cConfig config, long steps) {
    return A3c.start(
        new TrainingSetup(() -> Environments.make(environment), steps, 7, compute), config);
  }

  /**
   * One segment. RMSProp without memory moves by g/(|g| + ε) against the gradient, from which g
   * follows; it is compared with finite differences of the segment's objective.
   */
  @ParameterizedTest
  @EnumSource
  void segment_followsTheGradient(RecordedEnvironment.End end) {
    int n = end == RecordedEnvironment.End.NEVER ? 6 : 4;
    double beta = 0.3;
    double epsilon = 100;
    A3cConfig config =
        ONE.with(
            c ->
                c.rolloutSteps(6)
                    .gamma(0.9)
                    .entropyCoefficient(Schedule.constant(beta))
                    .rmsPropDecay(0)
                    .rmsPropEpsilon(epsilon)
                    .learningRate(Schedule.constant(1))
                    .hidden(List.of(8))
                    .maxGradientNorm(null));
    RecordedEnvironment environment = new RecordedEnvironment(end, 4);
    MlpArchitecture networks = MlpArchitecture.apart(config.hidden(), Activation.TANH, 0);
    AtomicReference<A3c> learner = new AtomicReference<>();
    TrainingSetup setup = new TrainingSetup(() -> environment, n, 1, compute);
    try (Trainer trainer =
        new AsynchronousTrainer(
            setup,
            config,
            context -> {
              learner.set(new A3c(config, networks, context));
              return learner.get();
            })) {
      ActorCritic model = learner.get().model();
      Tensor theta = model.network().parameters();
      // Far from uniform, where the entropy has a gradient.
      new Rng(9).fillGaussian(theta.floatsForWriting(), 0, theta.size());
      Tensor start = theta.like(1, theta.size());
      start.copyFrom(theta);
      trainer.iterate();
      assertEquals(n, trainer.steps());
      Tensor move = theta.like(1, theta.size());
      move.copyFrom(theta);
      move.axpy(-1, start);
      for (int i = 0; i < move.size(); i++) {
        float m = move.floats()[i];
        move.floatsForWriting()[i] = (float) (epsilon * m / (1 - Math.abs(m)));
      }

      theta.copyFrom(start);
      Tensor states = Tensor.host(n + 1, RecordedEnvironment.INPUTS);
      float[] actions = new float[n + 1];
      for (int i = 0; i <= n; i++) {
        float[] row = environment.observations.get(i);
        System.arraycopy(row, 0, states.floatsForWriting(), i * row.length, row.length);
        actions[i] = i < n ? environment.actions.get(i) : 0;
      }
      model.predict(states);
      double r = end == RecordedEnvironment.End.TERMINATED ? 0 : model.values()[n];
      double[] returns = new double[n];
      double[] advantages = new double[n];
      for (int i = n - 1; i >= 0; i--) {
        r = environment.rewards.get(i) + 0.9 * r;
        returns[i] = r;
        advantages[i] = r - model.values()[i];
      }
      for (int trial = 0; trial < 4; trial++) {
        Tensor direction = theta.like(1, theta.size());
        new Rng(10 + trial).fillGaussian(direction.floatsForWriting(), 0, direction.size());
        direction.scale(1 / direction.norm2());
        double h = 1e-2;
        theta.copyFrom(start);
        theta.axpy(h, direction);
        double plus = objective(model, states, actions, returns, advantages, beta);
        theta.axpy(-2 * h, direction);
        double minus = objective(model, states, actions, returns, advantages, beta);
        double slope = (plus - minus) / (2 * h);
        assertEquals(slope, move.dot(direction), 1e-3 * move.norm2());
      }
    }
  }

  /** Ê[log π(a_i|s_i) A_i + β H − ½ (R_i − V(s_i))²]. */
  private static double objective(
      ActorCritic model,
      Tensor states,
      float[] actions,
      double[] returns,
      double[] advantages,
      double beta) {
    int n = returns.length;
    model.predict(states);
    float[] logProb = new float[n + 1];
    float[] entropy = new float[n + 1];
    model.distribution().logProb(model.distributionParameters(), actions, n, logProb);
    model.distribution().entropy(model.distributionParameters(), n, entropy);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double error = returns[i] - model.values()[i];
      sum += logProb[i] * advantages[i] + beta * entropy[i] - 0.5 * error * error;
    }
    return sum / n;
  }

  @ParameterizedTest
  @ValueSource(strings = {"CartPole-v1", "Pendulum-v1"})
  void oneActorLearner_isDeterministicAndContinuesBitForBit(String environment) {
    try (Trainer whole = start(environment, ONE, 5000);
        Trainer first = start(environment, ONE, 5000);
        Trainer second = start(environment, ONE, 5000)) {
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
  void sixteenActorLearners_resumeAndStayFinite() {
    A3cConfig config =
        A3cConfig.defaults().withActorLearners(16).withLearningRate(Schedule.constant(0.01));
    assertTimeoutPreemptively(
        Duration.ofMinutes(2),
        () -> {
          try (Trainer trainer = start("CartPole-v1", config, 40_000);
              Trainer resumed = start("CartPole-v1", config, 40_000)) {
            while (trainer.steps() < 20_000) {
              trainer.iterate();
            }
            StateFile.fromBytes(StateFile.toBytes("test", trainer), "test", resumed);
            assertArrayEquals(
                StateFile.toBytes("test", trainer), StateFile.toBytes("test", resumed));
            while (!resumed.done()) {
              for (Map.Entry<String, Double> metric : resumed.iterate().values().entrySet()) {
                boolean undefined = metric.getKey().equals("success_rate");
                assertTrue(undefined || Double.isFinite(metric.getValue()), metric.toString());
              }
            }
            assertEquals(40_000, resumed.steps());
          }
        });
  }

  /** Where nothing changes; keeps the actions. */
  private record Still(List<Float> actions) implements Mdp {
    @Override
    public Space observationSpace() {
      return Box.of(-1, 1, 2);
    }

    @Override
    public Space actionSpace() {
      return Box.of(-100, 100, 1);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      Arrays.fill(observation, 0.5f);
    }

    @Override
    public void step(float[] action, Step next) {
      Arrays.fill(next.observation(), 0.5f);
      actions.add(action[0]);
    }
  }

  private static final A3cConfig HELD =
      ONE.with(
          c ->
              c.logStd(LogStd.GSDE)
                  .noiseHold(3)
                  .rolloutSteps(4)
                  .learningRate(Schedule.constant(0)));

  /** Where nothing changes, the same noise makes the same action, also beyond a segment's end. */
  @Test
  void gsde_holdsItsNoise() {
    List<Float> actions = new ArrayList<>();
    try (Trainer trainer =
        A3c.start(new TrainingSetup(() -> new Still(actions), 20, 1, compute), HELD)) {
      trainer.train();
    }
    assertEquals(20, actions.size());
    for (int t = 1; t < 20; t++) {
      assertEquals(t % 3 != 0, actions.get(t).equals(actions.get(t - 1)), "step " + t);
    }
  }

  /** Saved after the first of three steps with one noise, it goes on for two with that. */
  @Test
  void gsde_savesTheNoiseThatItHolds() {
    A3c learner =
        new A3c(HELD, HELD.architecture(), Batches.context(compute, 2, Box.of(-100, 100, 1), 1));
    List<Float> actions = new ArrayList<>();
    List<Float> loaded = new ArrayList<>();
    AsynchronousLearner.ActorLearner one =
        learner.actorLearner(0, Alone.of(new Still(actions), compute), compute, new Rng(5));
    AsynchronousLearner.ActorLearner other =
        learner.actorLearner(0, Alone.of(new Still(loaded), compute), compute, new Rng(6));
    one.advance(4, 0, 0, new Averages(learner.metrics()));
    StateFile.fromBytes(StateFile.toBytes("one", one), "one", other);
    one.advance(4, 4, 0, new Averages(learner.metrics()));
    other.advance(4, 4, 0, new Averages(learner.metrics()));
    for (int t = 0; t < 4; t++) {
      assertEquals(t < 2, actions.get(4 + t).equals(actions.get(3)), "step " + t);
      assertEquals(t < 2, loaded.get(t).equals(actions.get(3)), "step " + t);
    }
  }

  @Test
  void networksWithMemory_areRefused() {
    ActorCritic.Architecture remembering =
        MlpArchitecture.apart(List.of(4), Activation.TANH, 0).onMemory(2);
    TrainingSetup setup = new TrainingSetup(() -> new Still(new ArrayList<>()), 100, 1, compute);
    assertEquals(
        "this algorithm takes no network with memory; PPO and A2C do",
        assertThrows(IllegalArgumentException.class, () -> A3c.start(setup, ONE, remembering))
            .getMessage());
  }

  @Test
  void interrupt_stopsEveryActorLearner() throws InterruptedException {
    try (Trainer trainer = start("CartPole-v1", ONE.withActorLearners(4), 1_000_000_000)) {
      AtomicReference<Boolean> interrupted = new AtomicReference<>();
      Thread thread =
          new Thread(
              () -> {
                while (!Thread.currentThread().isInterrupted()) {
                  trainer.iterate();
                }
                interrupted.set(Thread.currentThread().isInterrupted());
              });
      thread.start();
      Thread.sleep(300);
      thread.interrupt();
      thread.join(60_000);
      assertFalse(thread.isAlive());
      assertTrue(interrupted.get());
      long steps = trainer.steps();
      Thread.sleep(100);
      assertEquals(steps, trainer.steps(), "no actor-learner goes on");
    }
  }

  /** Fails in one environment after some steps. */
  private static final class Failing extends MdpWrapper {
    private final boolean fails;
    private int steps;

    Failing(Mdp inner, boolean fails) {
      super(inner);
      this.fails = fails;
    }

    @Override
    public void step(float[] action, Step next) {
      if (fails && steps++ == 500) {
        throw new IllegalStateException("the simulator is gone");
      }
      inner().step(action, next);
    }
  }

  @Test
  void failureInOneActorLearner_stopsTheOthersWithItsCause() {
    AtomicInteger made = new AtomicInteger();
    TrainingSetup setup =
        new TrainingSetup(
            () -> new Failing(Environments.make("CartPole-v1"), made.incrementAndGet() == 2),
            1_000_000,
            1,
            compute);
    try (Trainer trainer = A3c.start(setup, ONE.withActorLearners(4))) {
      Throwable failure =
          assertThrows(
              RuntimeException.class,
              () -> {
                while (!trainer.done()) {
                  trainer.iterate();
                }
              });
      while (failure.getCause() != null) {
        failure = failure.getCause();
      }
      assertEquals("the simulator is gone", failure.getMessage());
      assertTrue(trainer.steps() < 100_000, "stopped after " + trainer.steps());
      assertTrue(trainer.savesAfterFailure());
      try (Trainer resumed =
          A3c.start(
              new TrainingSetup(
                  () -> new Failing(Environments.make("CartPole-v1"), false),
                  trainer.steps() + 10_000,
                  1,
                  compute),
              ONE.withActorLearners(4))) {
        StateFile.fromBytes(StateFile.toBytes("test", trainer), "test", resumed);
        resumed.train();
      }
    }
  }

  @Tag("training")
  @Test
  void cartPole_isLearnedByTwoActorLearners() {
    A3cConfig config =
        A3cConfig.defaults().with(c -> c.actorLearners(2).rolloutSteps(32).gamma(0.98));
    try (Trainer trainer = start("CartPole-v1", config, 500_000)) {
      trainer.train();
      double learned =
          Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 20, 10_001)
              .meanReturn();
      assertTrue(learned > 300, "mean return " + learned);
    }
  }

  @Test
  void metrics_areThoseOfTheSegment() {
    int n = 20;
    A3cConfig config =
        ONE.with(
            c ->
                c.rolloutSteps(n)
                    .gamma(0.9)
                    .rmsPropDecay(0)
                    .rmsPropEpsilon(1)
                    .learningRate(Schedule.linear(1, 0))
                    .hidden(List.of(8))
                    .maxGradientNorm(0.01));
    RecordedEnvironment environment = new RecordedEnvironment(RecordedEnvironment.End.NEVER, 1);
    MlpArchitecture networks = MlpArchitecture.apart(config.hidden(), Activation.TANH, 0);
    Space actions = new Discrete(RecordedEnvironment.ACTIONS);
    A3c learner =
        new A3c(config, networks, Batches.context(compute, RecordedEnvironment.INPUTS, actions, 1));
    ActorCritic model = learner.model();
    float[] before = model.network().parameters().floats().clone();
    Averages averages = new Averages(learner.metrics());
    int taken =
        learner
            .actorLearner(0, Alone.of(environment, compute), compute, new Rng(5))
            .advance(n, 0, 0.75, averages);
    assertEquals(n, taken);
    double length = 0;
    float[] after = model.network().parameters().floats();
    for (int i = 0; i < before.length; i++) {
      length += (after[i] - before[i]) * (after[i] - before[i]);
    }
    // A gradient cut to a length of 0.01 leads to a step nearly as long, here a quarter of it.
    assertEquals(0.0025, Math.sqrt(length), 5e-5);
    assertEquals(0.25, averages.of("learning_rate"));
    assertTrue(averages.of("gradient_norm") > 0.1, "before it was cut");
    System.arraycopy(before, 0, model.network().parameters().floatsForWriting(), 0, before.length);
    Tensor states = Tensor.host(n + 1, RecordedEnvironment.INPUTS);
    float[] chosen = new float[n + 1];
    for (int i = 0; i <= n; i++) {
      float[] row = environment.observations.get(i);
      System.arraycopy(row, 0, states.floatsForWriting(), i * row.length, row.length);
      chosen[i] = i < n ? environment.actions.get(i) : 0;
    }
    model.predict(states);
    float[] logProbs = model.logProbs(chosen).clone();
    float[] entropies = model.entropies().clone();
    double policyLoss = 0;
    double valueLoss = 0;
    double entropy = 0;
    double r = model.values()[n];
    for (int i = n - 1; i >= 0; i--) {
      r = environment.rewards.get(i) + 0.9 * r;
      double advantage = r - model.values()[i];
      policyLoss -= logProbs[i] * advantage / n;
      valueLoss += advantage * advantage / n;
      entropy += entropies[i] / (double) n;
    }
    assertEquals(3, environment.actions.stream().distinct().count(), "actions are drawn");
    assertEquals(policyLoss, averages.of("policy_loss"), 1e-5);
    assertEquals(valueLoss, averages.of("value_loss"), 1e-5);
    assertEquals(entropy, averages.of("entropy"), 1e-5);
  }

  /** What an actor-learner did before leaves no gradient behind. */
  @Test
  void gradients_doNotAddUp() {
    A3cConfig config =
        ONE.with(c -> c.rolloutSteps(4).hidden(List.of(8)).learningRate(Schedule.constant(0)));
    Space actions = new Discrete(RecordedEnvironment.ACTIONS);
    double[] norms = new double[2];
    for (int fresh = 0; fresh < 2; fresh++) {
      A3c learner =
          new A3c(
              config,
              MlpArchitecture.apart(config.hidden(), Activation.TANH, 0),
              Batches.context(compute, RecordedEnvironment.INPUTS, actions, 1));
      SingleEnvironment environment =
          Alone.of(new RecordedEnvironment(RecordedEnvironment.End.NEVER, 1), compute);
      Rng random = new Rng(5);
      AsynchronousLearner.ActorLearner one = learner.actorLearner(0, environment, compute, random);
      one.advance(4, 0, 0, new Averages(learner.metrics()));
      AsynchronousLearner.ActorLearner next =
          fresh == 0 ? one : learner.actorLearner(0, environment, compute, random);
      Averages averages = new Averages(learner.metrics());
      next.advance(4, 4, 0, averages);
      norms[fresh] = averages.of("gradient_norm");
    }
    assertEquals(norms[1], norms[0]);
  }
}
