package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.deeprl4j.algorithms.a2c.A2cConfig;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.replay.HindsightReplayBuffer;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A driver that is saved and loaded shows its learner what it would have been shown. */
final class ResumedDriversTest {
  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);

  @AfterEach
  void close() {
    compute.close();
  }

  /** Everything that learners were shown. */
  private static final class Shown {
    private final List<float[]> seen = new ArrayList<>();

    void of(float[]... arrays) {
      for (float[] array : arrays) {
        seen.add(array.clone());
      }
    }

    void rollout(Rollout r, Rng random) {
      int rows = r.rows();
      of(
          Arrays.copyOf(r.observations(), rows * r.observationSize()),
          Arrays.copyOf(r.actions(), rows * r.actionSize()),
          Arrays.copyOf(r.rewards(), rows),
          Arrays.copyOf(r.values(), rows),
          Arrays.copyOf(r.nextValues(), rows),
          new float[] {random.nextFloat()});
    }

    void batch(Minibatch b, Rng random) {
      of(
          b.observations().floats(),
          b.actions(),
          b.rewards(),
          b.discounts(),
          b.nextObservations().floats(),
          b.weights(),
          new float[] {random.nextFloat()});
    }

    void assertSame(Shown other) {
      assertEquals(seen.size(), other.seen.size());
      for (int i = 0; i < seen.size(); i++) {
        assertArrayEquals(seen.get(i), other.seen.get(i));
      }
    }
  }

  /** A run of two iterations, and the second one by a driver that is already elsewhere. */
  private static void check(Function<Shown, Trainer> start) {
    Shown first = new Shown();
    Shown second = new Shown();
    try (Trainer whole = start.apply(first);
        Trainer loaded = start.apply(second)) {
      loaded.iterate();
      loaded.iterate();
      whole.iterate();
      StateFile.fromBytes(StateFile.toBytes("trainer", whole), "trainer", loaded);
      assertEquals(whole.steps(), loaded.steps());
      assertEquals(0, loaded.restarted());
      first.seen.clear();
      second.seen.clear();
      assertEquals(whole.iterate(), loaded.iterate());
      assertTrue(first.seen.size() > 5);
      first.assertSame(second);
      assertArrayEquals(StateFile.toBytes("trainer", whole), StateFile.toBytes("trainer", loaded));
    }
  }

  /** Also in the middle of an episode, where a memory is what it was. */
  @ParameterizedTest
  @CsvSource({"false, 0", "true, 0", "false, 3"})
  void onPolicy(boolean normalized, int memory) {
    MlpArchitecture bodies = MlpArchitecture.apart(List.of(4), Activation.TANH, 0);
    A2cConfig settings =
        A2cConfig.defaults()
            .with(
                c ->
                    c.environments(2)
                        .rolloutSteps(100)
                        .normalizeObservations(normalized)
                        .normalizeRewards(normalized));
    check(
        shown ->
            new OnPolicyTrainer(
                new TrainingSetup(() -> Environments.make("CartPole-v1"), 1200, 3, compute),
                settings,
                context ->
                    new OnPolicyStub(
                        context,
                        memory > 0 ? bodies.onMemory(memory) : bodies,
                        Distributions.forActionSpace(context.actionSpace())) {
                      @Override
                      public void update(
                          Rollout rollout, double progress, Rng random, Averages averages) {
                        shown.rollout(rollout, random);
                      }
                    }));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void offPolicy(boolean normalized) {
    DdpgConfig settings =
        DdpgConfig.defaults()
            .with(
                c ->
                    c.environments(2)
                        .learningStarts(100)
                        .stepsPerRound(50)
                        .batchSize(16)
                        .bufferSize(1200)
                        .returnSteps(3)
                        .prioritizedReplay(true)
                        .normalizeObservations(normalized)
                        .normalizeRewards(normalized));
    check(shown -> offPolicy("Pendulum-v1", settings, shown));
  }

  @Test
  void offPolicy_withHindsight() {
    DdpgConfig settings =
        DdpgConfig.defaults()
            .with(
                c ->
                    c.environments(2)
                        .learningStarts(100)
                        .stepsPerRound(50)
                        .batchSize(16)
                        .bufferSize(1200)
                        .hindsightGoals(3)
                        .hindsightStrategy(HindsightReplayBuffer.Strategy.FINAL));
    check(shown -> offPolicy("PointGoal", settings, shown));
  }

  private OffPolicyTrainer offPolicy(String environment, DdpgConfig settings, Shown shown) {
    return new OffPolicyTrainer(
        new TrainingSetup(() -> Environments.make(environment), 3000, 3, compute),
        settings,
        context ->
            new OffPolicyStub() {
              @Override
              public void explore(
                  Tensor observations, float[] raw, double progress, Rng random, float[] actions) {
                shown.of(observations.floats(), raw, new float[] {(float) progress});
                for (int i = 0; i < actions.length; i++) {
                  actions[i] = 2 * random.nextFloat() - 1;
                }
              }

              @Override
              public void update(Minibatch batch, double progress, Rng random, Averages averages) {
                shown.batch(batch, random);
                for (int b = 0; b < batch.rows(); b++) {
                  batch.errors()[b] = Math.abs(batch.rewards()[b]);
                }
              }
            });
  }

  /**
   * The state that a network with memory is shown is the one that it gave at the step before, 0
   * where an episode begins; V behind a truncated episode is that with the episode's own state.
   */
  @Test
  void onPolicy_aMemorysStateIsCarriedWithinAnEpisode() {
    A2cConfig settings = A2cConfig.defaults().with(c -> c.environments(1).rolloutSteps(7));
    RecordedEnvironment environment = new RecordedEnvironment(RecordedEnvironment.End.TRUNCATED, 5);
    int in = RecordedEnvironment.INPUTS;
    int units = 3;
    float[][] state = {new float[2 * units]};
    int[] step = {0};
    try (OnPolicyTrainer trainer =
        new OnPolicyTrainer(
            new TrainingSetup(() -> environment, 35, 3, compute),
            settings,
            context ->
                new OnPolicyStub(
                    context,
                    MlpArchitecture.apart(List.of(4), Activation.TANH, 0).onMemory(units),
                    Distributions.forActionSpace(context.actionSpace())) {
                  @Override
                  public void update(
                      Rollout rollout, double progress, Rng random, Averages averages) {
                    int columns = in + 2 * units + 1;
                    assertEquals(columns, rollout.observationSize());
                    for (int t = 0; t < rollout.rows(); t++) {
                      float[] row =
                          Arrays.copyOfRange(
                              rollout.observations(), t * columns, (t + 1) * columns);
                      assertArrayEquals(
                          state[0], Arrays.copyOfRange(row, in, in + 2 * units), 1e-6f);
                      assertEquals(1, row[columns - 1]);
                      float[] y = output(row);
                      assertEquals(y[0], rollout.values()[t], 1e-6);
                      float[] next = Arrays.copyOfRange(y, y.length - 2 * units, y.length);
                      assertTrue(next[0] != 0, "nothing is remembered");
                      step[0]++;
                      boolean ends = step[0] % 5 == 0;
                      assertEquals(ends, rollout.ended()[t]);
                      float[] x = Arrays.copyOf(environment.observations.get(step[0]), columns);
                      System.arraycopy(next, 0, x, in, 2 * units);
                      x[columns - 1] = 1;
                      assertEquals(output(x)[0], rollout.nextValues()[t], 1e-6, "step " + step[0]);
                      state[0] = ends ? new float[2 * units] : next;
                    }
                  }

                  private float[] output(float[] row) {
                    Tensor x = compute.tensor(1, row.length);
                    System.arraycopy(row, 0, x.floatsForWriting(), 0, row.length);
                    model().predict(x);
                    Tensor y = model().output();
                    return Arrays.copyOfRange(y.floats(), y.offset(), y.offset() + y.columns());
                  }
                })) {
      trainer.train();
    }
    assertEquals(35, step[0]);
  }
}
