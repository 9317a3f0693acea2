package org.deeprl4j.theory;

import java.util.function.DoubleUnaryOperator;

/**
 * Approximate policy iteration with a guarantee (Schulman et al. 2015, "Trust region policy
 * optimization", algorithm 1), for rewards:
 *
 * <pre>
 * for i = 0, 1, 2, … until convergence do
 *   compute all advantage values A_πi(s, a)
 *   π_{i+1} = argmax_π [L_πi(π) − C·D_KL^max(π_i, π)],  C = 2εγ/(1 − γ)²
 * end for
 * </pre>
 *
 * <p>The bracket is a lower bound on η(π) that touches it at π_i, so η never falls.
 *
 * <p>The maximum is found exactly. For a bound κ on the divergence the states part: each maximises
 * Σ_a π(a) A(a) subject to KL(π_i ‖ π) ≤ κ, whose solution is π(a) = λ π_i(a)/(μ − A(a)) with μ
 * beyond the largest advantage and λ normalising; KL falls in μ, so bisection finds it. The best κ
 * is that of a concave function of one variable.
 */
public final class ApproximatePolicyIteration {
  /** Enough to narrow an interval down to the rounding of doubles. */
  private static final int HALVINGS = 64;

  private ApproximatePolicyIteration() {}

  /**
   * One iteration.
   *
   * @param values those of π_i; an action to which it gives no probability is given none, since the
   *     divergence says nothing of such
   * @return π_{i+1}, [S][A]
   */
  public static double[][] improve(PolicyValues values) {
    double penalty = values.penalty();
    DoubleUnaryOperator bound = kappa -> values.surrogate(within(values, kappa)) - penalty * kappa;
    return within(values, argmax(bound));
  }

  /** The policy that maximises L_πi with D_KL^max(π_i, π) ≤ κ. */
  static double[][] within(PolicyValues values, double kappa) {
    int states = values.policy().length;
    double[][] improved = new double[states][];
    for (int s = 0; s < states; s++) {
      double[] advantages = new double[values.policy()[s].length];
      for (int a = 0; a < advantages.length; a++) {
        advantages[a] = values.advantage(s, a);
      }
      improved[s] = within(values.policy()[s], advantages, kappa);
    }
    return improved;
  }

  private static double[] within(double[] p, double[] advantages, double kappa) {
    double most = Double.NEGATIVE_INFINITY;
    double least = Double.POSITIVE_INFINITY;
    for (double advantage : advantages) {
      most = Math.max(most, advantage);
      least = Math.min(least, advantage);
    }
    double range = most - least;
    if (range == 0 || kappa == 0) {
      return p.clone();
    }
    // μ = most + range·exp(x), x by bisection.
    double low = -700;
    double high = 50;
    for (int i = 0; i < HALVINGS; i++) {
      double x = 0.5 * (low + high);
      if (divergence(p, advantages, most, range * Math.exp(x)) > kappa) {
        low = x;
      } else {
        high = x;
      }
    }
    return solution(p, advantages, most, range * Math.exp(high));
  }

  /** π(a) ∝ p(a)/(μ − A(a)), μ = most + gap. */
  private static double[] solution(double[] p, double[] advantages, double most, double gap) {
    double[] solved = new double[p.length];
    double sum = 0;
    for (int a = 0; a < p.length; a++) {
      solved[a] = p[a] / (gap + (most - advantages[a]));
      sum += solved[a];
    }
    for (int a = 0; a < p.length; a++) {
      // An action that underflowed to probability 0 would be infinitely far from where it was.
      solved[a] = p[a] == 0 ? 0 : Math.max(solved[a] / sum, Double.MIN_NORMAL);
    }
    return solved;
  }

  /** KL(p ‖ π) of that solution: Σ p log(μ − A) + log Σ p/(μ − A). */
  private static double divergence(double[] p, double[] advantages, double most, double gap) {
    double logs = 0;
    double sum = 0;
    for (int a = 0; a < p.length; a++) {
      double distance = gap + (most - advantages[a]);
      logs += p[a] * Math.log(distance);
      sum += p[a] / distance;
    }
    return logs + Math.log(sum);
  }

  /** The argument ≥ 0 where a concave function that falls in the end is largest. */
  private static double argmax(DoubleUnaryOperator f) {
    double high = 1e-12;
    while (f.applyAsDouble(2 * high) > f.applyAsDouble(high) && high < 1e6) {
      high *= 2;
    }
    double low = 0;
    high *= 2;
    double golden = (Math.sqrt(5) - 1) / 2;
    double left = high - golden * (high - low);
    double right = low + golden * (high - low);
    double atLeft = f.applyAsDouble(left);
    double atRight = f.applyAsDouble(right);
    for (int i = 0; i < HALVINGS; i++) {
      if (atLeft > atRight) {
        high = right;
        right = left;
        atRight = atLeft;
        left = high - golden * (high - low);
        atLeft = f.applyAsDouble(left);
      } else {
        low = left;
        left = right;
        atLeft = atRight;
        right = low + golden * (high - low);
        atRight = f.applyAsDouble(right);
      }
    }
    double best = 0.5 * (low + high);
    return f.applyAsDouble(best) > f.applyAsDouble(0) ? best : 0;
  }
}
