package org.deeprl4j.algorithms.trpo;

import static org.deeprl4j.algorithms.training.GradientOracle.ACTIONS;
import static org.deeprl4j.algorithms.training.GradientOracle.EPISODES;
import static org.deeprl4j.algorithms.training.GradientOracle.STATES;

import java.util.List;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.training.GradientOracle;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.space.Discrete;
import org.junit.jupiter.api.Test;

/** g of the natural step is the policy gradient. */
class TrpoOracleTest {

  @Test
  void gradient_isThatOfTheReturn() {
    Discrete actions = new Discrete(ACTIONS);
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      ActorCritic model =
          ActorCritic.apart(
              Batches.context(compute, STATES, actions, 1),
              MlpArchitecture.apart(List.of(8), Activation.TANH, 0),
              Distributions.forActionSpace(actions));
      NaturalGradient natural = new NaturalGradient(compute, model, GradientOracle.capacity());
      GradientOracle oracle = new GradientOracle(model);
      oracle
          .estimate(oracle.values::advantage, true, batch -> gradient(natural, model, batch))
          .assertAgrees(oracle.exactGradient());
    }
  }

  private static double[] gradient(NaturalGradient natural, ActorCritic model, Rollout batch) {
    Tensor g = natural.begin(batch);
    double[] policy = GradientOracle.scaled(g, (double) batch.rows() / EPISODES);
    // the value network's parameters come first in the model's
    double[] all = new double[model.network().parameters().size()];
    System.arraycopy(policy, 0, all, all.length - policy.length, policy.length);
    return all;
  }
}
