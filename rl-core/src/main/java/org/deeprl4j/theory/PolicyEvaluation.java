package org.deeprl4j.theory;

/**
 * Policy evaluation by iteration (Sutton and Barto 2018, section 4.1), soft where the temperature α
 * is not 0 (Haarnoja et al. 2018, lemma 1):
 *
 * <pre>
 * (T_π Q)(s, a) = r(s, a) + γ Σ_s′ P(s′|s, a) V(s′),  V(s) = Σ_a π(a|s) (Q(s, a) − α log π(a|s))
 * </pre>
 *
 * <p>T_π is a contraction: max |T_π Q − T_π Q′| ≤ γ max |Q − Q′|. So Q ← T_π Q converges to Q_π,
 * its fixed point, from every start.
 */
public final class PolicyEvaluation {
  private PolicyEvaluation() {}

  /**
   * T_π Q.
   *
   * @param policy π(a|s), [S][A], distributions; not modified
   * @param temperature α ≥ 0
   * @param q Q, [S][A]; not modified
   * @return [S][A]
   */
  public static double[][] backup(
      FiniteMdp mdp, double[][] policy, double temperature, double[][] q) {
    mdp.requirePolicy(policy, temperature);
    double[] v = new double[mdp.states()];
    for (int s = 0; s < v.length; s++) {
      for (int a = 0; a < mdp.actions(); a++) {
        v[s] += policy[s][a] * q[s][a];
      }
      v[s] += temperature * FiniteMdp.entropy(policy[s]);
    }
    return mdp.backup(v);
  }

  /**
   * Q_π, by iteration from a start.
   *
   * @param policy π(a|s), [S][A], distributions; not modified
   * @param temperature α ≥ 0
   * @param start Q, [S][A], finite; not modified
   * @param tolerance the largest error of the result, &gt; 0
   * @return [S][A]
   */
  public static double[][] iterate(
      FiniteMdp mdp, double[][] policy, double temperature, double[][] start, double tolerance) {
    if (!(tolerance > 0)) {
      throw new IllegalArgumentException("the tolerance must be positive, not " + tolerance);
    }
    double[][] q = start;
    double change;
    do {
      double[][] next = backup(mdp, policy, temperature, q);
      change = distance(next, q);
      q = next;
      // The contraction bounds the error by γ/(1 − γ) times the last change.
    } while (mdp.gamma() * change > (1 - mdp.gamma()) * tolerance);
    return q;
  }

  /** max |Q − Q′|. */
  static double distance(double[][] one, double[][] two) {
    double most = 0;
    for (int s = 0; s < one.length; s++) {
      for (int a = 0; a < one[s].length; a++) {
        most = Math.max(most, Math.abs(one[s][a] - two[s][a]));
      }
    }
    return most;
  }
}
