package org.deeprl4j.distributions;

import java.util.random.RandomGenerator;

/**
 * Independent coins, a_i = 1 with probability p_i = 1/(1 + exp(−z_i)) and 0 otherwise: z are logits
 * [B, n], actions zeros and ones [B, n]. Logits of any size, ±∞ too, are safe: everything follows
 * from exp(−|z|).
 */
final class Bernoulli implements ActionDistribution {
  private final int n;

  /**
   * The family over {0, 1}ⁿ.
   *
   * @param n the number of coins, ≥ 1
   */
  public Bernoulli(int n) {
    if (n < 1) {
      throw new IllegalArgumentException("a Bernoulli needs at least 1 component, not " + n);
    }
    this.n = n;
  }

  @Override
  public int parameterSize() {
    return n;
  }

  @Override
  public int actionSize() {
    return n;
  }

  @Override
  public void sample(float[] z, int rows, RandomGenerator random, float[] actions) {
    for (int i = 0; i < rows * n; i++) {
      if (Float.isNaN(z[i])) {
        throw new IllegalArgumentException("cannot sample: logit " + i + " is NaN");
      }
      actions[i] = random.nextDouble() < sigmoid(z[i]) ? 1 : 0;
    }
  }

  @Override
  public void mode(float[] z, int rows, float[] actions) {
    for (int i = 0; i < rows * n; i++) {
      actions[i] = z[i] > 0 ? 1 : 0;
    }
  }

  @Override
  public void logProb(float[] z, float[] actions, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      double sum = 0;
      double product = 1;
      for (int i = b * n; i < (b + 1) * n; i++) {
        // log p(a) = −max(∓z, 0) − log(1 + exp(−|z|)); the logarithms are taken of their product.
        sum -= Math.max(one(actions[i]) ? -z[i] : z[i], 0);
        product *= 1 + Math.exp(-Math.abs(z[i]));
        if (product > 1e200) {
          sum -= Math.log(product);
          product = 1;
        }
      }
      out[b] = (float) (sum - Math.log(product));
    }
  }

  /** {@inheritDoc} ∂ log π/∂z = a − p. */
  @Override
  public void addLogProbGradient(
      float[] z, float[] actions, int rows, float[] weight, float[] gradient) {
    for (int b = 0; b < rows; b++) {
      for (int i = b * n; i < (b + 1) * n; i++) {
        gradient[i] += (float) (weight[b] * ((one(actions[i]) ? 1 : 0) - sigmoid(z[i])));
      }
    }
  }

  @Override
  public void entropy(float[] z, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      double sum = 0;
      for (int i = b * n; i < (b + 1) * n; i++) {
        double e = Math.exp(-Math.abs(z[i]));
        sum += Math.log(1 + e) + (e == 0 ? 0 : Math.abs(z[i]) * e / (1 + e));
      }
      out[b] = (float) sum;
    }
  }

  /** {@inheritDoc} ∂H/∂z = −z·p·(1 − p). */
  @Override
  public void addEntropyGradient(float[] z, int rows, float[] weight, float[] gradient) {
    for (int b = 0; b < rows; b++) {
      for (int i = b * n; i < (b + 1) * n; i++) {
        double variance = variance(z[i]);
        if (variance != 0) {
          gradient[i] -= (float) (weight[b] * z[i] * variance);
        }
      }
    }
  }

  @Override
  public void kl(float[] p, float[] q, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      double sum = 0;
      for (int i = b * n; i < (b + 1) * n; i++) {
        double ep = Math.exp(-Math.abs(p[i]));
        double eq = Math.exp(-Math.abs(q[i]));
        double logRatio = Math.log((1 + eq) / (1 + ep)); // of the normalisers
        double one = sigmoid(p[i], ep);
        double zero = sigmoid(-p[i], ep);
        if (one > 0) {
          sum += one * (Math.max(-q[i], 0) - Math.max(-p[i], 0) + logRatio);
        }
        if (zero > 0) {
          sum += zero * (Math.max(q[i], 0) - Math.max(p[i], 0) + logRatio);
        }
      }
      out[b] = (float) Math.max(0, sum);
    }
  }

  /** {@inheritDoc} ∂KL/∂q = p(q) − p(p). */
  @Override
  public void addKlGradient(float[] p, float[] q, int rows, float[] weight, float[] gradient) {
    for (int b = 0; b < rows; b++) {
      for (int i = b * n; i < (b + 1) * n; i++) {
        gradient[i] += (float) (weight[b] * (sigmoid(q[i]) - sigmoid(p[i])));
      }
    }
  }

  /** {@inheritDoc} F = diag(p·(1 − p)). */
  @Override
  public void fisherProduct(float[] z, float[] v, int rows, float[] out) {
    for (int i = 0; i < rows * n; i++) {
      out[i] = (float) (v[i] * variance(z[i]));
    }
  }

  @Override
  public String toString() {
    return "Bernoulli(" + n + ")";
  }

  private static boolean one(float action) {
    if (action != 0 && action != 1) {
      throw new IllegalArgumentException("an action must be 0 or 1, not " + action);
    }
    return action == 1;
  }

  private static double sigmoid(float z) {
    return sigmoid(z, Math.exp(-Math.abs(z)));
  }

  /** 1/(1 + exp(−z)), given exp(−|z|). */
  private static double sigmoid(float z, double e) {
    return (z >= 0 ? 1 : e) / (1 + e);
  }

  private static double variance(float z) {
    double e = Math.exp(-Math.abs(z));
    return e / ((1 + e) * (1 + e));
  }
}
