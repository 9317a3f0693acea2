package org.deeprl4j.algorithms.sac;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.deeprl4j.algorithms.learning.ActionValues;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Gradients;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.training.Updates;
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.state.DivergenceException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Updates of the discrete SAC on a batch whose every third row is terminal. */
final class SacDiscreteUpdateTest {
  private static final int ROWS = 24;
  private static final int IN = 3;
  private static final int N = 4;
  private static final double GAMMA = 0.97;
  private static final double ALPHA = 0.3;
  private static final Schedule FAST = Schedule.constant(3e-2);

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Minibatch batch = Batches.random(compute, ROWS, IN, 1, N, GAMMA);

  @AfterEach
  void close() {
    compute.close();
  }

  /** A learner that an update does not move, unless the changes say otherwise. */
  private SacDiscrete learner(Consumer<SacDiscreteConfigBuilder> changes) {
    SacDiscreteConfig config =
        SacDiscreteConfig.defaults()
            .with(
                c ->
                    c.batchSize(ROWS)
                        .hidden(List.of(16, 16))
                        .activation(Activation.TANH)
                        .fixedTemperature(ALPHA)
                        .tau(1e-9)
                        .learningRate(Schedule.constant(0)))
            .with(changes);
    return new SacDiscrete(config, Batches.context(compute, IN, new Discrete(N), 3));
  }

  @Test
  void gradients_areThoseOfTheLosses() {
    Batches.weigh(batch);
    SacDiscrete learner = learner(c -> {});
    Updates.assertDerivative(learner, batch, learner.actor.network().network(), "policy_loss", 1);
    // The metric is the mean of both critics' losses.
    Updates.assertDerivative(learner, batch, learner.critics[0].network(), "critic_loss", 2);
    Updates.assertDerivative(learner, batch, learner.critics[1].network(), "critic_loss", 2);
  }

  @Test
  void losses_areSumsOverActions() {
    Batches.weigh(batch);
    SacDiscrete learner = learner(c -> {});
    double[] pi = probabilities(learner, batch.observations().floats());
    float[][] q = new float[2][];
    for (int i = 0; i < 2; i++) {
      q[i] = learner.critics[i].values(batch.observations()).clone();
    }
    Averages averages = Updates.update(learner, batch, 0, 17);
    double policyLoss = 0;
    double entropy = 0;
    double criticLoss = 0;
    double mean = 0;
    float[] errors = new float[ROWS];
    for (int b = 0; b < ROWS; b++) {
      for (int at = b * N; at < (b + 1) * N; at++) {
        double log = Math.log(pi[at]);
        policyLoss += pi[at] * (ALPHA * log - Math.min(q[0][at], q[1][at])) / ROWS;
        entropy -= pi[at] * log / ROWS;
      }
      for (int i = 0; i < 2; i++) {
        double chosen = q[i][b * N + (int) batch.actions()[b]];
        double error = chosen - learner.y[b];
        criticLoss += 0.5 * batch.weights()[b] * error * error / ROWS / 2;
        errors[b] += (float) (Math.abs(error) / 2);
        mean += chosen / ROWS / 2;
      }
    }
    assertEquals(policyLoss, averages.of("policy_loss"), 1e-6);
    assertEquals(entropy, averages.of("entropy"), 1e-6);
    assertEquals(criticLoss, averages.of("critic_loss"), 1e-5);
    assertEquals(mean, averages.of("q_mean"), 1e-6);
    assertArrayEquals(errors, batch.errors(), 1e-5f);
  }

  /** π(·|s), [B, n]. */
  private double[] probabilities(SacDiscrete learner, float[] observations) {
    Tensor x = compute.tensor(ROWS, IN);
    System.arraycopy(observations, 0, x.floatsForWriting(), 0, ROWS * IN);
    float[] z = learner.actor.network().network().predict(x).floats();
    double[] pi = new double[ROWS * N];
    for (int b = 0; b < ROWS; b++) {
      double sum = 0;
      for (int at = b * N; at < (b + 1) * N; at++) {
        pi[at] = Math.exp(z[at]);
        sum += pi[at];
      }
      for (int at = b * N; at < (b + 1) * N; at++) {
        pi[at] /= sum;
      }
    }
    return pi;
  }

  @Test
  void temperature_isTunedByTheEntropy() {
    SacDiscrete learner =
        learner(
            c ->
                c.fixedTemperature(null)
                    .initialTemperature(0.2)
                    .targetEntropyRatio(0.5)
                    .learningRate(Schedule.constant(0.1)));
    Averages averages = Updates.update(learner, batch, 0, 17);
    double excess = averages.of("entropy") - 0.5 * Math.log(N);
    assertTrue(excess > 0, "the first policy is nearly uniform: " + excess);
    assertEquals(0.2 * excess, averages.of("temperature_loss"), 1e-6);
    assertEquals(0.2, averages.of("temperature"), 1e-7);
    assertEquals(0.2 * Math.exp(-0.1), learner.temperature.alpha(), 1e-5);
  }

  @Test
  void targets_useTheTargetCriticsAndTheCurrentActor() {
    SacDiscrete start = learner(c -> {});
    SacDiscrete learner = learner(c -> c.learningRate(FAST));
    Updates.update(learner, batch, 0, 5);
    float[] expected = targets(start, learner);
    float[] online = targets(learner, learner);
    assertTrue(Gradients.distance(expected, online) > 0.05, "the critics have hardly moved");
    Updates.update(learner, batch, 0, 17);
    assertArrayEquals(expected, learner.y, 1e-5f);
  }

