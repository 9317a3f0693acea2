package org.deeprl4j.algorithms.sac;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class SquashedActorTest {
  private static final int ROWS = 16;
  private static final int IN = 3;
  private static final int N = 2;
  private static final int WIDTH = 8;
  private static final double ALPHA = 0.3;

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);

  @AfterEach
  void close() {
    compute.close();
  }

  private SquashedActor actor(LogStd logStd) {
    return new SquashedActor(
        Batches.context(compute, IN, Box.of(-1, 1, N), 3),
        SacConfig.defaults()
            .with(
                c ->
                    c.batchSize(ROWS)
                        .hidden(List.of(WIDTH, WIDTH))
                        .activation(Activation.TANH)
                        .logStd(logStd)
                        .initialLogStd(-1)
                        .noiseHold(logStd == LogStd.GSDE ? 2 : null)));
  }

  /** Q(s, a) = −Σ (a_i − 0.3)², whose derivative is known. */
  private static double q(float[] a, int b) {
    double sum = 0;
    for (int i = b * N; i < (b + 1) * N; i++) {
      sum -= (a[i] - 0.3) * (a[i] - 0.3);
    }
    return sum;
  }

  private static double objective(SquashedActor actor, Tensor observations) {
    actor.sample(observations, new Rng(11)); // the same ε every time
    double sum = 0;
    for (int b = 0; b < ROWS; b++) {
      sum += (ALPHA * actor.logProbs()[b] - q(actor.actions(), b)) / ROWS;
    }
    return sum;
  }

  @ParameterizedTest
  @EnumSource
  void gradient_isThatOfTheObjective(LogStd logStd) {
    assertGradient(actor(logStd));
  }

  @Test
  void stateDependentExploration_hasAGradient_howeverLargeItsNoise() {
    SquashedActor actor = actor(LogStd.GSDE);
    Tensor parameters = actor.network().network().parameters();
    int first = parameters.size() - N * WIDTH; // of log σ
    Arrays.fill(parameters.floatsForWriting(), first, parameters.size(), 4); // s far beyond e²
    float[] gradient = assertGradient(actor);
    for (int i = first; i < gradient.length; i++) {
      assertNotEquals(0, gradient[i], "log σ " + (i - first));
    }
  }

  /** Returns the gradient, which is compared with differences. */
  private float[] assertGradient(SquashedActor actor) {
    Tensor observations = compute.tensor(ROWS, IN);
    new Rng(2).fillGaussian(observations.floatsForWriting(), 0, ROWS * IN);
    actor.rsample(observations, new Rng(11));
    float[] actionGradient = new float[ROWS * N];
    float[] logProbGradient = new float[ROWS];
    for (int i = 0; i < actionGradient.length; i++) {
      actionGradient[i] = 2 * (actor.actions()[i] - 0.3f) / ROWS; // of −Q
    }
    Arrays.fill(logProbGradient, (float) (ALPHA / ROWS));
    actor.descend(actionGradient, logProbGradient, 0);
    float[] gradient = actor.network().network().gradient().floats().clone();
    Tensor parameters = actor.network().network().parameters();
    float[] saved = parameters.floats().clone();
    for (int trial = 0; trial < 5; trial++) {
      float[] direction = new float[gradient.length];
      new Rng(100 + trial).fillGaussian(direction, 0, direction.length);
      double expected = 0;
      for (int i = 0; i < direction.length; i++) {
        expected += gradient[i] * direction[i];
      }
      double step = 1e-3;
      double[] at = new double[2];
      for (int side = 0; side < 2; side++) {
        float[] moved = parameters.floatsForWriting();
        for (int i = 0; i < moved.length; i++) {
          moved[i] = (float) (saved[i] + (side == 0 ? -step : step) * direction[i]);
        }
        at[side] = objective(actor, observations);
      }
      assertEquals(
          expected,
          (at[1] - at[0]) / (2 * step),
          0.02 * Math.abs(expected) + 2e-3,
          "trial " + trial);
    }
    return gradient;
  }

  @Test
  void stateDependentExploration_holdsItsNoise() {
    SquashedActor actor = actor(LogStd.GSDE);
    Tensor observations = compute.tensor(1, IN);
    float[] first = new float[N];
    float[] second = new float[N];
    actor.explore(observations, new Rng(2), first);
    actor.explore(observations, new Rng(3), second);
    assertArrayEquals(first, second);
    actor.explore(observations, new Rng(4), second);
    assertTrue(first[0] != second[0]);
  }

  /** By default a round's steps of each environment, at least one. */
  @ParameterizedTest
  @CsvSource({"8, 2, 4", "9, 2, 4", "1, 4, 1"})
  void stateDependentExploration_holdsItsNoiseForARound(int round, int environments, int held) {
    SquashedActor actor =
        new SquashedActor(
            Batches.context(compute, IN, Box.of(-1, 1, N), 3),
            SacConfig.defaults()
                .with(
                    c ->
                        c.batchSize(ROWS)
                            .hidden(List.of(WIDTH))
                            .logStd(LogStd.GSDE)
                            .stepsPerRound(round)
                            .environments(environments)));
    Tensor observations = compute.tensor(environments, IN);
    observations.fill(1);
    float[] before = new float[environments * N];
    float[] now = new float[environments * N];
    Rng random = new Rng(2);
    for (int t = 0; t < 9; t++) {
      actor.explore(observations, random, now);
      assertEquals(t % held != 0, Arrays.equals(before, now), "step " + t);
      System.arraycopy(now, 0, before, 0, now.length);
    }
  }

  /** a = tanh(μ + σε), and its log-probability with the correction of the tanh. */
  @Test
  void samples_areSquashedGaussians_withTheirLogProbabilities() {
    SquashedActor actor = actor(LogStd.STATE_DEPENDENT);
    Tensor observations = compute.tensor(ROWS, IN);
    new Rng(2).fillGaussian(observations.floatsForWriting(), 0, ROWS * IN);
    float[] eps = new float[ROWS * N];
    new Rng(11).fillGaussian(eps, 0, eps.length);
    float[] z = actor.network().network().predict(observations).floats().clone();
    actor.rsample(observations, new Rng(11));
    double entropy = 0;
    for (int b = 0; b < ROWS; b++) {
      double logProb = 0;
      for (int i = 0; i < N; i++) {
        double logStd = z[b * 2 * N + N + i];
        double u = z[b * 2 * N + i] + Math.exp(logStd) * eps[b * N + i];
        double a = Math.tanh(u);
        assertEquals(a, actor.actions()[b * N + i], 1e-6);
        logProb +=
            -0.5 * eps[b * N + i] * eps[b * N + i]
                - logStd
                - 0.5 * Math.log(2 * Math.PI)
                - Math.log(1 - a * a);
      }
      assertEquals(logProb, actor.logProbs()[b], 1e-4);
      entropy -= logProb / ROWS;
    }
    assertEquals(entropy, actor.entropy(), 1e-4);
  }

  @Test
  void stateDependentExploration_isSquashed_andGoesOnWhereItWasSaved() {
    SquashedActor actor = actor(LogStd.GSDE);
    Tensor parameters = actor.network().network().parameters();
    int first = parameters.size() - N * WIDTH; // of log σ
    Arrays.fill(parameters.floatsForWriting(), first, parameters.size(), 2);
    Tensor observations = compute.tensor(4, IN);
    new Rng(2).fillGaussian(observations.floatsForWriting(), 0, 4 * IN);
    float[] explored = new float[4 * N];
    actor.explore(observations, new Rng(3), explored);
    float most = 0;
    for (float a : explored) {
      most = Math.max(most, Math.abs(a));
    }
    assertTrue(most <= 1 && most > 0.9, "squashed to " + most);
    SquashedActor loaded = actor(LogStd.GSDE);
    StateFile.fromBytes(StateFile.toBytes("actor", actor), "actor", loaded);
    float[] again = new float[4 * N];
    loaded.explore(observations, new Rng(4), again); // the second of two steps with one noise
    assertArrayEquals(explored, again);
  }

  /** The gradient of one batch does not depend on the batch before. */
  @ParameterizedTest
  @EnumSource
  void gradients_doNotAddUp(LogStd logStd) {
    SquashedActor actor = actor(logStd);
    Tensor observations = compute.tensor(ROWS, IN);
    new Rng(2).fillGaussian(observations.floatsForWriting(), 0, ROWS * IN);
    float[] ones = new float[ROWS * N];
    Arrays.fill(ones, 1);
    float[][] gradients = new float[2][];
    for (int i = 0; i < 2; i++) {
      actor.rsample(observations, new Rng(11));
      actor.descend(ones, new float[ROWS], 0);
      gradients[i] = actor.network().network().gradient().floats().clone();
    }
    assertArrayEquals(gradients[0], gradients[1]);
  }
}
