package org.deeprl4j.algorithms.ppo;

import static org.deeprl4j.algorithms.training.GradientOracle.ACTIONS;
import static org.deeprl4j.algorithms.training.GradientOracle.EPISODES;
import static org.deeprl4j.algorithms.training.GradientOracle.STATES;

import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.training.GradientOracle;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.space.Discrete;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** At θ_old the gradient of every surrogate is the policy gradient. */
class PpoOracleTest {

  @ParameterizedTest
  @EnumSource
  void gradient_isThatOfTheReturn(Objective objective) {
    PpoConfig config =
        PpoConfig.defaults()
            .with(
                c ->
                    c.rolloutSteps(GradientOracle.capacity())
                        .batchSize(GradientOracle.capacity())
                        .objective(objective)
                        .normalizeAdvantage(false)
                        .valueCoefficient(0)
                        .hidden(List.of(8)));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      Ppo ppo =
          new Ppo(
              config,
              MlpArchitecture.apart(config.hidden(), config.activation(), 0),
              Batches.context(compute, STATES, new Discrete(ACTIONS), 1));
      GradientOracle oracle = new GradientOracle(ppo.model());
      oracle
          .estimate(oracle.values::advantage, true, batch -> ascent(ppo, batch))
          .assertAgrees(oracle.exactGradient());
    }
  }

  private static double[] ascent(Ppo ppo, Rollout batch) {
    ppo.batch.arrange(batch);
    ppo.batch.take(batch, 0, batch.rows());
    ppo.objective(0, new Averages(ppo.metrics()));
    // a mean over the rows that is descended
    double factor = -(double) batch.rows() / EPISODES;
    return GradientOracle.scaled(ppo.model().network().gradient(), factor);
  }
}