  @Test
  void targetCritics_followTheCritics() {
    SacDiscrete learner = learner(c -> c.tau(1).learningRate(FAST));
    Updates.update(learner, batch, 0, 5);
    float[] expected = targets(learner, learner);
    Updates.update(learner, batch, 0, 5);
    assertArrayEquals(expected, learner.y, 1e-5f);
  }

  /** r + γ π(s′)ᵀ(min Q(s′) − α log π(s′)), by the online critics of one learner. */
  private float[] targets(SacDiscrete critics, SacDiscrete actor) {
    double[] pi = probabilities(actor, batch.nextObservations().floats());
    float[] y = new float[ROWS];
    float[] q = new float[ROWS];
    double[] value = new double[ROWS];
    for (int k = 0; k < N; k++) {
      float[] actions = new float[ROWS];
      Arrays.fill(actions, k);
      critics.actionValueFunction().values(batch.nextObservations().floats(), actions, ROWS, q);
      for (int b = 0; b < ROWS; b++) {
        double p = pi[b * N + k];
        value[b] += p * (q[b] - ALPHA * Math.log(p));
      }
    }
    for (int b = 0; b < ROWS; b++) {
      y[b] = (float) (batch.rewards()[b] + (b % 3 == 0 ? 0 : GAMMA * value[b]));
    }
    return y;
  }

  @Test
  void learningRate_isThatOfTheProgress() {
    Schedule falling = Schedule.linear(0.1, 0);
    SacDiscrete learner = learner(c -> c.learningRate(falling));
    Updates.assertStep(0.025, learner, batch, learner.actor.network().network());
    learner = learner(c -> c.learningRate(falling));
    Updates.assertStep(0.025, learner, batch, learner.critics[1].network());
    assertEquals(0.025, Updates.update(learner, batch, 0.75, 1).of("learning_rate"), 1e-12);
  }

  @Test
  void learningRates_areThoseOfEachPart() {
    Consumer<SacDiscreteConfigBuilder> own =
        c ->
            c.fixedTemperature(null)
                .learningRate(Schedule.linear(0.1, 0))
                .criticLearningRate(Schedule.linear(0.2, 0))
                .temperatureLearningRate(Schedule.linear(0.4, 0));
    SacDiscrete learner = learner(own);
    Updates.assertStep(0.025, learner, batch, learner.actor.network().network());
    assertEquals(0.1, Math.abs(Math.log(learner.temperature.alpha())), 1e-4); // from 1
    learner = learner(own);
    Updates.assertStep(0.05, learner, batch, learner.critics[0].network());
  }

  @Test
  void gradients_areBoundedNetworkByNetwork() {
    SacDiscrete learner = learner(c -> c.maxGradientNorm(1e-3));
    Updates.update(learner, batch, 0, 1);
    assertEquals(1e-3, learner.actor.network().network().gradient().norm2(), 1e-8);
    assertEquals(1e-3, learner.critics[1].network().gradient().norm2(), 1e-8);
  }

  @Test
  void savedAndLoaded_updatesGoOn() {
    Updates.assertGoesOn(
        () -> learner(c -> c.fixedTemperature(null).tau(0.1).learningRate(FAST)), batch);
  }

  @Test
  void exploration_drawsFromThePolicy() {
    SacDiscrete learner = learner(c -> {});
    float[] z = learner.actor.network().network().predict(batch.observations()).floats().clone();
    float[] expected = new float[ROWS];
    new Categorical(N).sample(z, ROWS, new Rng(9), expected);
    float[] actions = new float[ROWS];
    learner.explore(batch.observations(), new float[0], 0, new Rng(9), actions);
    assertArrayEquals(expected, actions);
  }

  @Test
  void policy_takesTheLikeliestAction() {
    SacDiscrete learner = learner(c -> {});
    float[] actions = new float[ROWS];
    learner.policy().act(batch.observations().floats(), ROWS, actions);
    float[] logits = learner.actor.network().network().predict(batch.observations()).floats();
    for (int b = 0; b < ROWS; b++) {
      assertEquals(ActionValues.largest(logits, b * N, N), actions[b]);
    }
  }

  @Test
  void outputThatIsNotFinite_endsTheRun() {
    SacDiscrete learner = learner(c -> {});
    Arrays.fill(learner.actor.network().network().parameters().floatsForWriting(), Float.NaN);
    assertThrows(
        DivergenceException.class,
        () -> learner.explore(batch.observations(), new float[0], 0, new Rng(9), new float[ROWS]));
  }

  @Test
  void gradientNorms_areReportedInTheFirstUpdate() {
    SacDiscrete learner = learner(c -> {});
    Averages averages = Updates.update(learner, batch, 0, 17);
    assertEquals(
        learner.actor.network().network().gradient().norm2(),
        averages.of("policy_gradient_norm"),
        1e-6);
    double critics = 0;
    for (ActionValues critic : learner.critics) {
      critics += critic.network().gradient().norm2() / 2;
    }
    assertEquals(critics, averages.of("critic_gradient_norm"), 1e-6);
  }
}
