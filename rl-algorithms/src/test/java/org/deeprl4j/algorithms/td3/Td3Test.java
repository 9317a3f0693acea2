package org.deeprl4j.algorithms.td3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.learning.ActionNoise;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.learning.TrainableNetwork;
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
final class Td3Test {
  private static final int ROWS = 24;
  private static final int IN = 3;
  private static final int N = 2;
  private static final Td3Config CONFIG =
      Td3Config.defaults()
          .with(
              c ->
                  c.batchSize(ROWS)
                      .hidden(List.of(16, 16))
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
    return new Td3(config, Batches.context(compute, IN, Box.of(-1, 1, N), 3));
  }

  private static Averages averages(Td3 learner) {
    return new Averages(learner.metrics());
  }

  /** r + γ Q(s′, π(s′)) by a learner's networks, the learned ones. */
  private float[] bellman(Td3 learner) {
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
    Td3 learner =
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
    Td3 learner =
        learner(CONFIG.with(c -> c.tau(1).actorLearningRate(fast).criticLearningRate(fast)));
    learner.update(batch, 0, new Rng(1), averages(learner));
    float[] expected = bellman(learner);
    learner.update(batch, 0, new Rng(2), averages(learner));
    assertArrayEquals(expected, learner.y, 1e-5f);
  }

