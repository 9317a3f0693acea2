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
  private static final Td3Config FAST =
      CONFIG
          .withActorLearningRate(Schedule.constant(3e-2))
          .withCriticLearningRate(Schedule.constant(3e-2));

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Minibatch batch = Batches.random(compute, ROWS, IN, N, 0, 0.97);

  @AfterEach
  void close() {
    compute.close();
  }

  private Td3 learner(Td3Config config) {
    return new Td3(config, Batches.context(compute, IN, Box.of(-1, 1, N), 3));
  }

  @Test
  void targets_areTheBellmanEquationsOfTheTargetNetworks() {
    Td3 learner = learner(FAST.withTau(1e-9));
    Updates.assertTargetsStay(learner, learner.y, batch);
  }

  @Test
  void targets_followTheNetworks() {
    Td3 learner = learner(FAST.withTau(1));
    Updates.assertTargetsFollow(learner, learner.y, batch);
  }

  @Test
  void actor_descendsItsObjective() {
    Td3 learner = learner(CONFIG);
    Updates.assertActorDescends(learner, learner.actor.network().network(), learner.critics, batch);
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
    Updates.update(learner, batch, 0, 1);
    assertArrayEquals(expected, learner.y, 1e-5f);
  }

  @Test
  void actorAndTargets_moveInEverySecondUpdate() {
    Td3 learner = learner(FAST.withPolicyDelay(2).withTau(1));
    float[] start = learner.actor.network().network().parameters().floats().clone();
    float[] atStart = Updates.bellman(learner, batch);
    Updates.update(learner, batch, 0, 1);
    assertArrayEquals(start, learner.actor.network().network().parameters().floats());
    assertArrayEquals(start, learner.actor.network().target().parameters().floats());
    Updates.update(learner, batch, 0, 1);
    assertArrayEquals(atStart, learner.y, 1e-5f); // the critics' targets stayed, too
    float[] moved = learner.actor.network().network().parameters().floats();
    assertTrue(!Arrays.equals(start, moved));
    assertArrayEquals(moved, learner.actor.network().target().parameters().floats());
    float[] after = Updates.bellman(learner, batch);
    Updates.update(learner, batch, 0, 1);
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
  void criticMetrics_areThoseOfTheUpdate() {
    Batches.weigh(batch);
    Td3 learner = learner(CONFIG);
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
  void gradients_areBoundedNetworkByNetwork() {
    Td3 learner = learner(CONFIG.withMaxGradientNorm(1e-3));
    Updates.assertBounded(1e-3, learner, batch, learner.critics, learner.actor.network().network());
  }

  @Test
  void savedAndLoaded_updatesGoOn() {
    // With a delay of 2 the second update moves the actor and the targets.
    Updates.assertGoesOn(() -> learner(FAST.withPolicyDelay(2)), batch);
    Updates.assertGoesOn(() -> learner(FAST), batch);
  }

  @Test
  void exploration_addsTheNoiseOfTheProgress_whichRestartsWithAnEpisode() {
    for (ActionNoise.Kind kind : ActionNoise.Kind.values()) {
      Td3 learner =
          learner(
              CONFIG.with(
                  c -> c.environments(ROWS).noise(kind).noiseSigma(Schedule.linear(0.4, 0))));
      Updates.assertExplores(kind, learner, batch);
    }
  }
}
