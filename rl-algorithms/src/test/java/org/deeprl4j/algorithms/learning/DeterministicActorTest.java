package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** μ(s; φ) of two actions, with as many environments as rows of a batch. */
final class DeterministicActorTest {
  private static final int ROWS = 6;
  private static final int IN = 3;
  private static final int N = 2;
  private static final Box ACTIONS = Box.of(-3, 3, N);

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Tensor observations = Batches.random(compute, ROWS, IN, N, 0, 0.9).observations();

  @AfterEach
  void close() {
    compute.close();
  }

  private DeterministicActor actor(long seed) {
    DdpgConfig settings =
        DdpgConfig.defaults()
            .with(
                c ->
                    c.batchSize(ROWS)
                        .environments(ROWS)
                        .hidden(List.of(8))
                        .activation(Activation.TANH));
    return new DeterministicActor(
        Batches.context(compute, IN, ACTIONS, seed), settings, ActionNoise.Kind.ORNSTEIN_UHLENBECK);
  }

  private float[] mu(DeterministicActor actor) {
    return actor.network().network().predict(observations).floats().clone();
  }

  /** Steps down Σ slope · μ. */
  private void descend(DeterministicActor actor, float[] slopes, double learningRate) {
    actor.forward(observations);
    System.arraycopy(slopes, 0, actor.outputGradient(), 0, slopes.length);
    actor.descend(learningRate);
  }

  private static float[] slopes() {
    float[] slopes = new float[ROWS * N];
    new Rng(2).fillGaussian(slopes, 0, slopes.length);
    return slopes;
  }

  @Test
  void exploration_isTheActionWithNoise_whichAnEpisodesEndRestarts() {
    DeterministicActor actor = actor(1);
    float[] mu = mu(actor);
    ActionNoise noise = new ActionNoise(ActionNoise.Kind.ORNSTEIN_UHLENBECK, ROWS, N);
    float[] explored = new float[ROWS * N];
    for (int step = 0; step < 3; step++) {
      float[] expected = mu.clone();
      noise.add(0.3, new Rng(step), expected);
      actor.explore(observations, 0.3, new Rng(step), explored);
      assertArrayEquals(expected, explored, 1e-6f);
      actor.episodeEnded(4);
      noise.restart(4);
    }
  }

  @Test
  void policy_isTheActionInTheSpacesUnits() {
    DeterministicActor actor = actor(1);
    float[] actions = new float[ROWS * N];
    actor.policy().act(observations.floats(), ROWS, actions);
    float[] mu = mu(actor);
    for (int i = 0; i < mu.length; i++) {
      assertTrue(Math.abs(mu[i]) < 1);
      assertEquals(3 * mu[i], actions[i], 1e-5);
    }
    assertArrayEquals(mu, actor.forward(observations), 1e-6f);
  }

  @Test
  void descent_isDownTheLoss() {
    DeterministicActor actor = actor(1);
    float[] slopes = slopes();
    descend(actor, slopes, 0);
    Gradients.assertDerivative(
        actor.network().network(),
        () -> {
          double sum = 0;
          float[] mu = mu(actor);
          for (int i = 0; i < mu.length; i++) {
            sum += (double) slopes[i] * mu[i];
          }
          return sum;
        });
    Averages averages = new Averages(List.of("norm"));
    actor.report("norm", averages);
    assertEquals(actor.network().network().gradient().norm2(), averages.of("norm"), 1e-6);
    float[] before = actor.network().network().parameters().floats().clone();
    descend(actor, slopes, 0.05);
    assertTrue(Gradients.distance(before, actor.network().network().parameters().floats()) > 0.04);
  }

  @Test
  void target_staysUntilItFollows() {
    DeterministicActor actor = actor(1);
    float[] start = actor.target(observations).clone();
    assertArrayEquals(mu(actor), start, 1e-6f);
    descend(actor, slopes(), 0.05);
    assertArrayEquals(start, actor.target(observations));
    float[] moved = mu(actor);
    assertTrue(Gradients.distance(start, moved) > 0.01);
    actor.trackTarget(1);
    assertArrayEquals(moved, actor.target(observations), 1e-6f);
  }

  @Test
  void savedAndLoaded_goesOnWithItsNoise() {
    DeterministicActor actor = actor(1);
    descend(actor, slopes(), 0.05);
    float[] expected = new float[ROWS * N];
    actor.explore(observations, 0.3, new Rng(1), expected);
    DeterministicActor loaded = actor(2);
    StateFile.fromBytes(StateFile.toBytes("actor", actor), "actor", loaded);
    float[] actual = new float[ROWS * N];
    actor.explore(observations, 0.3, new Rng(2), expected);
    loaded.explore(observations, 0.3, new Rng(2), actual);
    assertArrayEquals(expected, actual);
    assertArrayEquals(actor.target(observations), loaded.target(observations));
  }
}
