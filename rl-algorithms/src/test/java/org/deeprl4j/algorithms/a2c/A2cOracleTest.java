package org.deeprl4j.algorithms.a2c;

import static org.deeprl4j.algorithms.training.GradientOracle.ACTIONS;
import static org.deeprl4j.algorithms.training.GradientOracle.EPISODES;
import static org.deeprl4j.algorithms.training.GradientOracle.GAMMA;
import static org.deeprl4j.algorithms.training.GradientOracle.STATES;

import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.training.GradientOracle;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.space.Discrete;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The actor-critic's sampled gradient, without and with the bias that practice has. */
class A2cOracleTest {
  private static final A2cConfig CONFIG =
      A2cConfig.defaults()
          .with(
              c ->
                  c.environments(1)
                      .rolloutSteps(GradientOracle.capacity())
                      .valueCoefficient(0)
                      .hidden(List.of(8)));

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final A2c a2c =
      new A2c(
          CONFIG,
          MlpArchitecture.apart(CONFIG.hidden(), CONFIG.activation(), 0),
          Batches.context(compute, STATES, new Discrete(ACTIONS), 1));
  private final GradientOracle oracle = new GradientOracle(a2c.model());

  @AfterEach
  void close() {
    compute.close();
  }

  private double[] ascent(Rollout batch) {
    a2c.objective(batch, 0, new Averages(a2c.metrics()));
    double factor = -(double) batch.rows() / EPISODES;
    return GradientOracle.scaled(a2c.model().network().gradient(), factor);
  }

  @Test
  void exactAdvantagesAndDiscountedVisits_giveTheGradientOfTheReturn() {
    oracle
        .estimate(oracle.values::advantage, true, this::ascent)
        .assertAgrees(oracle.exactGradient());
  }

  @Test
  void withoutDiscountedVisits_itIsAnotherGradient() {
    GradientOracle.Estimate practical =
        oracle.estimate(oracle.values::advantage, false, this::ascent);
    practical.assertDiffers(oracle.exactGradient());
    practical.assertAgrees(oracle.gradient(oracle.undiscountedVisits(), oracle.values::advantage));
  }

  @Test
  void learnedValues_biasTheTemporalDifferenceButNotTheReturn() {
    double[] v = oracle.modelValues();
    GradientOracle.Estimate temporalDifference = oracle.estimate(batch -> withGae(batch, 0));
    temporalDifference.assertDiffers(oracle.exactGradient());
    // E[r + γV(s′) − V(s)] is known, too
    temporalDifference.assertAgrees(
        oracle.gradient(
            oracle.values.visits(),
            (s, a) -> {
              double next = 0;
              for (int t = 0; t < STATES; t++) {
                next += oracle.mdp.transition()[s][a][t] * v[t];
              }
              return oracle.mdp.reward()[s][a] + GAMMA * next - v[s];
            }));
    oracle.estimate(batch -> withGae(batch, 1)).assertAgrees(oracle.exactGradient());
  }

  /** The gradient with GAE(γ, λ) of the model's own values, and γᵗ. */
  private double[] withGae(Rollout batch, double lambda) {
    batch.computeAdvantages(GAMMA, lambda);
    double discount = 1;
    for (int t = 0; t < batch.rows(); t++) {
      batch.advantages()[t] *= (float) discount;
      discount = batch.ended()[t] ? 1 : discount * GAMMA;
    }
    return ascent(batch);
  }
}
