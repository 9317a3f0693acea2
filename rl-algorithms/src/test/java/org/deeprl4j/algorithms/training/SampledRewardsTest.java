package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rewards of a memory are scaled as they are sampled, by the deviation that returns have then. */
final class SampledRewardsTest {
  private static final int LENGTH = 10;
  private static final double GAMMA = 0.5;

  /** The running returns G ← γG + r of every step so far. */
  private final List<Double> returns = new ArrayList<>();

  /** Observes the number of its step, which is its reward as well; later episodes give more. */
  private final class Counter implements Mdp {
    private int t;
    private double sum;

    @Override
    public Space observationSpace() {
      return Box.of(0, LENGTH, 1);
    }

    @Override
    public Space actionSpace() {
      return new Discrete(2);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      t = 0;
      sum = 0;
    }

    @Override
    public void step(float[] action, Step next) {
      next.observation()[0] = ++t;
      next.setReward(t);
      next.setTerminated(t == LENGTH);
      sum = GAMMA * sum + t;
      returns.add(sum);
    }
  }

  /** Checks each batch. */
  private final class Checker extends OffPolicyStub {
    private final int steps;
    private int checked;

    Checker(int steps) {
      this.steps = steps;
    }

    @Override
    public void update(Minibatch batch, double progress, Rng random, Averages averages) {
      double mean = returns.stream().mapToDouble(g -> g).average().orElseThrow();
      double variance =
          returns.stream().mapToDouble(g -> (g - mean) * (g - mean)).average().orElseThrow();
      for (int b = 0; b < batch.rows(); b++) {
        int t = (int) batch.observations().floats()[b];
        int last = (int) batch.nextObservations().floats()[b]; // fewer than n steps at the end
        double raw = 0;
        for (int k = 0; t + k < last; k++) {
          raw += Math.pow(GAMMA, k) * (t + k + 1);
        }
        assertTrue(last - t <= steps);
        assertEquals(raw / Math.sqrt(variance + 1e-8), batch.rewards()[b], 1e-4);
        checked++;
      }
    }
  }

  /** Of a reward that comes once in a thousand steps, which is 32 of its deviations. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void returnsOfSeveralSteps_areClippedAtSeveralBounds(int steps) {
    DdpgConfig settings =
        DdpgConfig.defaults()
            .with(
                c ->
                    c.learningStarts(1000)
                        .stepsPerRound(1000)
                        .updatesPerRound(10)
                        .batchSize(1000)
                        .bufferSize(1000)
                        .returnSteps(steps)
                        .normalizeRewards(true)
                        .gamma(0));
    float[] most = new float[1];
    Mdp once =
        new MdpWrapper(new RecordedEnvironment(RecordedEnvironment.End.NEVER, 1)) {
          private int t;

          @Override
          public void step(float[] action, Step next) {
            super.step(action, next);
            next.setReward(++t == 500 ? 1000 : 0);
          }
        };
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        OffPolicyTrainer trainer =
            new OffPolicyTrainer(
                new TrainingSetup(() -> once, 1000, 3, compute),
                settings,
                context ->
                    new OffPolicyStub() {
                      @Override
                      public void update(
                          Minibatch batch, double progress, Rng random, Averages averages) {
                        for (float reward : batch.rewards()) {
                          most[0] = Math.max(most[0], reward);
                        }
                      }
                    })) {
      trainer.iterate();
    }
    assertEquals(10 * steps, most[0]);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void rewards_haveTheScaleOfTheMoment(int steps) {
    DdpgConfig settings =
        DdpgConfig.defaults()
            .with(
                c ->
                    c.environments(2)
                        .learningStarts(20)
                        .stepsPerRound(10)
                        .batchSize(16)
                        .bufferSize(400)
                        .returnSteps(steps)
                        .normalizeRewards(true)
                        .gamma(GAMMA));
    Checker checker = new Checker(steps);
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        OffPolicyTrainer trainer =
            new OffPolicyTrainer(
                new TrainingSetup(Counter::new, 1000, 3, compute), settings, context -> checker)) {
      trainer.iterate();
      assertEquals(
          55, trainer.episodes().metrics().get("mean_return"), "what is reported is not scaled");
    }
    assertTrue(checker.checked > 1000, "checked " + checker.checked);
  }
}
