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
 * Σ_a π(a) A(a) subject to KL(π_i ‖ π) ≤ κ. Lagrange's conditions give π(a) = λ π_i(a)/(μ − A(a))
 * where π_i(a) &gt; 0, with μ ≥ A(a) for every a and λ normalising. The divergence falls in μ, so
 * bisection finds the μ where it is κ. Where π_i(a) = 0 it says nothing of π(a): if μ would have to
 * be less than the largest advantage A(b) of those actions, then μ = A(b), and b takes all the
 * probability that κ leaves, π(b) = 1 − exp(KL(π_i ‖ π/(1 − π(b))) − κ). The best κ is that of a
 * concave function of one variable.
 */
public final class ApproximatePolicyIteration {
  /** Enough to narrow an interval down to the rounding of doubles. */
  private static final int HALVINGS = 64;

  private ApproximatePolicyIteration() {}

  /**
   * One iteration.
   *
   * @param values those of π_i, which may give actions no probability
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
    if (kappa == 0) {
      return p.clone();
    }
    double most = Double.NEGATIVE_INFINITY; // of the actions that p takes
    double least = Double.POSITIVE_INFINITY;
    int best = -1; // of the others
    for (int a = 0; a < p.length; a++) {
      if (p[a] > 0) {
        most = Math.max(most, advantages[a]);
        least = Math.min(least, advantages[a]);
      } else if (best < 0 || advantages[a] > advantages[best]) {
        best = a;
      }
    }
    if (best >= 0 && advantages[best] > most) {
      double gap = advantages[best] - most;
      double divergence = divergence(p, advantages, most, gap);
      if (divergence <= kappa) {
        double rest = Math.exp(divergence - kappa);
        double[] solved = solution(p, advantages, most, gap, rest);
        solved[best] = 1 - rest;
        return solved;
      }
    }
    double range = most - least;
    if (range == 0) {
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
    return solution(p, advantages, most, range * Math.exp(high), 1);
  }

  /** π(a) ∝ p(a)/(μ − A(a)), μ = most + gap, which adds up to {@code total}. */
  private static double[] solution(
      double[] p, double[] advantages, double most, double gap, double total) {
    double[] solved = new double[p.length];
    double sum = 0;
    for (int a = 0; a < p.length; a++) {
      solved[a] = p[a] == 0 ? 0 : p[a] / (gap + (most - advantages[a]));
      sum += solved[a];
    }
    for (int a = 0; a < p.length; a++) {
      // An action that underflowed to probability 0 would be infinitely far from where it was.
      solved[a] = p[a] == 0 ? 0 : Math.max(total * solved[a] / sum, Double.MIN_NORMAL);
    }
    return solved;
  }

  /** KL(p ‖ π) of that solution, which adds up to 1: Σ p log(μ − A) + log Σ p/(μ − A). */
  private static double divergence(double[] p, double[] advantages, double most, double gap) {
    double logs = 0;
    double sum = 0;
    for (int a = 0; a < p.length; a++) {
      if (p[a] > 0) {
        double distance = gap + (most - advantages[a]);
        logs += p[a] * Math.log(distance);
        sum += p[a] / distance;
      }
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
