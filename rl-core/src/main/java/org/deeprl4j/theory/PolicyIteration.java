package org.deeprl4j.theory;

import java.util.Arrays;

/**
 * Exact policy improvement, greedy or soft. Soft policy iteration (Haarnoja et al. 2018, section
 * 4.1) alternates the evaluation of a policy under a temperature α with π(a|s) ∝ exp(Q(s, a)/α),
 * which improves Q everywhere and converges to the best of all policies; greedy improvement is its
 * limit α → 0.
 */
public final class PolicyIteration {
  /** Never reached: policies improve geometrically. */
  private static final int MOST_ITERATIONS = 100_000;

  private PolicyIteration() {}

  /** π(a|s) ∝ exp(Q(s, a)/α); for α = 0 the first action with the largest Q. */
  public static double[][] improve(PolicyValues values) {
    double alpha = values.temperature();
    double[][] policy = new double[values.q().length][];
    for (int s = 0; s < policy.length; s++) {
      policy[s] = alpha == 0 ? greedy(values.q()[s]) : softmax(values.q()[s], alpha);
    }
    return policy;
  }

  private static double[] greedy(double[] q) {
    double[] policy = new double[q.length];
    int best = 0;
    for (int a = 1; a < q.length; a++) {
      best = q[a] > q[best] ? a : best;
    }
    policy[best] = 1;
    return policy;
  }

  private static double[] softmax(double[] q, double alpha) {
    double most = Arrays.stream(q).max().orElseThrow();
    double[] policy = new double[q.length];
    double sum = 0;
    for (int a = 0; a < q.length; a++) {
      policy[a] = Math.exp((q[a] - most) / alpha);
      sum += policy[a];
    }
    for (int a = 0; a < q.length; a++) {
      policy[a] /= sum;
    }
    return policy;
  }

  /**
   * The best policy and its values, by iteration from the uniform one until no value improves by
   * more than a tolerance.
   *
   * @param temperature α ≥ 0; 0 for the best return alone
   * @param tolerance ≥ 0
   */
  public static PolicyValues optimum(FiniteMdp mdp, double temperature, double tolerance) {
    PolicyValues values = PolicyValues.soft(mdp, mdp.uniformPolicy(), temperature);
    for (int i = 0; i < MOST_ITERATIONS; i++) {
      PolicyValues next = PolicyValues.soft(mdp, improve(values), temperature);
      double gain = 0;
      for (int s = 0; s < mdp.states(); s++) {
        gain = Math.max(gain, next.v()[s] - values.v()[s]);
      }
      if (gain <= tolerance) {
        return next;
      }
      values = next;
    }
    throw new IllegalStateException(
        "policy iteration did not converge within " + MOST_ITERATIONS + " iterations");
  }
}
