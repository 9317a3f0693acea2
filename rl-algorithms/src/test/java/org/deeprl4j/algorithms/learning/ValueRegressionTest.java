package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.space.Box;
import org.junit.jupiter.api.Test;

final class ValueRegressionTest {
  private static final int ROWS = 7;
  private static final int IN = 2;

  /** V is fitted to the returns; the policy stays. */
  @Test
  void regression_fitsTheReturns() {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      ActorCritic model =
          ActorCritic.apart(
              Batches.context(compute, IN, Box.of(-1, 1, 2), 1),
              MlpArchitecture.apart(List.of(8), Activation.TANH, 0),
              Distributions.forActionSpace(Box.of(-1, 1, 2)));
      Rollout rollout = new Rollout(ROWS, 1, IN, 2, 4);
      Rng random = new Rng(4);
      random.fillGaussian(rollout.observations(), 0, ROWS * IN);
      random.fillGaussian(rollout.returns(), 0, ROWS);
      float[] policy = Gradients.copy(model.policyNetwork().parameters());
      ValueRegression one = new ValueRegression(compute, model, ROWS, 1e-8, null);
      float[] v = model.valueNetwork().predict(Rollouts.observations(rollout)).floats();
      double expected = 0;
      for (int b = 0; b < ROWS; b++) {
        expected += Math.pow((double) v[b] - rollout.returns()[b], 2) / ROWS;
      }
      assertEquals(expected, one.fit(rollout, 1, 0, new Rng(1)), 1e-5);
      Gradients.assertDerivative(model.valueNetwork(), () -> one.fit(rollout, 1, 0, new Rng(1)));
      assertEquals(Double.NaN, one.fit(rollout, 0, 1, new Rng(1)), "no pass, no loss");
      ValueRegression batches = new ValueRegression(compute, model, 3, 1e-8, null);
      batches.fit(rollout, 300, 1e-2, random);
      assertTrue(batches.fit(rollout, 1, 0, random) < 0.05 * expected);
      assertArrayEquals(policy, Gradients.copy(model.policyNetwork().parameters()));
      random.fillGaussian(rollout.returns(), 0, ROWS);
      new ValueRegression(compute, model, ROWS, 1e-8, 1e-3).fit(rollout, 1, 0, random);
      assertEquals(1e-3, model.valueNetwork().gradient().norm2(), 1e-8, "bounded");
    }
  }
}
