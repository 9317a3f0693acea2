package org.deeprl4j.algorithms.ddpg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeprl4j.algorithms.learning.ActionNoise;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.training.Updates;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One update on a batch whose every third row is terminal. */
final class DdpgTest {
  private static final int ROWS = 24;
  private static final int IN = 3;
  private static final int N = 2;
  private static final DdpgConfig CONFIG =
      DdpgConfig.defaults()
          .with(
              c ->
                  c.batchSize(ROWS)
                      .hidden(List.of(16, 16))
                      .activation(Activation.TANH)
                      .actorLearningRate(Schedule.constant(0))
                      .criticLearningRate(Schedule.constant(0)));

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Minibatch batch = Batches.random(compute, ROWS, IN, N, 0, 0.97);

  @AfterEach
  void close() {
    compute.close();
  }

  private Ddpg learner(DdpgConfig config) {
    return new Ddpg(config, Batches.context(compute, IN, Box.of(-1, 1, N), 3));
  }

  private static Averages averages(Ddpg learner) {
    return new Averages(learner.metrics());
  }

  /** r + γ Q(s′, π(s′)) by a learner's networks, the learned ones. */
  private float[] bellman(Ddpg learner) {
    float[] next = new float[ROWS * N];
    learner.policy().act(batch.nextObservations().floats(), ROWS, next);
    float[] q = new float[ROWS];
    learner.actionValueFunction().values(batch.nextObservations().floats(), next, ROWS, q);
    float[] y = new float[ROWS];
    for (int b = 0; b < ROWS; b++) {
      y[b] = batch.rewards()[b] + (b % 3 == 0 ? 0 : 0.97f * q[b]);
    }
    return y;
  }

  @Test
  void targets_areTheBellmanEquationsOfTheTargetNetworks() {
    Schedule fast = Schedule.constant(3e-2);
    Ddpg learner =
        learner(CONFIG.with(c -> c.tau(1e-9).actorLearningRate(fast).criticLearningRate(fast)));
    float[] expected = bellman(learner); // at the start the targets are equal to the networks
    learner.update(batch, 0, new Rng(1), averages(learner));
    assertArrayEquals(expected, learner.y, 1e-5f);
    learner.update(batch, 0, new Rng(2), averages(learner));
    assertArrayEquals(expected, learner.y, 1e-5f); // which have stayed where they were
    float[] moved = bellman(learner);
    double most = 0;
    for (int b = 0; b < ROWS; b++) {
      most = Math.max(most, Math.abs(moved[b] - expected[b]));
    }
    assertTrue(most > 0.05, "the networks have hardly moved: " + most);
  }

  @Test
  void targets_followTheNetworks() {
    Schedule fast = Schedule.constant(3e-2);
    Ddpg learner =
        learner(CONFIG.with(c -> c.tau(1).actorLearningRate(fast).criticLearningRate(fast)));
    learner.update(batch, 0, new Rng(1), averages(learner));
    float[] expected = bellman(learner);
    learner.update(batch, 0, new Rng(2), averages(learner));
    assertArrayEquals(expected, learner.y, 1e-5f);
  }

  @Test
  void actorGradient_isThatOfItsObjective() {
    Ddpg learner = learner(CONFIG);
    learner.update(batch, 0, new Rng(1), averages(learner));
    float[] gradient = learner.actor.network().network().gradient().floats().clone();
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
  private double objective(Ddpg learner, float[] direction, double step) {
    Tensor parameters = learner.actor.network().network().parameters();
    float[] saved = parameters.floats().clone();
    float[] moved = parameters.floatsForWriting();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (step * direction[i]);
    }
    float[] actions = new float[ROWS * N];
    learner.policy().act(batch.observations().floats(), ROWS, actions);
    double sum = 0;
    for (float q : learner.critics.differentiateFirst(batch.observations(), actions)) {
      sum += q / ROWS;
    }
    System.arraycopy(saved, 0, parameters.floatsForWriting(), 0, saved.length);
    return sum;
  }

  @Test
  void criticGradient_isThatOfTheMeanSquaredError() {
    Batches.weigh(batch);
    Ddpg learner = learner(CONFIG.withTau(1e-9));
    Network critic = learner.critics.networks().get(0).network();
    Updates.assertDerivative(learner, batch, critic, "critic_loss", 1);
  }

  @Test
  void metrics_areTheLossesOfTheUpdate() {
    Batches.weigh(batch);
    Ddpg learner = learner(CONFIG);
    float[] q = new float[ROWS];
    float[] actions = new float[ROWS * N];
    learner.policy().act(batch.observations().floats(), ROWS, actions);
    learner.actionValueFunction().values(batch.observations().floats(), actions, ROWS, q);
    double objective = 0;
    for (float value : q) {
      objective += value / ROWS;
    }
    learner.actionValueFunction().values(batch.observations().floats(), batch.actions(), ROWS, q);
    Averages averages = Updates.update(learner, batch, 0, 1);
    Batches.assertSquaredErrors(1, batch, q, learner.y, averages);
    assertEquals(-objective, averages.of("policy_loss"), 1e-6);
    assertEquals(
        learner.actor.network().network().gradient().norm2(),
        averages.of("policy_gradient_norm"),
        1e-6);
  }

  @Test
  void learningRates_areThoseOfTheProgress() {
    DdpgConfig falling =
        CONFIG
            .withActorLearningRate(Schedule.linear(0.1, 0))
            .withCriticLearningRate(Schedule.linear(0.2, 0));
    Ddpg learner = learner(falling);
    Updates.assertStep(0.025, learner, batch, learner.actor.network().network());
    learner = learner(falling);
    Updates.assertStep(0.05, learner, batch, learner.critics.networks().get(0).network());
  }

  @Test
  void savedAndLoaded_updatesGoOn() {
    Schedule fast = Schedule.constant(3e-2);
    Updates.assertGoesOn(
        () -> learner(CONFIG.with(c -> c.actorLearningRate(fast).criticLearningRate(fast))), batch);
  }

  @Test
  void exploration_addsTheNoiseOfTheProgress_whichRestartsWithAnEpisode() {
    Ddpg learner =
        learner(
            CONFIG.with(
                c ->
                    c.environments(ROWS)
                        .noise(ActionNoise.Kind.ORNSTEIN_UHLENBECK)
                        .noiseSigma(Schedule.linear(0.4, 0))));
    float[] pi = new float[ROWS * N];
    learner.policy().act(batch.observations().floats(), ROWS, pi);
    float[] expected = pi.clone();
    float[] explored = new float[ROWS * N];
    ActionNoise noise = new ActionNoise(ActionNoise.Kind.ORNSTEIN_UHLENBECK, ROWS, N);
    noise.add(0.1, new Rng(6), expected);
    learner.explore(batch.observations(), new float[0], 0.75, new Rng(6), explored);
    assertArrayEquals(expected, explored, 1e-6f);
    noise.restart(3);
    learner.episodeEnded(3);
    noise.add(0.4, new Rng(7), pi);
    learner.explore(batch.observations(), new float[0], 0, new Rng(7), explored);
    assertArrayEquals(pi, explored, 1e-6f);
  }
}
