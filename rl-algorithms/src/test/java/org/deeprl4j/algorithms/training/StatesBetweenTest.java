package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;

/** A learner that asks for them is given the states that n-step returns pass through. */
final class StatesBetweenTest {
  private static final int LENGTH = 10;

  /** Observes the number of its step, ten to an episode. */
  private static final class Counter implements Mdp {
    private int t;

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
    }

    @Override
    public void step(float[] action, Step next) {
      next.observation()[0] = ++t;
      next.setTerminated(t == LENGTH);
    }
  }

  /** Checks each batch. */
  private static final class Checker extends OffPolicyStub {
    private int checked;

    @Override
    public boolean needsStatesBetween() {
      return true;
    }

    @Override
    public void update(Minibatch batch, double progress, Rng random, Averages averages) {
      assertEquals(2, batch.between().size());
      for (int b = 0; b < batch.rows(); b++) {
        float t = batch.observations().floats()[b];
        float last = batch.nextObservations().floats()[b]; // after fewer than 3 steps at the end
        for (int k = 1; k <= 2; k++) {
          float discount = batch.betweenDiscounts().get(k - 1)[b];
          assertEquals(t + k < last ? Math.pow(0.5, k) : 0, discount);
          if (discount > 0) {
            assertEquals(t + k, batch.between().get(k - 1).floats()[b]);
            checked++;
          }
        }
      }
    }
  }

  @Test
  void batches_bringTheStatesBetween() {
    DdpgConfig settings =
        DdpgConfig.defaults()
            .with(
                c ->
                    c.environments(2)
                        .learningStarts(20)
                        .stepsPerRound(10)
                        .batchSize(16)
                        .bufferSize(400)
                        .returnSteps(3)
                        .gamma(0.5));
    Checker checker = new Checker();
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer =
            new OffPolicyTrainer(
                new TrainingSetup(Counter::new, 1000, 3, compute), settings, context -> checker)) {
      trainer.iterate();
    }
    assertTrue(checker.checked > 1000, "checked " + checker.checked);
  }
}
