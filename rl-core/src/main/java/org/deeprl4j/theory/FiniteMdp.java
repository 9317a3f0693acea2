package org.deeprl4j.theory;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A Markov decision process of finitely many states and actions, without terminal states: where an
 * episode ends is a state that leads to itself without reward.
 *
 * @param initial ρ₀(s), a distribution, [S]
 * @param transition P(s′|s, a), distributions over s′, [S][A][S]
 * @param reward r(s, a), the expected reward, finite, [S][A]
 * @param gamma γ in [0, 1)
 */
public record FiniteMdp(
    double[] initial, double[][][] transition, double[][] reward, double gamma) {

  /** How far probabilities may be from adding up to 1. */
  private static final double ROUNDING = 1e-9;

  /** Checks shapes and distributions. */
  public FiniteMdp {
    int states = initial.length;
    if (states == 0 || transition.length != states || reward.length != states) {
      throw new IllegalArgumentException(
          "a finite MDP needs initial probabilities, transitions and rewards of as many states, at least 1, not of %d, %d and %d"
              .formatted(states, transition.length, reward.length));
    }
    if (!(gamma >= 0 && gamma < 1)) {
      throw new IllegalArgumentException("gamma must be in [0, 1), not " + gamma);
    }
    requireDistribution("initial", initial);
    int actions = reward[0].length;
    for (int s = 0; s < states; s++) {
      if (actions == 0 || reward[s].length != actions || transition[s].length != actions) {
        throw new IllegalArgumentException(
            "every state needs as many actions as state 0, which has %d, and at least 1, but state %d has %d rewards and %d transitions"
                .formatted(actions, s, reward[s].length, transition[s].length));
      }
      for (int a = 0; a < actions; a++) {
        String name = "transition[" + s + "][" + a + "]";
        if (transition[s][a].length != states) {
          throw new IllegalArgumentException(
              name + " must have length " + states + ", not " + transition[s][a].length);
        }
        requireDistribution(name, transition[s][a]);
        if (!Double.isFinite(reward[s][a])) {
          throw new IllegalArgumentException(
              "reward[%d][%d] must be finite, not %s".formatted(s, a, reward[s][a]));
        }
      }
    }
  }

  static void requireDistribution(String name, double[] p) {
    double sum = 0;
    for (double value : p) {
      if (!(value >= 0)) {
        throw new IllegalArgumentException(
            name + " must hold probabilities, not " + Arrays.toString(p));
      }
      sum += value;
    }
    if (!(Math.abs(sum - 1) <= ROUNDING)) {
      throw new IllegalArgumentException(name + " must add up to 1, not " + sum);
    }
  }

  /** Checks the shape and the distributions of a policy, and its temperature. */
  void requirePolicy(double[][] policy, double temperature) {
    if (policy.length != states()) {
      throw new IllegalArgumentException(
          "the policy must have " + states() + " states, not " + policy.length);
    }
    if (!(temperature >= 0)) {
      throw new IllegalArgumentException("the temperature must be at least 0, not " + temperature);
    }
    for (int s = 0; s < policy.length; s++) {
      if (policy[s].length != actions()) {
        throw new IllegalArgumentException(
            "policy[%d] must have %d actions, not %d".formatted(s, actions(), policy[s].length));
      }
      requireDistribution("policy[" + s + "]", policy[s]);
    }
  }

  /** −Σ p log p, in nats. */
  static double entropy(double[] p) {
    double sum = 0;
    for (double value : p) {
      sum -= value == 0 ? 0 : value * Math.log(value);
    }
    return sum;
  }

  /** S. */
  public int states() {
    return initial.length;
  }

  /** A. */
  public int actions() {
    return reward[0].length;
  }

  /**
   * A random process: initial and transition probabilities uniform on the simplex, rewards standard
   * normal.
   */
  public static FiniteMdp random(int states, int actions, double gamma, RandomGenerator random) {
    double[][][] transition = new double[states][actions][];
    double[][] reward = new double[states][actions];
    for (int s = 0; s < states; s++) {
      for (int a = 0; a < actions; a++) {
        transition[s][a] = simplex(states, random);
        reward[s][a] = random.nextGaussian();
      }
    }
    return new FiniteMdp(simplex(states, random), transition, reward, gamma);
  }

  /** A policy drawn uniformly from the simplex of each state, [S][A]. */
  double[][] randomPolicy(RandomGenerator random) {
    double[][] policy = new double[states()][];
    for (int s = 0; s < policy.length; s++) {
      policy[s] = simplex(actions(), random);
    }
    return policy;
  }

  /** The policy that gives every action the same probability, [S][A]. */
  public double[][] uniformPolicy() {
    double[][] policy = new double[states()][actions()];
    for (double[] row : policy) {
      Arrays.fill(row, 1.0 / actions());
    }
    return policy;
  }

  private static double[] simplex(int n, RandomGenerator random) {
    double[] p = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      p[i] = random.nextExponential();
      sum += p[i];
    }
    for (int i = 0; i < n; i++) {
      p[i] /= sum;
    }
    return p;
  }

  /** r(s, a) + γ Σ_s′ P(s′|s, a) V(s′). */
  double backup(int s, int a, double[] values) {
    double next = 0;
    for (int t = 0; t < values.length; t++) {
      next += transition[s][a][t] * values[t];
    }
    return reward[s][a] + gamma * next;
  }

  /** {@link #backup(int, int, double[])} of every state and action, [S][A]. */
  double[][] backup(double[] values) {
    double[][] q = new double[states()][actions()];
    for (int s = 0; s < q.length; s++) {
      for (int a = 0; a < q[s].length; a++) {
        q[s][a] = backup(s, a, values);
      }
    }
    return q;
  }
}
