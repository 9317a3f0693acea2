package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.sac.SacConfig;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.state.StateFile;
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
    for (int i = 0; i < 200; i++) {
      descend(y, 1, 1e-2);
    }
    assertTrue(loss() < 0.5 * first);
    assertArrayEquals(
        before, critics.targetMinimum(batch.observations(), batch.actions()), "not tracked yet");
    critics.trackTargets(1);
    float[] tracked = critics.targetMinimum(batch.observations(), batch.actions()).clone();
    assertArrayEquals(
        critics.differentiateMinimum(batch.observations(), batch.actions()), tracked, 1e-6f);
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

  /** Q_i(s, a) of the batch by critic i's network. */
  private float[] values(int i, float[] actions) {
    Tensor x = compute.tensor(ROWS, IN + N);
    for (int b = 0; b < ROWS; b++) {
      System.arraycopy(
          batch.observations().floats(), b * IN, x.floatsForWriting(), b * (IN + N), IN);
      System.arraycopy(actions, b * N, x.floatsForWriting(), b * (IN + N) + IN, N);
    }
    return critics.networks().get(i).network().predict(x).floats().clone();
  }

  @Test
  void minimum_isTakenRowByRow() {
    float[] first = values(0, batch.actions());
    float[] second = values(1, batch.actions());
    float[] least = new float[ROWS];
    int ofSecond = 0;
    for (int b = 0; b < ROWS; b++) {
      least[b] = Math.min(first[b], second[b]);
      ofSecond += second[b] < first[b] ? 1 : 0;
    }
    assertTrue(ofSecond > 0 && ofSecond < ROWS, "both are the least once");
    assertArrayEquals(least, critics.targetMinimum(batch.observations(), batch.actions()), 1e-6f);
    assertArrayEquals(
        least, critics.differentiateMinimum(batch.observations(), batch.actions()), 1e-6f);
    assertArrayEquals(
        first, critics.differentiateFirst(batch.observations(), batch.actions()), 1e-6f);
    float[] values = new float[ROWS];
    critics.valueFunction().values(batch.observations().floats(), batch.actions(), ROWS, values);
    assertArrayEquals(least, values, 1e-6f);
  }

  @Test
  void actionGradientOfTheFirst_isThatOfItsValue() {
    float[] actions = batch.actions().clone();
    critics.differentiateMinimum(batch.observations(), new float[ROWS * N]); // of other actions
    assertArrayEquals(
        values(0, actions), critics.differentiateFirst(batch.observations(), actions), 1e-6f);
    float[] gradient = critics.actionGradient().clone();
    float step = 1e-2f;
    for (int i = 0; i < actions.length; i++) {
      float saved = actions[i];
      actions[i] = saved + step;
      double up = values(0, actions)[i / N];
      actions[i] = saved - step;
      double down = values(0, actions)[i / N];
      actions[i] = saved;
      assertEquals((up - down) / (2 * step), gradient[i], 2e-3, "action " + i);
    }
  }

  @Test
  void report_isTheMeanOverTheCritics() {
    float[] first = values(0, batch.actions());
    float[] second = values(1, batch.actions());
    float[] y = new float[ROWS];
    double mean = 0;
    double loss = 0;
    float[] errors = new float[ROWS];
    for (int b = 0; b < ROWS; b++) {
      y[b] = 0.1f * b - 1;
      mean += (first[b] + second[b]) / (2.0 * ROWS);
      loss += (Math.pow(first[b] - y[b], 2) + Math.pow(second[b] - y[b], 2)) / (2 * ROWS);
      errors[b] = (Math.abs(first[b] - y[b]) + Math.abs(second[b] - y[b])) / 2;
    }
    descend(y, 1, 0);
    Averages averages = new Averages(List.of("loss", "mean", "norm"));
    critics.report("loss", "mean", "norm", averages);
    assertEquals(mean, averages.of("mean"), 1e-6);
    assertEquals(loss, averages.of("loss"), 1e-5);
    assertArrayEquals(errors, batch.errors(), 1e-6f);
    double norms = 0;
    for (TrainableNetwork critic : critics.networks()) {
      norms += critic.network().gradient().norm2() / 2;
    }
    assertEquals(norms, averages.of("norm"), 1e-6);
  }

  @Test
  void stepOfAnotherClass_isReported() {
    critics.stepped(new float[] {1, 4, 10, 30});
    Averages averages = new Averages(List.of("loss", "mean", "norm"));
    critics.report("loss", "mean", "norm", averages);
    assertEquals(2.5, averages.of("loss"));
    assertEquals(20, averages.of("mean"));
    assertEquals(0, averages.of("norm"));
    critics.stepped(new float[4]);
    Averages second = new Averages(List.of("loss", "mean", "norm"));
    critics.report("loss", "mean", "norm", second);
    assertEquals(Double.NaN, second.of("norm"), "only every 32nd step measures its gradient");
  }

  @Test
  void savedAndLoaded_isTheSame() {
    descend(new float[ROWS], 1, 1e-2);
    Critics loaded =
        new Critics(
            Batches.context(compute, IN, Box.of(-1, 1, N), 7),
            SacConfig.defaults()
                .with(c -> c.batchSize(ROWS).hidden(List.of(16)).activation(Activation.TANH)),
            2,
            N);
    StateFile.fromBytes(StateFile.toBytes("critics", critics), "critics", loaded);
    assertArrayEquals(StateFile.toBytes("critics", critics), StateFile.toBytes("critics", loaded));
    assertArrayEquals(
        critics.targetMinimum(batch.observations(), batch.actions()),
        loaded.targetMinimum(batch.observations(), batch.actions()));
  }
}
