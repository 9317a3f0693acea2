package org.deeprl4j.distributions;

import java.util.random.RandomGenerator;

/**
 * One of n actions, π(k; z) = exp(z_k) / Σ_j exp(z_j); z are the logits [B, n] and an action is its
 * index as a float [B, 1].
 *
 * <p>Everything is computed after the largest logit of the row is subtracted, in double, so that
 * logits of any finite size are safe. A logit of −∞ forbids its action: probability 0, no gradient,
 * the rest renormalised. Such logits are how action masks reach losses. Instances keep scratch and
 * belong to one thread.
 */
public final class Categorical implements ActionDistribution {
  /** Beyond 2²⁴ a float no longer holds every index. */
  static final int MOST_ACTIONS = 1 << 24;

  private final int n;
  private final double[] first;
  private final double[] second;

  /**
   * The family over {0, …, n − 1}.
   *
   * @param n the number of actions, in [1, 2²⁴]
   */
  public Categorical(int n) {
    if (n < 1 || n > MOST_ACTIONS) {
      throw new IllegalArgumentException(
          "a categorical distribution needs 1 to " + MOST_ACTIONS + " actions, not " + n);
    }
    this.n = n;
    first = new double[n];
    second = new double[n];
  }

  @Override
  public int parameterSize() {
    return n;
  }

  @Override
  public int actionSize() {
    return 1;
  }

  /** {@inheritDoc} By inverting the distribution function: one uniform number per row. */
  @Override
  public void sample(float[] z, int rows, RandomGenerator random, float[] actions) {
    for (int b = 0; b < rows; b++) {
      actions[b] = sample(z, b * n, n, random.nextDouble(), first);
    }
  }

  @Override
  public void mode(float[] z, int rows, float[] actions) {
    for (int b = 0; b < rows; b++) {
      actions[b] = mode(z, b * n, n);
    }
  }

