package org.deeprl4j.algorithms.sac;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.training.OffPolicyLearner;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One update of each SAC on a batch whose every third row is terminal. */
final class SacTest {
  private static final int ROWS = 24;
  private static final int IN = 3;
  private static final int N = 2;
  private static final double GAMMA = 0.97;
  private static final double ALPHA = 0.3;
  private static final List<Integer> NETWORKS = List.of(16, 16);
  private static final SacConfig CONFIG =
      SacConfig.defaults()
          .with(
              c ->
                  c.batchSize(ROWS)
                      .networks(NETWORKS)
                      .temperature(ALPHA)
                      .learningRate(Schedule.constant(0)));

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Minibatch batch = Batches.random(compute, ROWS, IN, N, 0, GAMMA);

  @AfterEach
  void close() {
    compute.close();
  }

  private TrainingSetup setup() {
    return new TrainingSetup(
        () -> {
          throw new AssertionError("no environment is needed");
        },
        1000,
        1,
        compute);
  }

  private Sac sac(SacConfig config) {
    return new Sac(setup(), config, Batches.encoder(IN), Box.of(-1, 1, N), new Rng(3));
  }

  private SacV sacV() {
    SacVConfig config =
        SacVConfig.defaults()
            .with(
                c ->
                    c.batchSize(ROWS)
                        .networks(NETWORKS)
                        .temperature(ALPHA)
                        .learningRate(Schedule.constant(0)));
    return new SacV(setup(), config, Batches.encoder(IN), Box.of(-1, 1, N), new Rng(3));
  }

  /** An actor like the learners', to draw what they draw first. */
  private SquashedActor twin() {
    return new SquashedActor(
        compute,
        IN,
        N,
        NETWORKS,
        CONFIG.activation(),
        LogStd.STATE_DEPENDENT,
        0,
        ROWS,
        1e-8,
        new Rng(3));
  }

  private float[] values(OffPolicyLearner learner, float[] observations, float[] actions) {
    float[] q = new float[ROWS];
    learner.actionValueFunction().values(observations, actions, ROWS, q);
    return q;
  }

  @Test
  void targets_areSoft() {
    Sac learner = sac(CONFIG);
    SquashedActor actor = twin();
    actor.sample(batch.nextObservations(), new Rng(17));
    float[] q = values(learner, batch.nextObservations().floats(), actor.actions());
    float[] expected = new float[ROWS];
    for (int b = 0; b < ROWS; b++) {
      double soft = q[b] - ALPHA * actor.logProbs()[b];
      expected[b] = (float) (batch.rewards()[b] + (b % 3 == 0 ? 0 : GAMMA * soft));
    }
    learner.update(batch, 0, new Rng(17), new Averages());
    assertArrayEquals(expected, learner.targets(), 1e-5f);
  }

  @Test
  void temperature_movesUntilTheEntropyIsOnTarget() {
    Averages averages = new Averages();
    sac(CONFIG).update(batch, 0, new Rng(17), averages);
    double entropy = averages.of("entropy");
    SacConfig tuned =
        CONFIG.with(
            c -> c.temperature(null).initialTemperature(0.2).learningRate(Schedule.constant(1e-2)));
    assertTrue(temperatureAfter(tuned.withTargetEntropy(entropy + 5)) > 0.2);
    assertTrue(temperatureAfter(tuned.withTargetEntropy(entropy - 5)) < 0.2);
    // dJ(α)/d log α = α (entropy − H̄) is 0 where the two agree.
    Sac settled = sac(CONFIG.withTemperature(null).withTargetEntropy(entropy));
    Averages atRest = new Averages();
    settled.update(batch, 0, new Rng(17), atRest);
    assertEquals(0, atRest.of("temperature_loss"), 1e-6);
  }

  private double temperatureAfter(SacConfig config) {
    Sac learner = sac(config);
    for (int i = 0; i < 5; i++) {
      learner.update(batch, 0, new Rng(17), new Averages());
    }
    return learner.alpha();
  }

  @Test
  void stateValueForm_bootstrapsFromTheAverageOfItsValues() {
    SacV learner = sacV();
    learner.update(batch, 0, new Rng(17), new Averages());
    float[] next = learner.averagedValues(batch.nextObservations());
    float[] expected = new float[ROWS];
    for (int b = 0; b < ROWS; b++) {
      expected[b] = batch.rewards()[b] + (b % 3 == 0 ? 0 : (float) GAMMA * next[b]);
    }
    assertArrayEquals(expected, learner.targets(), 1e-5f);
  }

  @Test
  void stateValueForm_fitsTheSoftValue() {
    SacV learner = sacV();
    SquashedActor actor = twin();
    actor.sample(batch.observations(), new Rng(17));
    float[] q = values(learner, batch.observations().floats(), actor.actions());
    float[] v = learner.averagedValues(batch.observations()).clone(); // V's own at the start
    double loss = 0;
    for (int b = 0; b < ROWS; b++) {
      double error = v[b] - (q[b] - ALPHA * actor.logProbs()[b]);
      loss += 0.5 * error * error / ROWS;
    }
    Averages averages = new Averages();
    learner.update(batch, 0, new Rng(17), averages);
    assertEquals(loss, averages.of("value_loss"), 1e-4 * loss);
  }

  @Test
  void discreteForm_sumsOverActions() {
    int n = 4;
    Minibatch discrete = Batches.random(compute, ROWS, IN, 1, n, GAMMA);
    SacDiscreteConfig config =
        SacDiscreteConfig.defaults()
            .with(
                c ->
                    c.batchSize(ROWS)
                        .networks(NETWORKS)
                        .temperature(ALPHA)
                        .learningRate(Schedule.constant(0)));
    SacDiscrete learner =
        new SacDiscrete(setup(), config, Batches.encoder(IN), new Discrete(n), new Rng(3));
    float[][] q = new float[n][];
    for (int k = 0; k < n; k++) {
      float[] actions = new float[ROWS];
      Arrays.fill(actions, k);
      q[k] = values(learner, discrete.nextObservations().floats(), actions);
    }
    float[] z = learner.logits(discrete.nextObservations());
    float[] expected = new float[ROWS];
    for (int b = 0; b < ROWS; b++) {
      double sum = 0;
      for (int k = 0; k < n; k++) {
        sum += Math.exp(z[b * n + k]);
      }
      double value = 0;
      for (int k = 0; k < n; k++) {
        double pi = Math.exp(z[b * n + k]) / sum;
        value += pi * (q[k][b] - ALPHA * Math.log(pi));
      }
      expected[b] = (float) (discrete.rewards()[b] + (b % 3 == 0 ? 0 : GAMMA * value));
    }
    learner.update(discrete, 0, new Rng(17), new Averages());
    assertArrayEquals(expected, learner.targets(), 1e-5f);
  }
}