  @Test
  void actorGradient_isThatOfItsObjective() {
    Td3 learner = learner(CONFIG);
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
  private double objective(Td3 learner, float[] direction, double step) {
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
  void targetSmoothing_isClippedNoise() {
    double sigma = 0.4;
    double clip = 0.3;
    Td3 learner = learner(CONFIG.withTargetNoise(sigma).withTargetNoiseClip(clip));
    float[] next = new float[ROWS * N];
    learner.policy().act(batch.nextObservations().floats(), ROWS, next);
    float[] noise = new float[ROWS * N];
    new Rng(1).fillGaussian(noise, 0, noise.length);
    int clipped = 0;
    for (int i = 0; i < next.length; i++) {
      double smooth = Math.min(Math.max(sigma * noise[i], -clip), clip);
      clipped += Math.abs(sigma * noise[i]) > clip ? 1 : 0;
      next[i] = (float) Math.min(Math.max(next[i] + smooth, -1), 1);
    }
    assertTrue(clipped > 5 && clipped < next.length - 5, "both kinds: " + clipped);
    float[] q = new float[ROWS];
    learner.actionValueFunction().values(batch.nextObservations().floats(), next, ROWS, q);
    float[] expected = new float[ROWS];
    for (int b = 0; b < ROWS; b++) {
      expected[b] = batch.rewards()[b] + (b % 3 == 0 ? 0 : 0.97f * q[b]);
    }
    learner.update(batch, 0, new Rng(1), averages(learner));
    assertArrayEquals(expected, learner.y, 1e-5f);
  }

  @Test
  void actorAndTargets_moveInEverySecondUpdate() {
    Schedule fast = Schedule.constant(3e-2);
    Td3 learner =
        learner(
            CONFIG.with(
                c -> c.policyDelay(2).tau(1).actorLearningRate(fast).criticLearningRate(fast)));
    float[] start = learner.actor.network().network().parameters().floats().clone();
    float[] atStart = bellman(learner);
    learner.update(batch, 0, new Rng(1), averages(learner));
    assertArrayEquals(start, learner.actor.network().network().parameters().floats());
    assertArrayEquals(start, learner.actor.network().target().parameters().floats());
    learner.update(batch, 0, new Rng(1), averages(learner));
    assertArrayEquals(atStart, learner.y, 1e-5f); // the critics' targets stayed, too
    float[] moved = learner.actor.network().network().parameters().floats();
    assertTrue(!Arrays.equals(start, moved));
    assertArrayEquals(moved, learner.actor.network().target().parameters().floats());
    float[] after = bellman(learner);
    learner.update(batch, 0, new Rng(1), averages(learner));
    assertArrayEquals(after, learner.y, 1e-5f);
  }

  @Test
  void criticGradients_areThoseOfTheMeanSquaredErrors() {
    Batches.weigh(batch);
    Td3 learner = learner(CONFIG.withTau(1e-9).withTargetNoise(0.2));
    for (int i = 0; i < 2; i++) {
      Network critic = learner.critics.networks().get(i).network();
      Updates.assertDerivative(learner, batch, critic, "critic_loss", 2); // of the critics' mean
    }
  }

  @Test
  void metrics_areTheLossesOfTheUpdate() {
    Batches.weigh(batch);
    Td3 learner = learner(CONFIG);
    float[] next = new float[ROWS * N];
    learner.policy().act(batch.observations().floats(), ROWS, next);
    double objective = 0;
    for (float q : learner.critics.differentiateFirst(batch.observations(), next)) {
      objective += q / ROWS;
    }
    double loss = 0;
    double mean = 0;
    float[] sizes = new float[ROWS];
    Averages averages = Updates.update(learner, batch, 0, 1);
    for (TrainableNetwork critic : learner.critics.networks()) {
      Tensor x = compute.tensor(ROWS, IN + N);
      for (int b = 0; b < ROWS; b++) {
        float[] joined = x.floatsForWriting();
        System.arraycopy(batch.observations().floats(), b * IN, joined, b * (IN + N), IN);
        System.arraycopy(batch.actions(), b * N, joined, b * (IN + N) + IN, N);
      }
      float[] q = critic.network().predict(x).floats();
      for (int b = 0; b < ROWS; b++) {
        double error = (double) q[b] - learner.y[b];
        loss += batch.weights()[b] * error * error / ROWS / 2;
        mean += q[b] / (double) ROWS / 2;
        sizes[b] += (float) (Math.abs(error) / 2);
      }
    }
    assertEquals(loss, averages.of("critic_loss"), 1e-5);
    assertEquals(mean, averages.of("q_mean"), 1e-6);
    assertArrayEquals(sizes, batch.errors(), 1e-6f);
    assertEquals(-objective, averages.of("policy_loss"), 1e-6);
    assertEquals(
        learner.actor.network().network().gradient().norm2(),
        averages.of("policy_gradient_norm"),
        1e-6);
  }

  @Test
  void learningRates_areThoseOfTheProgress() {
    Td3Config falling =
        CONFIG
            .withActorLearningRate(Schedule.linear(0.1, 0))
            .withCriticLearningRate(Schedule.linear(0.2, 0));
    Td3 learner = learner(falling);
    Updates.assertStep(0.025, learner, batch, learner.actor.network().network());
    learner = learner(falling);
    Updates.assertStep(0.05, learner, batch, learner.critics.networks().get(1).network());
  }

  @Test
  void savedAndLoaded_updatesGoOn() {
    Schedule fast = Schedule.constant(3e-2);
    // With a delay of 2 the second update moves the actor and the targets.
    Updates.assertGoesOn(
        () ->
            learner(
                CONFIG.with(
                    c -> c.policyDelay(2).actorLearningRate(fast).criticLearningRate(fast))),
        batch);
    Updates.assertGoesOn(
        () -> learner(CONFIG.with(c -> c.actorLearningRate(fast).criticLearningRate(fast))), batch);
  }

  @Test
  void exploration_addsTheNoiseOfTheProgress() {
    Td3 learner =
        learner(
            CONFIG.with(
                c ->
                    c.environments(ROWS)
                        .noise(ActionNoise.Kind.GAUSSIAN)
                        .noiseSigma(Schedule.linear(0.4, 0))));
    float[] expected = new float[ROWS * N];
    learner.policy().act(batch.observations().floats(), ROWS, expected);
    new ActionNoise(ActionNoise.Kind.GAUSSIAN, ROWS, N).add(0.1, new Rng(6), expected);
    float[] explored = new float[ROWS * N];
    learner.explore(batch.observations(), new float[0], 0.75, new Rng(6), explored);
    assertArrayEquals(expected, explored, 1e-6f);
  }

  @Test
  void endOfAnEpisode_restartsItsNoise() {
    Td3 learner =
        learner(
            CONFIG.with(
                c ->
                    c.environments(ROWS)
                        .noise(ActionNoise.Kind.ORNSTEIN_UHLENBECK)
                        .noiseSigma(Schedule.constant(0.3))));
    float[] pi = new float[ROWS * N];
    learner.policy().act(batch.observations().floats(), ROWS, pi);
    float[] explored = new float[ROWS * N];
    learner.explore(batch.observations(), new float[0], 0, new Rng(6), explored);
    ActionNoise noise = new ActionNoise(ActionNoise.Kind.ORNSTEIN_UHLENBECK, ROWS, N);
    noise.add(0.3, new Rng(6), pi.clone());
    learner.episodeEnded(3);
    noise.restart(3);
    noise.add(0.3, new Rng(7), pi);
    learner.explore(batch.observations(), new float[0], 0, new Rng(7), explored);
    assertArrayEquals(pi, explored, 1e-6f);
  }
}
