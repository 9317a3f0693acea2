package org.deeprl4j.algorithms.asyncq;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.learning.ActionValues;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.training.Alone;
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
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
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
        double[] y = targets(method, end, environment, 0, q, n, supposed);
        double[] gradient = gradient(theta.size(), environment, 0, q, y);
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

  /** y_from … y_{from + n − 1}, by values of s_from … s_{from + n}. */
  private static double[] targets(
      AsyncQ.Method method,
      RecordedEnvironment.End end,
      RecordedEnvironment environment,
      int from,
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
            case ONE_STEP_SARSA ->
                q[after + (last ? supposed : environment.actions.get(from + i + 1))];
            case N_STEP_Q -> last ? best : r;
          };
      if (last && end == RecordedEnvironment.End.TERMINATED) {
        next = 0;
      }
      r = environment.rewards.get(from + i) + 0.9 * next;
      y[i] = r;
    }
    return y;
  }

  /** 2/n Σ (Q(s_i, a_i) − y_i) ∂Q/∂θ; DL4J's layout of W is column by column, then b. */
  private static double[] gradient(
      int size, RecordedEnvironment environment, int from, float[] q, double[] y) {
    double[] gradient = new double[size];
    int inputs = RecordedEnvironment.INPUTS;
    int actions = RecordedEnvironment.ACTIONS;
    for (int i = 0; i < y.length; i++) {
      int a = environment.actions.get(from + i);
      double slope = 2 * (q[i * actions + a] - y[i]) / y.length;
      for (int k = 0; k < inputs; k++) {
        gradient[a * inputs + k] += slope * environment.observations.get(from + i)[k];
      }
      gradient[inputs * actions + a] += slope;
    }
    return gradient;
  }

  @ParameterizedTest
  @EnumSource
  void oneActorLearner_isDeterministicAndContinuesBitForBit(AsyncQ.Method method) {
    try (Trainer whole = start(ONE, method, 5000);
        Trainer first = start(ONE, method, 5000);
        Trainer second = start(ONE, method, 5000)) {
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

  @Tag("training")
  @ParameterizedTest
  @EnumSource
  void sixteenActorLearners_stayFinite(AsyncQ.Method method) {
    try (Trainer trainer = start(ONE.withActorLearners(16), method, 20_000)) {
      while (!trainer.done()) {
        Map<String, Double> metrics = trainer.iterate().values();
        assertTrue(Double.isFinite(metrics.get("critic_loss")), metrics.toString());
      }
      assertEquals(20_000, trainer.steps());
    }
  }

  @Tag("training")
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

  private AsynchronousLearner.ActorLearner alone(
      AsyncQ learner, int index, RecordedEnvironment environment) {
    return learner.actorLearner(index, Alone.of(environment, compute), compute, new Rng(5));
  }

  private AsyncQ learner(AsyncQConfig config, AsyncQ.Method method) {
    Space actions = new Discrete(RecordedEnvironment.ACTIONS);
    return new AsyncQ(
        config, method, Batches.context(compute, RecordedEnvironment.INPUTS, actions, 1));
  }

  /** Q of the states s_from … s_{from + n}, by some parameters. */
  private float[] values(float[] parameters, RecordedEnvironment environment, int from, int n) {
    Network network = learner(linear(), AsyncQ.Method.ONE_STEP_Q).network();
    System.arraycopy(parameters, 0, network.parameters().floatsForWriting(), 0, parameters.length);
    int inputs = RecordedEnvironment.INPUTS;
    Tensor states = Tensor.host(n + 1, inputs);
    for (int i = 0; i <= n; i++) {
      System.arraycopy(
          environment.observations.get(from + i), 0, states.floatsForWriting(), i * inputs, inputs);
    }
    return network.predict(states).floats();
  }

  /** A linear Q in steps that tell the gradient, with a target network for eight steps. */
  private static AsyncQConfig linear() {
    return ONE.with(
        c ->
            c.rolloutSteps(4)
                .gamma(0.9)
                .targetEverySteps(8)
                .rmsPropDecay(0)
                .rmsPropEpsilon(1)
                .learningRate(Schedule.constant(1))
                .hidden(List.of())
                .maxGradientNorm(null));
  }

  @ParameterizedTest
  @EnumSource
  void targets_useTheTargetNetwork_whichMovesEveryEightSteps(AsyncQ.Method method) {
    int n = 4;
    RecordedEnvironment environment = new RecordedEnvironment(RecordedEnvironment.End.NEVER, 1);
    AsyncQ learner = learner(linear(), method);
    AsynchronousLearner.ActorLearner one = alone(learner, 0, environment);
    List<float[]> theta = new ArrayList<>(); // before each segment
    for (int segment = 0; segment < 6; segment++) {
      theta.add(learner.network().parameters().floats().clone());
      assertEquals(n, one.advance(n, (long) n * segment, 0.5, new Averages(learner.metrics())));
    }
    for (int segment = 0; segment < 5; segment++) {
      float[] before = theta.get(segment);
      float[] after = theta.get(segment + 1);
      int from = n * segment;
      int following = environment.actions.get(from + n);
      float[] target = values(theta.get(segment / 2 * 2), environment, from, n).clone();
      float[] q = values(before, environment, from, n);
      double[] y =
          targets(method, RecordedEnvironment.End.NEVER, environment, from, target, n, following);
      double[] gradient = gradient(before.length, environment, from, q, y);
      for (int i = 0; i < gradient.length; i++) {
        double step = gradient[i] / (Math.abs(gradient[i]) + 1);
        assertEquals(before[i] - step, after[i], 1e-5, "segment " + segment);
      }
    }
  }

  /**
   * Segments as two threads have them: T passes 8 although no segment does, since one leaves out
   * the steps that would; and it passes 16 in two segments at once.
   */
  @Test
  void targetNetwork_movesOnceForEachEightSteps_whateverSegmentsThreadsTake() {
    int n = 4;
    AsyncQ learner = learner(linear(), AsyncQ.Method.ONE_STEP_Q);
    AsynchronousLearner.ActorLearner brief =
        alone(learner, 0, new RecordedEnvironment(RecordedEnvironment.End.TERMINATED, 1));
    RecordedEnvironment environment = new RecordedEnvironment(RecordedEnvironment.End.NEVER, 1);
    AsynchronousLearner.ActorLearner other = alone(learner, 1, environment);
    float[] target = learner.network().parameters().floats().clone();
    assertEquals(1, brief.advance(n, 6, 0.5, new Averages(learner.metrics()))); // of 6 … 10
    long[] starts = {10, 11, 15, 14, 19};
    boolean[] moves = {true, false, true, false, false}; // at 14 beyond 8, at 19 beyond 16
    for (int segment = 0; segment < starts.length; segment++) {
      float[] before = learner.network().parameters().floats().clone();
      other.advance(n, starts[segment], 0.5, new Averages(learner.metrics()));
      float[] after = learner.network().parameters().floats().clone();
      int from = n * segment;
      float[] next = values(target, environment, from, n).clone();
      float[] q = values(before, environment, from, n);
      double[] y =
          targets(
              AsyncQ.Method.ONE_STEP_Q,
              RecordedEnvironment.End.NEVER,
              environment,
              from,
              next,
              n,
              0);
      double[] gradient = gradient(before.length, environment, from, q, y);
      for (int i = 0; i < gradient.length; i++) {
        double step = gradient[i] / (Math.abs(gradient[i]) + 1);
        assertEquals(before[i] - step, after[i], 1e-5, "segment " + segment);
      }
      target = moves[segment] ? after : target;
    }
    // A run that goes on knows when it was: its next segment, of 20 … 24, moves it beyond 24.
    AsyncQ loaded = learner(linear(), AsyncQ.Method.ONE_STEP_Q);
    StateFile.fromBytes(StateFile.toBytes("learner", learner), "learner", loaded);
    for (long start : new long[] {16, 20}) {
      for (AsyncQ one : List.of(learner, loaded)) {
        alone(one, 1, new RecordedEnvironment(RecordedEnvironment.End.NEVER, 1))
            .advance(n, start, 0.5, new Averages(one.metrics()));
      }
      assertArrayEquals(
          StateFile.toBytes("learner", learner), StateFile.toBytes("learner", loaded));
    }
  }

  @Test
  void exploration_isEpsilonGreedyByTheThreadsOwnNetwork() {
    int n = 3000;
    AsyncQConfig config = linear().with(c -> c.rolloutSteps(n).finalEpsilons(List.of(0.0, 0.6)));
    for (int index = 0; index < 2; index++) {
      AsyncQ learner = learner(config, AsyncQ.Method.N_STEP_Q);
      float[] theta = learner.network().parameters().floats().clone();
      RecordedEnvironment environment = new RecordedEnvironment(RecordedEnvironment.End.NEVER, 1);
      Averages averages = new Averages(learner.metrics());
      alone(learner, index, environment).advance(n, 0, 0.9, averages);
      float[] q = values(theta, environment, 0, n);
      int[][] taken = new int[3][3]; // which action where which is best
      for (int i = 0; i < n; i++) {
        int best = ActionValues.largest(q, i * RecordedEnvironment.ACTIONS, 3);
        taken[best][environment.actions.get(i)]++;
      }
      double epsilon = index * 0.6;
      assertEquals(epsilon, averages.of("epsilon"), 1e-12);
      for (int best = 0; best < 3; best++) {
        double states = Arrays.stream(taken[best]).sum();
        assertTrue(states > 100, best + " is best " + states + " times");
        for (int action = 0; action < 3; action++) {
          // Five standard errors at most; exact without random actions.
          assertEquals(
              (action == best ? 1 - epsilon : 0) + epsilon / 3,
              taken[best][action] / states,
              index * 2.5 / Math.sqrt(states) + 1e-9);
        }
      }
    }
  }

  @Test
  void epsilon_fallsToThatOfItsThread() {
    AsyncQConfig config =
        ONE.with(
            c ->
                c.initialEpsilon(1)
                    .finalEpsilons(List.of(0.1, 0.01, 0.5))
                    .explorationFraction(0.5));
    assertEquals(1, config.epsilon(1, 0), 1e-12);
    assertEquals(0.505, config.epsilon(1, 0.25), 1e-12);
    assertEquals(0.01, config.epsilon(1, 0.75), 1e-12);
    assertEquals(0.01, config.epsilon(4, 1), 1e-12);
    assertEquals(0.5, config.epsilon(2, 1), 1e-12);
  }

  @Test
  void metrics_areThoseOfTheSegment() {
    int n = 4;
    AsyncQConfig config =
        linear().with(c -> c.maxGradientNorm(0.01).learningRate(Schedule.linear(1, 0)));
    AsyncQ learner = learner(config, AsyncQ.Method.ONE_STEP_Q);
    float[] theta = learner.network().parameters().floats().clone();
    RecordedEnvironment environment = new RecordedEnvironment(RecordedEnvironment.End.NEVER, 1);
    Averages averages = new Averages(learner.metrics());
    alone(learner, 0, environment).advance(n, 0, 0.75, averages);
    float[] q = values(theta, environment, 0, n);
    double[] y =
        targets(AsyncQ.Method.ONE_STEP_Q, RecordedEnvironment.End.NEVER, environment, 0, q, n, 0);
    double loss = 0;
    double mean = 0;
    for (int i = 0; i < n; i++) {
      double chosen = q[3 * i + environment.actions.get(i)];
      loss += (chosen - y[i]) * (chosen - y[i]) / n;
      mean += chosen / n;
    }
    double squares = 0;
    for (double g : gradient(theta.length, environment, 0, q, y)) {
      squares += g * g;
    }
    assertEquals(loss, averages.of("critic_loss"), 1e-5);
    assertEquals(mean, averages.of("q_mean"), 1e-5);
    assertEquals(Math.sqrt(squares), averages.of("critic_gradient_norm"), 1e-5);
    assertEquals(0.25, averages.of("learning_rate"));
    // A gradient as short as 0.01 leads to a step as long, here 0.25 of it.
    double length = 0;
    float[] moved = learner.network().parameters().floats();
    for (int i = 0; i < theta.length; i++) {
      length += (moved[i] - theta[i]) * (moved[i] - theta[i]);
    }
    assertEquals(0.0025, Math.sqrt(length), 5e-5);
  }
}
