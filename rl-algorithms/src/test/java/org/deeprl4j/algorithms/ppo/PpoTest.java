package org.deeprl4j.algorithms.ppo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Consumer;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Gradients;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.learning.Rollouts;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.stats.Statistics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PpoTest {

  @ParameterizedTest(name = "r = {0}, A = {1}: L = {2}, dL/dlog π = {3}")
  @CsvSource({
    // inside the interval: the plain surrogate, either sign
    "1.1,  2,  2.2,  2.2",
    "0.9, -2, -1.8, -1.8",
    // gain beyond the interval: clipped, no incentive left
    "1.5,  2,  2.4,  0",
    "0.5, -2, -1.6,  0",
    // loss beyond the interval: the minimum is the unclipped, full gradient back
    "0.5,  2,  1.0,  1.0",
    "1.5, -2, -3.0, -3.0",
  })
  void clippedSurrogate_takesTheMinimum(
      double ratio, double advantage, double expected, double slope) {
    assertEquals(expected, Ppo.clippedSurrogate(ratio, advantage, 0.2), 1e-12);
    assertEquals(slope, Ppo.clippedSurrogateSlope(ratio, advantage, 0.2), 1e-12);
    // d/dlog π by central differences: r(log π + h) = r·eʰ
    double h = 1e-6;
    double numeric =
        (Ppo.clippedSurrogate(ratio * Math.exp(h), advantage, 0.2)
                - Ppo.clippedSurrogate(ratio * Math.exp(-h), advantage, 0.2))
            / (2 * h);
    assertEquals(numeric, slope, 1e-5);
  }

  @Test
  void penalty_adaptsToTheTarget() {
    assertEquals(0.5, Ppo.adaptation(0.0066, 0.01));
    assertEquals(1, Ppo.adaptation(0.0067, 0.01));
    assertEquals(1, Ppo.adaptation(0.0149, 0.01));
    assertEquals(2, Ppo.adaptation(0.0151, 0.01));
  }

  private static final int ROWS = 12;
  private static final int IN = 3;

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);

  @AfterEach
  void close() {
    compute.close();
  }

  private Ppo learner(Consumer<PpoConfigBuilder> changes) {
    PpoConfig config =
        PpoConfig.defaults()
            .with(
                c ->
                    c.environments(1)
                        .rolloutSteps(ROWS)
                        .batchSize(ROWS)
                        .epochs(1)
                        .normalizeAdvantage(false)
                        .hidden(List.of(8))
                        .learningRate(Schedule.constant(0)))
            .with(changes);
    return new Ppo(
        config,
        MlpArchitecture.apart(List.of(8), Activation.TANH, 0),
        Batches.context(compute, IN, new Discrete(3), 1));
  }

  private static Rollout rollout(Ppo ppo) {
    return Rollouts.drawn(ppo.model(), ROWS, IN, new Rng(2));
  }

  private static Averages update(Ppo ppo, Rollout rollout, double progress) {
    Averages averages = new Averages(ppo.metrics());
    ppo.update(rollout, progress, new Rng(3), averages);
    return averages;
  }

  @Test
  void metrics_areThoseOfTheBatch() {
    Ppo ppo = learner(c -> c.clipRange(Schedule.linear(0.4, 0)).gamma(0.9).lambda(0.8));
    Rollout rollout = rollout(ppo);
    Rollouts.move(ppo.model(), 0.5);
    Averages averages = update(ppo, rollout, 0.5);
    rollout.computeAdvantages(0.9, 0.8);
    ActorCritic model = ppo.model();
    model.predict(Rollouts.observations(rollout));
    float[] logProbs = model.logProbs(rollout.actions());
    float[] entropies = model.entropies();
    double surrogate = 0;
    double kl = 0;
    double clipped = 0;
    double entropy = 0;
    double valueLoss = 0;
    for (int b = 0; b < ROWS; b++) {
      double log = logProbs[b] - rollout.logProbs()[b];
      double ratio = Math.exp(log);
      double a = rollout.advantages()[b];
      surrogate += Math.min(ratio * a, Math.min(Math.max(ratio, 0.8), 1.2) * a) / ROWS;
      kl += (ratio - 1 - log) / ROWS;
      clipped += ratio > 1.2 || ratio < 0.8 ? 1.0 / ROWS : 0;
      entropy += entropies[b] / (double) ROWS;
      valueLoss += Math.pow((double) model.values()[b] - rollout.returns()[b], 2) / ROWS;
    }
    assertTrue(clipped > 0.2 && clipped < 0.8, "both kinds: " + clipped);
    assertEquals(-surrogate, averages.of("policy_loss"), 1e-5);
    assertEquals(kl, averages.of("approx_kl"), 1e-5);
    assertEquals(clipped, averages.of("clip_fraction"), 1e-9);
    assertEquals(entropy, averages.of("entropy"), 1e-5);
    assertEquals(valueLoss, averages.of("value_loss"), 1e-4);
    assertEquals(0.2, averages.of("clip_range"), 1e-12);
    assertEquals(1, averages.of("epochs_run"));
    assertEquals(
        Statistics.explainedVariance(rollout.values(), rollout.returns(), ROWS),
        averages.of("explained_variance"));
    assertEquals(Double.NaN, averages.of("kl"), "there is no penalty");
  }

  /** A rollout of two episodes, the first truncated, and the observations they were cut off at. */
  private Rollout cutOff(Ppo ppo) {
    Rollout rollout = rollout(ppo);
    rollout.ended()[4] = true;
    rollout.keepFinal(4, new float[] {0.5f, -1, 2}, 0);
    rollout.keepFinal(ROWS - 1, new float[] {9, -0.5f, 1, -2}, 1);
    return rollout;
  }

  /** Σ (γλ)^l δ_{t+l} with the values of the parameters that the first epoch leaves. */
  @Test
  void recomputedAdvantages_areThoseOfTheEpochsParameters() {
    Consumer<PpoConfigBuilder> learns =
        c -> c.batchSize(5).gamma(0.9).lambda(0.8).learningRate(Schedule.constant(0.05));
    Ppo once = learner(learns);
    Rollout first = cutOff(once);
    update(once, first, 0);
    Ppo twice = learner(learns.andThen(c -> c.epochs(2).recomputeAdvantages(true)));
    Rollout rollout = cutOff(twice);
    update(twice, rollout, 0);
    ActorCritic model = once.model();
    Tensor x = Tensor.host(ROWS + 2, IN);
    float[] seen = x.floatsForWriting();
    System.arraycopy(first.observations(), 0, seen, 0, ROWS * IN);
    System.arraycopy(new float[] {0.5f, -1, 2, -0.5f, 1, -2}, 0, seen, ROWS * IN, 2 * IN);
    float[] v = model.valuesOf(x);
    for (int t = 0; t < ROWS; t++) {
      int last = t <= 4 ? 4 : ROWS - 1;
      double advantage = 0;
      for (int i = t; i <= last; i++) {
        double next = i < last ? v[i + 1] : v[last == 4 ? ROWS : ROWS + 1];
        double delta = first.rewards()[i] + 0.9 * next - v[i];
        advantage += Math.pow(0.9 * 0.8, i - t) * delta;
      }
      assertEquals(advantage, rollout.advantages()[t], 1e-5, "row " + t);
      assertEquals(advantage + v[t], rollout.returns()[t], 1e-5, "row " + t);
      assertTrue(Math.abs(advantage - first.advantages()[t]) > 1e-3, "they have moved");
    }
    Ppo neither = learner(learns.andThen(c -> c.epochs(2)));
    Rollout left = cutOff(neither);
    update(neither, left, 0);
    assertArrayEquals(first.advantages(), left.advantages());
    assertTrue(
        Gradients.distance(
                twice.model().network().parameters().floats(),
                neither.model().network().parameters().floats())
            > 1e-3);
  }

  @Test
  void targetKl_endsTheEpochBeforeTheStepThatExceedsIt() {
    Ppo ppo = learner(c -> c.epochs(5));
    Rollout rollout = rollout(ppo);
    Rollouts.move(ppo.model(), 0.5);
    double kl = update(ppo, rollout, 0).of("approx_kl");
    for (boolean stops : new boolean[] {false, true}) {
      Ppo bounded =
          learner(
              c ->
                  c.epochs(5)
                      .targetKl(stops ? kl / 1.51 : kl / 1.49)
                      .learningRate(Schedule.constant(stops ? 1 : 0)));
      Rollouts.move(bounded.model(), 0.5);
      float[] before = bounded.model().network().parameters().floats().clone();
      assertEquals(stops ? 1 : 5, update(bounded, rollout, 0).of("epochs_run"));
      assertArrayEquals(before, bounded.model().network().parameters().floats());
    }
  }

  @Test
  void learningRate_isThatOfTheProgress_andTheGradientIsCut() {
    Ppo ppo =
        learner(
            c -> c.learningRate(Schedule.linear(0.1, 0)).adamEpsilon(1e-12).maxGradientNorm(0.01));
    Rollout rollout = rollout(ppo);
    float[] before = ppo.model().network().parameters().floats().clone();
    Averages averages = update(ppo, rollout, 0.75);
    assertEquals(
        0.025, Gradients.distance(before, ppo.model().network().parameters().floats()), 1e-5);
    assertEquals(0.025, averages.of("learning_rate"), 1e-12);
    assertTrue(averages.of("gradient_norm") > 0.1, "before it was cut");
    assertEquals(0.01, ppo.model().network().gradient().norm2(), 1e-6);
  }

  @Test
  void adaptivePenalty_doublesAndHalvesAfterAnIteration() {
    Ppo ppo =
        learner(c -> c.objective(Objective.ADAPTIVE_KL).klPenalty(0.7).adaptiveKlTarget(0.01));
    Rollout rollout = rollout(ppo);
    Averages averages = update(ppo, rollout, 0);
    assertEquals(0.7, averages.of("kl_penalty"));
    assertEquals(0, averages.of("kl"), 1e-6); // the policy is that of the rollout
    Rollouts.move(ppo.model(), 0.5);
    averages = update(ppo, rollout, 0);
    assertEquals(0.35, averages.of("kl_penalty"));
    ppo.model().predict(Rollouts.observations(rollout));
    float[] kl = new float[ROWS];
    ppo.model()
        .distribution()
        .kl(rollout.distribution(), ppo.model().distributionParameters(), ROWS, kl);
    double mean = 0;
    for (float each : kl) {
      mean += each / (double) ROWS;
    }
    assertTrue(mean > 0.015, "far enough: " + mean);
    assertEquals(mean, averages.of("kl"), 1e-6);
    assertEquals(0.7, update(ppo, rollout, 0).of("kl_penalty"));
  }

  @Test
  void savedAndLoaded_updatesGoOn() {
    Consumer<PpoConfigBuilder> changes =
        c ->
            c.objective(Objective.ADAPTIVE_KL)
                .batchSize(5)
                .normalizeAdvantage(true)
                .learningRate(Schedule.constant(0.03));
    Ppo ppo = learner(changes);
    Rollout rollout = rollout(ppo);
    update(ppo, rollout, 0);
    Ppo loaded = learner(changes);
    StateFile.fromBytes(StateFile.toBytes("ppo", ppo), "ppo", loaded);
    assertEquals(update(ppo, rollout, 0).values(), update(loaded, rollout, 0).values());
    assertArrayEquals(StateFile.toBytes("ppo", ppo), StateFile.toBytes("ppo", loaded));
  }

  /** At θ_old every ratio is 1, and the surrogate the mean of the advantages. */
  @Test
  void advantages_haveMeanZero_ifTheyAreNormalised() {
    for (boolean normalised : new boolean[] {false, true}) {
      Ppo ppo = learner(c -> c.normalizeAdvantage(normalised));
      double loss = update(ppo, rollout(ppo), 0).of("policy_loss");
      assertEquals(normalised, Math.abs(loss) < 1e-6, "policy loss " + loss);
    }
  }

  /** Ê[r Â − β KL + c₂ H] − c₁ Ê[(V − V^targ)²], written down once more. */
  @Test
  void penalisedObjective_countsTheDivergence() {
    Ppo ppo =
        learner(
            c ->
                c.objective(Objective.FIXED_KL)
                    .klPenalty(0.7)
                    .entropyCoefficient(Schedule.linear(0.4, 0))
                    .valueCoefficient(0.25));
    Rollout rollout = rollout(ppo);
    Rollouts.move(ppo.model(), 0.5);
    Averages averages = update(ppo, rollout, 0);
    ppo.batch.arrange(rollout);
    ppo.batch.take(rollout, 0, ROWS);
    double objective = ppo.objective(0.25, new Averages(ppo.metrics()));
    assertTrue(averages.of("kl") > 0.1, "far enough to count: " + averages.of("kl"));
    assertEquals(
        -averages.of("policy_loss")
            - 0.7 * averages.of("kl")
            + 0.3 * averages.of("entropy")
            - 0.25 * averages.of("value_loss"),
        objective,
        1e-5);
  }
}
