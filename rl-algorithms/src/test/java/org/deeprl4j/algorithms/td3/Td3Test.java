package org.deeprl4j.algorithms.td3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One update on a batch whose every third row is terminal. */
final class Td3Test {
  private static final int ROWS = 24;
  private static final int IN = 3;
  private static final int N = 2;
  private static final Td3Config CONFIG =
      Td3Config.defaults()
          .with(
              c ->
                  c.batchSize(ROWS)
                      .networks(List.of(16, 16))
                      .activation(Activation.TANH)
                      .targetNoise(0)
                      .policyDelay(1)
                      .actorLearningRate(Schedule.constant(0))
                      .criticLearningRate(Schedule.constant(0)));

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Minibatch batch = Batches.random(compute, ROWS, IN, N, 0, 0.97);

  @AfterEach
  void close() {
    compute.close();
  }

  private Td3 learner(Td3Config config) {
    TrainingSetup setup =
        new TrainingSetup(
            () -> {
              throw new AssertionError("no environment is needed");
            },
            1000,
            1,
            compute);
    return new Td3(setup, config, Batches.encoder(IN), Box.of(-1, 1, N), new Rng(3));
  }

  @Test
  void targets_areTheBellmanEquations() {
    Td3 learner = learner(CONFIG);
    float[] next = new float[ROWS * N];
    learner.policy().act(batch.nextObservations().floats(), ROWS, next);
    float[] q = new float[ROWS];
    learner.actionValueFunction().values(batch.nextObservations().floats(), next, ROWS, q);
    float[] expected = new float[ROWS];
    for (int b = 0; b < ROWS; b++) {
      expected[b] = batch.rewards()[b] + (b % 3 == 0 ? 0 : 0.97f * q[b]);
    }
    learner.update(batch, 0, new Rng(1), new Averages());
    assertArrayEquals(expected, learner.targets(), 1e-5f);
  }

  @Test
  void actorGradient_isThatOfItsObjective() {
    Td3 learner = learner(CONFIG);
    learner.update(batch, 0, new Rng(1), new Averages());
    float[] gradient = learner.actor().gradient().floats().clone();
    float[] direction = new float[gradient.length];
    new Rng(9).fillGaussian(direction, 0, direction.length);
    double expected = 0;
    for (int i = 0; i < direction.length; i++) {
      expected -= gradient[i] * direction[i]; // the loss is −J
    }
    double step = 2e-3;
    double slope =
        (objective(learner, direction, step) - objective(learner, direction, -step)) / (2 * step);
    assertEquals(expected, slope, 0.02 * Math.abs(expected) + 1e-4);
    assertTrue(Math.abs(expected) > 1e-3, "a direction that tells nothing");
  }

  /** J = Ê[Q(s, π(s))], by the first critic, with the actor's parameters moved. */
  private double objective(Td3 learner, float[] direction, double step) {
    Tensor parameters = learner.actor().parameters();
    float[] saved = parameters.floats().clone();
    float[] moved = parameters.floatsForWriting();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (step * direction[i]);
    }
    float[] actions = new float[ROWS * N];
    learner.policy().act(batch.observations().floats(), ROWS, actions);
    double sum = 0;
    for (float q : learner.firstCriticsValues(batch.observations(), actions)) {
      sum += q / ROWS;
    }
    System.arraycopy(saved, 0, parameters.floatsForWriting(), 0, saved.length);
    return sum;
  }

  @Test
  void targetSmoothing_staysWithinItsClip() {
    Td3 learner = learner(CONFIG.withTargetNoise(10).withTargetNoiseClip(0.05));
    learner.update(batch, 0, new Rng(1), new Averages());
    float[] smoothed = learner.targets().clone();
    Td3 plain = learner(CONFIG);
    plain.update(batch, 0, new Rng(1), new Averages());
    double most = 0;
    for (int b = 0; b < ROWS; b++) {
      most = Math.max(most, Math.abs(smoothed[b] - plain.targets()[b]));
    }
    // Q is smooth: actions moved by 0.05 change it, but by little.
    assertTrue(most > 1e-5 && most < 0.1, "moved by " + most);
  }

  @Test
  void actorAndTargets_moveEverySecondUpdate() {
    Td3 learner =
        learner(
            CONFIG.with(
                c ->
                    c.policyDelay(2)
                        .actorLearningRate(Schedule.constant(1e-3))
                        .criticLearningRate(Schedule.constant(1e-3))));
    float[] start = learner.actor().parameters().floats().clone();
    learner.update(batch, 0, new Rng(1), new Averages());
    assertArrayEquals(start, learner.actor().parameters().floats());
    learner.update(batch, 0, new Rng(1), new Averages());
    assertTrue(!Arrays.equals(start, learner.actor().parameters().floats()));
  }
}
