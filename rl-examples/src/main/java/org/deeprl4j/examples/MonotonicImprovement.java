package org.deeprl4j.examples;

import org.deeprl4j.random.Rng;
import org.deeprl4j.theory.ApproximatePolicyIteration;
import org.deeprl4j.theory.FiniteMdp;
import org.deeprl4j.theory.PolicyIteration;
import org.deeprl4j.theory.PolicyValues;

/**
 * Runs approximate policy iteration on a random process of ten states: the return never falls, the
 * bound that guarantees it is far from tight, and the steps shrink as γ grows.
 */
public final class MonotonicImprovement {
  private MonotonicImprovement() {}

  /** Runs the example. */
  public static void main(String[] arguments) {
    for (double gamma : new double[] {0.1, 0.5, 0.9}) {
      run(gamma);
    }
  }

  /**
   * Runs a hundred iterations.
   *
   * @return the final return, as a fraction of the way from the uniform policy's return to the
   *     optimum
   */
  static double run(double gamma) {
    FiniteMdp mdp = FiniteMdp.random(10, 4, gamma, new Rng(1));
    double optimum = PolicyIteration.optimum(mdp, 0, 0).expectedReturn();
    PolicyValues values = PolicyValues.of(mdp, mdp.uniformPolicy());
    double start = values.expectedReturn();
    System.out.printf(
        "gamma %.1f: the uniform policy earns %.4f, the best %.4f%n", gamma, start, optimum);
    for (int i = 1; i <= 100; i++) {
      double[][] next = ApproximatePolicyIteration.improve(values);
      double kl = values.largestKl(next);
      double bound = values.surrogate(next) - values.penalty() * kl;
      values = PolicyValues.of(mdp, next);
      if (Integer.bitCount(i) == 1 || i == 100) {
        System.out.printf(
            "  iteration %3d: return %.6f, guaranteed %.6f, divergence %.2e%n",
            i, values.expectedReturn(), bound, kl);
      }
    }
    return (values.expectedReturn() - start) / (optimum - start);
  }
}