  @Override
  public void logProb(float[] z, float[] actions, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      out[b] = (float) logProb(z, b * n, n, index(actions[b], n));
    }
  }

  /** {@inheritDoc} ∂ log π(a)/∂z_k = 1{k = a} − π(k). */
  @Override
  public void addLogProbGradient(
      float[] z, float[] actions, int rows, float[] weight, float[] gradient) {
    for (int b = 0; b < rows; b++) {
      addLogProbGradient(z, b * n, n, index(actions[b], n), weight[b], gradient, first);
    }
  }

  /** {@inheritDoc} H = log Σ_j exp(z_j) − Σ_k π(k)·z_k. */
  @Override
  public void entropy(float[] z, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      out[b] = (float) entropy(z, b * n, n);
    }
  }

  /** {@inheritDoc} ∂H/∂z_k = −π(k)·(log π(k) + H). */
  @Override
  public void addEntropyGradient(float[] z, int rows, float[] weight, float[] gradient) {
    for (int b = 0; b < rows; b++) {
      addEntropyGradient(z, b * n, n, weight[b], gradient, first);
    }
  }

  /** {@inheritDoc} Infinite where q forbids an action that p allows. */
  @Override
  public void kl(float[] p, float[] q, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      out[b] = (float) kl(p, q, b * n, n);
    }
  }

  /** {@inheritDoc} ∂KL/∂q_k = π(k; q) − π(k; p). */
  @Override
  public void addKlGradient(float[] p, float[] q, int rows, float[] weight, float[] gradient) {
    for (int b = 0; b < rows; b++) {
      addKlGradient(p, q, b * n, n, weight[b], gradient, first, second);
    }
  }

  /** {@inheritDoc} F = diag(π) − ππᵀ. */
  @Override
  public void fisherProduct(float[] z, float[] v, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      fisherProduct(z, v, b * n, n, out, first);
    }
  }

  /**
   * log π of every action of one row.
   *
   * @param z logits, [rows, n]; not modified
   * @param out receives [n]. Modified.
   */
  public void logProbs(float[] z, int row, double[] out) {
    int at = row * n;
    double most = max(z, at, n);
    double sum = 0;
    for (int k = 0; k < n; k++) {
      sum += Math.exp(z[at + k] - most);
    }
    double shift = most + Math.log(sum);
    for (int k = 0; k < n; k++) {
      out[k] = z[at + k] - shift;
    }
  }

  /**
   * Forbids what other logits forbid: z_i becomes −∞ where theirs is.
   *
   * @param others [count]; not modified
   * @param z [count]. Modified.
   */
  public static void forbidAs(float[] others, float[] z, int count) {
    for (int i = 0; i < count; i++) {
      if (others[i] == Float.NEGATIVE_INFINITY) {
        z[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /**
   * Draws one of the actions whose logits or values {@code z[at .. at + n)} are not −∞, each with
   * the same probability, by one number of the generator.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static int uniform(float[] z, int at, int n, RandomGenerator random) {
    int allowed = 0;
    for (int k = 0; k < n; k++) {
      allowed += z[at + k] == Float.NEGATIVE_INFINITY ? 0 : 1;
    }
    if (allowed == 0) {
      throw new IllegalArgumentException("cannot draw an action: all are forbidden");
    }
    int left = random.nextInt(allowed);
    int k = 0;
    while (z[at + k] == Float.NEGATIVE_INFINITY || left-- > 0) {
      k++;
    }
    return k;
  }

  @Override
  public String toString() {
    return "Categorical(" + n + ")";
  }

  // One softmax over z[at .. at + n), shared with MultiCategorical. Scratch arrays hold at least n.

  static int index(float action, int n) {
    int k = (int) action;
    if (k < 0 || k >= n || k != action) {
      throw new IllegalArgumentException(
          "an action must be an index in [0, " + n + "), not " + action);
    }
    return k;
  }

  static int sample(float[] z, int at, int n, double uniform, double[] e) {
    double sum = exponentials(z, at, n, e);
    if (!(sum < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "cannot sample: the logits from element " + at + " on hold NaN or +∞, or are all −∞");
    }
    double rest = uniform * sum;
    int last = 0;
    for (int k = 0; k < n; k++) {
      if (e[k] > 0) {
        last = k;
        rest -= e[k];
        if (rest < 0) {
          break;
        }
      }
    }
    return last; // the last possible action where rounding left a remainder
  }

  static int mode(float[] z, int at, int n) {
    int best = 0;
    for (int k = 1; k < n; k++) {
      if (z[at + k] > z[at + best]) {
        best = k;
      }
    }
    return best;
  }

  static double logProb(float[] z, int at, int n, int action) {
    double max = max(z, at, n);
    double sum = 0;
    for (int k = 0; k < n; k++) {
      sum += Math.exp(z[at + k] - max);
    }
    return z[at + action] - max - Math.log(sum);
  }

  static void addLogProbGradient(
      float[] z, int at, int n, int action, double weight, float[] gradient, double[] e) {
    double scale = -weight / exponentials(z, at, n, e);
    for (int k = 0; k < n; k++) {
      gradient[at + k] += (float) (scale * e[k] + (k == action ? weight : 0));
    }
  }

  static double entropy(float[] z, int at, int n) {
    double max = max(z, at, n);
    double sum = 0;
    double weighted = 0;
    for (int k = 0; k < n; k++) {
      double d = z[at + k] - max;
      double e = Math.exp(d);
      sum += e;
      weighted += e == 0 ? 0 : e * d;
    }
    return Math.log(sum) - weighted / sum;
  }

  static void addEntropyGradient(
      float[] z, int at, int n, double weight, float[] gradient, double[] e) {
    double max = max(z, at, n);
    double sum = 0;
    double weighted = 0;
    for (int k = 0; k < n; k++) {
      double d = z[at + k] - max;
      e[k] = Math.exp(d);
      sum += e[k];
      weighted += e[k] == 0 ? 0 : e[k] * d;
    }
    // log π(k) + H = (z_k − max) − Σ π(j)(z_j − max): the logarithm of the sum cancels.
    double mean = weighted / sum;
    double scale = -weight / sum;
    for (int k = 0; k < n; k++) {
      if (e[k] != 0) {
        gradient[at + k] += (float) (scale * e[k] * (z[at + k] - max - mean));
      }
    }
  }

  static double kl(float[] p, float[] q, int at, int n) {
    double maxP = max(p, at, n);
    double maxQ = max(q, at, n);
    double sumP = 0;
    double sumQ = 0;
    double weighted = 0;
    for (int k = 0; k < n; k++) {
      double dp = p[at + k] - maxP;
      double dq = q[at + k] - maxQ;
      double e = Math.exp(dp);
      sumP += e;
      sumQ += Math.exp(dq);
      weighted += e == 0 ? 0 : e * (dp - dq);
    }
    return Math.max(0, weighted / sumP - Math.log(sumP / sumQ));
  }

  static void addKlGradient(
      float[] p,
      float[] q,
      int at,
      int n,
      double weight,
      float[] gradient,
      double[] ep,
      double[] eq) {
    double scaleP = weight / exponentials(p, at, n, ep);
    double scaleQ = weight / exponentials(q, at, n, eq);
    for (int k = 0; k < n; k++) {
      gradient[at + k] += (float) (scaleQ * eq[k] - scaleP * ep[k]);
    }
  }

  static void fisherProduct(float[] z, float[] v, int at, int n, float[] out, double[] e) {
    double sum = exponentials(z, at, n, e);
    double mean = 0;
    for (int k = 0; k < n; k++) {
      mean += e[k] * v[at + k];
    }
    mean /= sum;
    for (int k = 0; k < n; k++) {
      out[at + k] = (float) (e[k] / sum * (v[at + k] - mean));
    }
  }

  /** Fills e with exp(z_k − max z) and returns its sum. */
  private static double exponentials(float[] z, int at, int n, double[] e) {
    double max = max(z, at, n);
    double sum = 0;
    for (int k = 0; k < n; k++) {
      e[k] = Math.exp(z[at + k] - max);
      sum += e[k];
    }
    return sum;
  }

  private static float max(float[] z, int at, int n) {
    float max = z[at];
    for (int k = 1; k < n; k++) {
      max = Math.max(max, z[at + k]);
    }
    return max;
  }
}
