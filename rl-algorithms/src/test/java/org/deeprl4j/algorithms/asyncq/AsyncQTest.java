package org.deeprl4j.algorithms.asyncq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.training.AsynchronousLearner;
import org.deeprl4j.algorithms.training.AsynchronousTrainer;
import org.deeprl4j.algorithms.training.RecordedEnvironment;
import org.deeprl4j.algorithms.training.SingleEnvironment;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class AsyncQTest {
  private static final AsyncQConfig ONE = AsyncQConfig.defaults().withActorLearners(1);

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);

  @AfterEach
  void close() {
    compute.close();
  }

  static Stream<Arguments> segments() {
    return Stream.of(AsyncQ.Method.values())
        .flatMap(
            method ->
                Stream.of(RecordedEnvironment.End.values()).map(end -> Arguments.of(method, end)));
  }

  /**
   * One segment of a linear Q, whose gradient is 2/n Σ (Q(s_i, a_i) − y_i) s_i. RMSProp without
   * memory moves by g/(|g| + ε) against it, from which g follows.
   */
  @ParameterizedTest
  @MethodSource("segments")
  void segment_movesTowardsItsTargets(AsyncQ.Method method, RecordedEnvironment.End end) {
    int n = end == RecordedEnvironment.End.NEVER ? 6 : 4;
    int inputs = RecordedEnvironment.INPUTS;
    double epsilon = 100;
    AsyncQConfig config =
        ONE.with(
            c ->
                c.rolloutSteps(6)
                    .gamma(0.9)
                    .targetEverySteps(1000)
                    .rmsPropDecay(0)
                    .rmsPropEpsilon(epsilon)
                    .learningRate(Schedule.constant(1))
                    .hidden(List.of())
                    .maxGradientNorm(null));
    RecordedEnvironment environment = new RecordedEnvironment(end, 4);
    AtomicReference<AsyncQ> learner = new AtomicReference<>();
    TrainingSetup setup = new TrainingSetup(() -> environment, n, 1, compute);
    try (Trainer trainer =
        new AsynchronousTrainer(
            setup,
            config,
            context -> {
              learner.set(new AsyncQ(config, method, context));
              return learner.get();
            })) {
      Network network = learner.get().network();
      Tensor theta = network.parameters();
      Tensor start = theta.like(1, theta.size());
      start.copyFrom(theta);
      trainer.iterate();
      assertEquals(n, trainer.steps());
      Tensor move = theta.like(1, theta.size());
      move.copyFrom(theta);
      move.axpy(-1, start);
      theta.copyFrom(start);

      Tensor states = Tensor.host(n + 1, inputs);
      for (int i = 0; i <= n; i++) {
        System.arraycopy(
            environment.observations.get(i), 0, states.floatsForWriting(), i * inputs, inputs);
      }
      float[] q = network.predict(states).floats().clone();
      // The action that Sarsa supposes after the segment is not seen: one of them must fit.
      double least = Double.POSITIVE_INFINITY;
      for (int supposed = 0; supposed < RecordedEnvironment.ACTIONS; supposed++) {
        double[] y = targets(method, end, environment, q, n, supposed);
        double[] gradient = gradient(theta.size(), environment, q, y);
        double most = 0;
        for (int i = 0; i < gradient.length; i++) {
          double measured = -epsilon * move.floats()[i] / (1 - Math.abs(move.floats()[i]));
          most = Math.max(most, Math.abs(gradient[i] - measured));
        }
        least = Math.min(least, most);
      }
      assertEquals(0, least, 1e-4);
    }
  }

  /** y_0 … y_{n−1}. */
  private static double[] targets(
      AsyncQ.Method method,
      RecordedEnvironment.End end,
      RecordedEnvironment environment,
      float[] q,
      int n,
      int supposed) {
    double[] y = new double[n];
    double r = 0;
    for (int i = n - 1; i >= 0; i--) {
      boolean last = i == n - 1;
      int after = (i + 1) * RecordedEnvironment.ACTIONS;
      double best = Math.max(q[after], Math.max(q[after + 1], q[after + 2]));
      double next =
          switch (method) {
            case ONE_STEP_Q -> best;
            case ONE_STEP_SARSA -> q[after + (last ? supposed : environment.actions.get(i + 1))];
            case N_STEP_Q -> last ? best : r;
          };
      if (last && end == RecordedEnvironment.End.TERMINATED) {
        next = 0;
      }
      r = environment.rewards.get(i) + 0.9 * next;
      y[i] = r;
    }
    return y;
  }

  /** 2/n Σ (Q(s_i, a_i) − y_i) ∂Q/∂θ; DL4J's layout of W is column by column, then b. */
  private static double[] gradient(
      int size, RecordedEnvironment environment, float[] q, double[] y) {
    double[] gradient = new double[size];
    int inputs = RecordedEnvironment.INPUTS;
    int actions = RecordedEnvironment.ACTIONS;
    for (int i = 0; i < y.length; i++) {
      int a = environment.actions.get(i);
      double slope = 2 * (q[i * actions + a] - y[i]) / y.length;
      for (int k = 0; k < inputs; k++) {
        gradient[a * inputs + k] += slope * environment.observations.get(i)[k];
      }
      gradient[inputs * actions + a] += slope;
    }
    return gradient;
  }

  @ParameterizedTest
  @EnumSource
  void oneActorLearner_isDeterministicAndContinuesBitForBit(AsyncQ.Method method) {
    try (Trainer whole = start(ONE, method, 9000);
        Trainer first = start(ONE, method, 9000);
        Trainer second = start(ONE, method, 9000)) {
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
    }
  }

  private Trainer start(AsyncQConfig config, AsyncQ.Method method, long steps) {
    return AsyncQ.start(
        new TrainingSetup(() -> Environments.make("CartPole-v1"), steps, 7, compute),
        config,
        method);
  }

  @ParameterizedTest
  @EnumSource
  void sixteenActorLearners_stayFinite(AsyncQ.Method method) {
    try (Trainer trainer = start(ONE.withActorLearners(16), method, 100_000)) {
      while (!trainer.done()) {
        Map<String, Double> metrics = trainer.iterate().values();
        assertTrue(Double.isFinite(metrics.get("critic_loss")), metrics.toString());
      }
      assertEquals(100_000, trainer.steps());
    }
  }

  @Test
  void cartPole_isLearnedByTwoActorLearners() {
    AsyncQConfig config = AsyncQConfig.defaults().with(c -> c.actorLearners(2).rolloutSteps(20));
    try (Trainer trainer = start(config, AsyncQ.Method.N_STEP_Q, 500_000)) {
      trainer.train();
      double learned =
          Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 20, 10_001)
              .meanReturn();
      assertTrue(learned > 200, "mean return " + learned);
    }
  }

  /** Sarsa's next action belongs to a state that is gone where the environment cannot be saved. */
  @Test
  void loadedWithoutItsEnvironment_choosesAnew() {
    List<AsynchronousLearner.ActorLearner> learners = new ArrayList<>();
    try (Trainer first = sarsa(learners);
        Trainer second = sarsa(learners)) {
      first.iterate();
      assertTrue(chosen(learners.get(0)) >= 0);
      StateFile.fromBytes(StateFile.toBytes("test", first), "test", second);
      assertEquals(1, second.restarted());
      assertEquals(-1, chosen(learners.get(1)));
    }
  }

  private Trainer sarsa(List<AsynchronousLearner.ActorLearner> learners) {
    TrainingSetup setup =
        new TrainingSetup(
            () -> new RecordedEnvironment(RecordedEnvironment.End.NEVER, 1), 40, 1, compute);
    return new AsynchronousTrainer(
        setup,
        ONE,
        context -> new Watched(new AsyncQ(ONE, AsyncQ.Method.ONE_STEP_SARSA, context), learners));
  }

  private static int chosen(AsynchronousLearner.ActorLearner learner) {
    int[] chosen = new int[1];
    StateFile.fromBytes(
        StateFile.toBytes("learner", learner),
        "learner",
        new Stateful() {
          @Override
          public void save(StateWriter out) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void load(StateReader in) {
            chosen[0] = in.getInt("chosen");
          }
        });
    return chosen[0];
  }

  /** Lists the actor-learners that it makes. */
  private record Watched(
      AsynchronousLearner learner, List<AsynchronousLearner.ActorLearner> learners)
      implements AsynchronousLearner {
    @Override
    public List<String> metrics() {
      return learner.metrics();
    }

    @Override
    public ActorLearner actorLearner(
        int index, SingleEnvironment environment, Compute compute, Rng random) {
      learners.add(learner.actorLearner(index, environment, compute, random));
      return learners.get(learners.size() - 1);
    }

    @Override
    public void sharedParametersChange() {
      learner.sharedParametersChange();
    }

    @Override
    public Policy policy() {
      return learner.policy();
    }

    @Override
    public void save(StateWriter out) {
      learner.save(out);
    }

    @Override
    public void load(StateReader in) {
      learner.load(in);
    }
  }
}
