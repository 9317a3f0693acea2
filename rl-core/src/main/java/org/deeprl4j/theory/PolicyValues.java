package org.deeprl4j.theory;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;

/**
 * What a policy is worth on a finite MDP, exactly:
 *
 * <pre>
 * V_π(s)    = Σ_a π(a|s) Q_π(s, a),  Q_π(s, a) = r(s, a) + γ Σ_s′ P(s′|s, a) V_π(s′)
 * A_π(s, a) = Q_π(s, a) − V_π(s)
 * ρ_π(s)    = Σ_t γᵗ P(s_t = s),  which adds up to 1/(1 − γ)
 * η(π)      = E[Σ_t γᵗ r_t] = Σ_s ρ₀(s) V_π(s)
 * </pre>
 *
 * <p>With a temperature α &gt; 0 the values are soft (Haarnoja et al. 2018, section 4.1): V_π(s) =
 * Σ_a π(a|s) (Q_π(s, a) − α log π(a|s)), and η includes the entropy. Do not write to the arrays.
 *
 * @param mdp the process
 * @param policy π(a|s), [S][A]
 * @param temperature α ≥ 0
 * @param v V_π, [S]
 * @param q Q_π, [S][A]
 * @param visits ρ_π, [S]
 */
public record PolicyValues(
    FiniteMdp mdp,
    double[][] policy,
    double temperature,
    double[] v,
    double[][] q,
    double[] visits) {

  /**
   * Evaluates a policy by solving (I − γP_π) V = r_π and (I − γP_πᵀ) ρ = ρ₀.
   *
   * @param policy π(a|s), [S][A], distributions; not modified
   */
  public static PolicyValues of(FiniteMdp mdp, double[][] policy) {
    return soft(mdp, policy, 0);
  }

  /** As {@link #of}, with a temperature. */
  public static PolicyValues soft(FiniteMdp mdp, double[][] policy, double temperature) {
    int states = mdp.states();
    mdp.requirePolicy(policy, temperature);
    double[][] system = new double[states][states];
    double[] gain = new double[states];
    for (int s = 0; s < states; s++) {
      system[s][s] = 1;
      gain[s] = temperature * FiniteMdp.entropy(policy[s]);
      for (int a = 0; a < mdp.actions(); a++) {
        gain[s] += policy[s][a] * mdp.reward()[s][a];
        for (int t = 0; t < states; t++) {
          system[s][t] -= mdp.gamma() * policy[s][a] * mdp.transition()[s][a][t];
        }
      }
    }
    Array2DRowRealMatrix matrix = new Array2DRowRealMatrix(system, false);
    double[] v =
        new LUDecomposition(matrix).getSolver().solve(new ArrayRealVector(gain, false)).toArray();
    double[] visits =
        new LUDecomposition(matrix.transpose())
            .getSolver()
            .solve(new ArrayRealVector(mdp.initial()))
            .toArray();
    return new PolicyValues(mdp, policy, temperature, v, mdp.backup(v), visits);
  }

  /** A_π(s, a) = Q_π(s, a) − V_π(s). */
  public double advantage(int s, int a) {
    return q[s][a] - v[s];
  }

  /** η(π), the expected discounted return. */
  public double expectedReturn() {
    double sum = 0;
    for (int s = 0; s < v.length; s++) {
      sum += mdp.initial()[s] * v[s];
    }
    return sum;
  }

  /**
   * L_π(π̃) = η(π) + Σ_s ρ_π(s) Σ_a π̃(a|s) A_π(s, a): the return of π̃ to first order, with the
   * states that π visits (Kakade and Langford 2002; Schulman et al. 2015, equation 3).
   */
  public double surrogate(double[][] other) {
    double sum = expectedReturn();
    for (int s = 0; s < v.length; s++) {
      for (int a = 0; a < mdp.actions(); a++) {
        sum += visits[s] * other[s][a] * advantage(s, a);
      }
    }
    return sum;
  }

  /** ε = max_{s,a} |A_π(s, a)|. */
  private double largestAdvantage() {
    double most = 0;
    for (int s = 0; s < v.length; s++) {
      for (int a = 0; a < mdp.actions(); a++) {
        most = Math.max(most, Math.abs(advantage(s, a)));
      }
    }
    return most;
  }

  /**
   * C = 2εγ/(1 − γ)², with which η(π̃) ≥ L_π(π̃) − C·D_KL^max(π, π̃) for every π̃: Schulman et al.
   * 2015, theorem 1, for rewards, whose 4 the arXiv version has for total variation.
   */
  public double penalty() {
    double rest = 1 - mdp.gamma();
    return 2 * largestAdvantage() * mdp.gamma() / (rest * rest);
  }

  /** D_KL^max(π, π̃) = max_s KL(π(·|s) ‖ π̃(·|s)), in nats. */
  public double largestKl(double[][] other) {
    double most = 0;
    for (int s = 0; s < v.length; s++) {
      double kl = 0;
      for (int a = 0; a < mdp.actions(); a++) {
        double p = policy[s][a];
        kl += p == 0 ? 0 : p * Math.log(p / other[s][a]);
      }
      most = Math.max(most, kl);
    }
    return most;
  }
}
