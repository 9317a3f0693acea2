package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.a2c.A2cConfig;
import org.deeprl4j.algorithms.a3c.A3cConfig;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.reinforce.ReinforceConfig;
import org.deeprl4j.envs.toy.LegalMoves;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Drivers take legal actions alone: of 200 actions a is legal at symbol s where 5 divides a + s.
 */
final class MaskedDriversTest {
  private static final int SYMBOLS = 20;
  private static final Supplier<Mdp> MOVES = () -> new TimeLimit(new LegalMoves(), 20);

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);

  @AfterEach
  void close() {
    compute.close();
  }

  private TrainingSetup setup(long steps) {
    return new TrainingSetup(MOVES, steps, 7, compute);
  }

  private static int symbol(float[] observations, int from) {
    for (int s = 0; s < SYMBOLS; s++) {
      if (observations[from + s] == 1) {
        return s;
      }
    }
    throw new IllegalArgumentException("no symbol is shown");
  }

  private static boolean isLegal(int action, int symbol) {
    return (action + symbol) % 5 == 0;
  }

  /** What a rollout keeps of the distributions forbids what the mask forbade. */
  private static void check(Rollout rollout) {
    assertEquals(SYMBOLS, rollout.observationSize());
    for (int row = 0; row < rollout.rows(); row++) {
      int symbol = symbol(rollout.observations(), row * SYMBOLS);
      for (int a = 0; a < LegalMoves.ACTIONS; a++) {
        float z = rollout.distribution()[row * LegalMoves.ACTIONS + a];
        assertEquals(isLegal(a, symbol), z > Float.NEGATIVE_INFINITY, "row " + row);
      }
      assertTrue(isLegal((int) rollout.actions()[row], symbol));
      assertEquals(-Math.log(40), rollout.logProbs()[row], 0.3); // nearly uniform over 40
    }
  }

  @Test
  void onPolicy_actionsAreLegal() {
    A2cConfig settings = A2cConfig.defaults().with(c -> c.environments(2).rolloutSteps(15));
    try (OnPolicyTrainer trainer =
        new OnPolicyTrainer(
            setup(120),
            settings,
            context ->
                new OnPolicyStub(context) {
                  @Override
                  public void update(
                      Rollout rollout, double progress, Rng random, Averages averages) {
                    check(rollout);
                  }
                })) {
      trainer.train();
    }
  }

  @Test
  void episodic_actionsAreLegal() {
    AtomicInteger rows = new AtomicInteger();
    try (EpisodicTrainer trainer =
        new EpisodicTrainer(
            setup(60),
            ReinforceConfig.defaults().withEpisodesPerUpdate(1),
            context ->
                new OnPolicyStub(context) {
                  @Override
                  public void update(
                      Rollout rollout, double progress, Rng random, Averages averages) {
                    for (int row = 0; row < rollout.rows(); row++) {
                      int symbol = symbol(rollout.observations(), row * SYMBOLS);
                      assertTrue(isLegal((int) rollout.actions()[row], symbol));
                      rows.incrementAndGet();
                    }
                  }
                })) {
      trainer.train();
    }
    assertEquals(60, rows.get());
  }

  @Test
  void offPolicy_firstActionsAreLegal_andLearnersSeeTheMasks() {
    DdpgConfig settings =
        DdpgConfig.defaults()
            .with(c -> c.environments(2).learningStarts(100).batchSize(8).bufferSize(1000));
    AtomicInteger explored = new AtomicInteger();
    try (OffPolicyTrainer trainer =
        new OffPolicyTrainer(
            setup(300),
            settings,
            context ->
                new OffPolicyStub() {
                  @Override
                  public void explore(
                      Tensor observations,
                      float[] raw,
                      double progress,
                      Rng random,
                      float[] actions) {
                    explored.incrementAndGet();
                    int size = SYMBOLS + LegalMoves.ACTIONS;
                    for (int e = 0; e < 2; e++) {
                      int symbol = symbol(raw, e * size);
                      assertEquals(symbol, symbol(observations.floats(), e * SYMBOLS));
                      for (int a = 0; a < LegalMoves.ACTIONS; a++) {
                        assertEquals(isLegal(a, symbol) ? 1 : 0, raw[e * size + SYMBOLS + a]);
                      }
                      actions[e] = (5 - symbol % 5) % 5;
                    }
                  }

                  @Override
                  public void update(
                      Minibatch batch, double progress, Rng random, Averages averages) {
                    for (int b = 0; b < batch.rows(); b++) {
                      int symbol = symbol(batch.observations().floats(), b * SYMBOLS);
                      assertTrue(isLegal((int) batch.actions()[b], symbol));
                    }
                  }
                })) {
      trainer.train(); // the environment throws at an illegal action
    }
    assertEquals(100, explored.get());
  }

  @Test
  void asynchronous_masksAreRefused_andEnvironmentsClosed() {
    AtomicInteger closed = new AtomicInteger();
    TrainingSetup setup =
        new TrainingSetup(
            () ->
                new MdpWrapper(MOVES.get()) {
                  @Override
                  protected boolean passesActions() {
                    return true;
                  }

                  @Override
                  public void close() {
                    closed.incrementAndGet();
                  }
                },
            100,
            7,
            compute);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new AsynchronousTrainer(
                        setup,
                        A3cConfig.defaults().withActorLearners(3),
                        context -> {
                          throw new AssertionError("no learner is asked for");
                        }))
            .getMessage();
    assertEquals(
        "asynchronous methods know no action masks: use ppo, a2c, trpo, npg, reinforce, dqn or sac-discrete",
        message);
    assertEquals(3, closed.get());
  }
}
