package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.sac.SacConfig;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CriticsTest {
  private static final int ROWS = 20;
  private static final int IN = 3;
  private static final int N = 2;

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Minibatch batch = Batches.random(compute, ROWS, IN, N, 0, 0.9);
  private final Critics critics =
      new Critics(
          Batches.context(compute, IN, Box.of(-1, 1, N), 1),
          SacConfig.defaults()
              .with(c -> c.batchSize(ROWS).hidden(List.of(16)).activation(Activation.TANH)),
          2,
          N);

  @AfterEach
  void close() {
    compute.close();
  }

  @Test
  void actionGradient_isThatOfTheLeastValue() {
    float[] actions = batch.actions();
    critics.differentiateMinimum(batch.observations(), actions);
    float[] gradient = critics.actionGradient().clone();
    float step = 1e-2f;
    for (int i = 0; i < actions.length; i++) {
      float saved = actions[i];
      actions[i] = saved + step;
      double up = critics.differentiateMinimum(batch.observations(), actions)[i / N];
      actions[i] = saved - step;
      double down = critics.differentiateMinimum(batch.observations(), actions)[i / N];
      actions[i] = saved;
      assertEquals((up - down) / (2 * step), gradient[i], 2e-3, "action " + i);
    }
  }

  /** Down c · Ê[w (Q − y)²]. */
  private void descend(float[] y, double c, double learningRate) {
    critics.descend(
        batch.observations(),
        batch.actions(),
        (q, gradient) -> {
          double loss = 0;
          for (int b = 0; b < ROWS; b++) {
            double error = (double) q[b] - y[b];
            loss += c * batch.weights()[b] * error * error / ROWS;
            gradient[b] = (float) (2 * c * batch.weights()[b] * error / ROWS);
          }
          return loss;
        },
        learningRate);
    critics.errors(y, batch.errors());
  }

  private double loss() {
    Averages averages = new Averages(List.of("loss", "mean", "norm"));
    critics.report("loss", "mean", "norm", averages);
    return averages.of("loss");
  }

  @Test
  void updates_fitTheTargets_andOnlyTheTargetsAverageLags() {
    float[] y = new float[ROWS];
    new Rng(4).fillGaussian(y, 0, ROWS);
    float[] before = critics.targetMinimum(batch.observations(), batch.actions()).clone();
    descend(y, 1, 1e-2);
    double first = loss();
    for (int i = 0; i < 2000; i++) {
      descend(y, 1, 1e-2);
    }
    assertTrue(loss() < 0.01 * first);
    assertArrayEquals(
        before, critics.targetMinimum(batch.observations(), batch.actions()), "not tracked yet");
    critics.trackTargets(1);
    float[] tracked = critics.targetMinimum(batch.observations(), batch.actions()).clone();
    assertArrayEquals(
        critics.differentiateMinimum(batch.observations(), batch.actions()), tracked, 1e-6f);
    for (int b = 0; b < ROWS; b++) {
      assertTrue(batch.errors()[b] < 0.5, "errors are left for priorities");
    }
  }

  @Test
  void loss_countsRowsByTheirWeights() {
    float[] y = new float[ROWS];
    float[] q = new float[ROWS];
    critics.valueFunction().values(batch.observations().floats(), batch.actions(), ROWS, q);
    // Only row 3 counts, and both critics miss its target by about as much as the least does.
    Arrays.fill(batch.weights(), 0);
    batch.weights()[3] = 2;
    y[3] = q[3] + 100;
    descend(y, 0.5, 0);
    assertEquals(0.5 * 2 * 100 * 100 / ROWS, loss(), 25);
  }
}
