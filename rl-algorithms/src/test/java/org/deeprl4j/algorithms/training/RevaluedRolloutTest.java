package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.rollout.RolloutBatch;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that are computed anew for a rollout are those that gathering it would have given. */
final class RevaluedRolloutTest {
  private static final int STEPS = 11;
  private static final int ENVIRONMENTS = 2;

  /** Counts steps; every third episode terminates after 4, the others are truncated. */
  private static final class Counting implements Mdp {
    private int episode;
    private int count;

    @Override
    public Space observationSpace() {
      return Box.of(0, 100, 2);
    }

    @Override
    public Space actionSpace() {
      return new Discrete(2);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      episode++;
      count = 0;
      observation[0] = 0;
      observation[1] = episode;
    }

    @Override
    public void step(float[] action, Step next) {
      count++;
      next.observation()[0] = count;
      next.observation()[1] = episode;
      next.setReward(1);
      next.setTerminated(episode % 3 == 0 && count == 4);
      next.setTruncated(episode % 3 != 0 && count == 4);
    }
  }

  private interface Look {
    void at(ActorCritic model, Rollout rollout, LearnerContext context);
  }

  private static final class Watching extends OnPolicyStub {
    private final LearnerContext context;
    private final Look look;

    Watching(LearnerContext context, int lstmUnits, Look look) {
      super(context, MlpArchitecture.apart(List.of(8), Activation.TANH, 0).onMemory(lstmUnits));
      this.context = context;
      this.look = look;
    }

    @Override
    public void update(Rollout rollout, double progress, Rng random, Averages averages) {
      look.at(model(), rollout, context);
    }
  }

  private static void gather(int lstmUnits, boolean normalized, boolean recomputed, Look look) {
    PpoConfig config =
        PpoConfig.defaults()
            .with(
                c ->
                    c.environments(ENVIRONMENTS)
                        .rolloutSteps(STEPS)
                        .batchSize(STEPS)
                        .normalizeObservations(normalized)
                        .recomputeAdvantages(recomputed));
    int[] updates = new int[1];
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer =
            new OnPolicyTrainer(
                new TrainingSetup(Counting::new, 101, 3, compute),
                config,
                context ->
                    new Watching(
                        context,
                        lstmUnits,
                        (model, rollout, of) -> {
                          updates[0]++;
                          look.at(model, rollout, of);
                        }))) {
      trainer.train();
    }
    assertEquals(5, updates[0]); // of which the last is shorter
  }

  @ParameterizedTest
  @CsvSource({"0, false", "0, true", "8, false", "8, true"})
  void withTheSameParameters_theyAreTheSame(int lstmUnits, boolean normalized) {
    gather(
        lstmUnits,
        normalized,
        true,
        (model, rollout, context) -> {
          int rows = rollout.rows();
          float[] values = Arrays.copyOf(rollout.values(), rows);
          float[] next = Arrays.copyOf(rollout.nextValues(), rows);
          Arrays.fill(rollout.values(), 99);
          for (int row = 0; row < rows; row++) {
            rollout.nextValues()[row] = rollout.terminated()[row] ? 0 : 99;
          }
          RolloutBatch batch = model.batch(5);
          batch.revalue(rollout, model::valuesOf);
          assertArrayEquals(values, Arrays.copyOf(rollout.values(), rows), 1e-6f);
          assertArrayEquals(next, Arrays.copyOf(rollout.nextValues(), rows), 1e-6f);
        });
  }

  /** By hand: V of what the environment showed, with other parameters. */
  @Test
  void withOtherParameters_theyAreTheirs() {
    Rng random = new Rng(9);
    gather(
        0,
        false,
        true,
        (model, rollout, context) -> {
          int rows = rollout.rows();
          float[] before = Arrays.copyOf(rollout.nextValues(), rows);
          random.fillGaussian(
              model.network().parameters().floatsForWriting(),
              0,
              model.network().parameters().size());
          model.batch(5).revalue(rollout, model::valuesOf);
          int truncated = 0;
          for (int row = 0; row < rows; row++) {
            float[] seen = {rollout.observations()[2 * row], rollout.observations()[2 * row + 1]};
            assertEquals(value(model, context, seen), rollout.values()[row], 1e-5f);
            float[] after = {seen[0] + 1, seen[1]};
            if (rollout.terminated()[row]) {
              assertEquals(0, rollout.nextValues()[row]);
              continue;
            }
            truncated += rollout.ended()[row] ? 1 : 0;
            assertEquals(value(model, context, after), rollout.nextValues()[row], 1e-5f);
            assertNotEquals(before[row], rollout.nextValues()[row]);
          }
          assertTrue(truncated > 0 || rollout.steps() < STEPS);
        });
  }

  private static float value(ActorCritic model, LearnerContext context, float[] observation) {
    return model.valueFunction(context.encoder()).value(observation);
  }

  @Test
  void withoutTheSetting_nothingIsKept() {
    gather(0, false, false, (model, rollout, context) -> assertEquals(0, rollout.finals()));
  }
}
