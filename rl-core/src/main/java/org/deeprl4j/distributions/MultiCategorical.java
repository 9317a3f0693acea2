package org.deeprl4j.distributions;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Independent choices, factor i one of n_i: z are the factors' logits side by side [B, Σ n_i],
 * actions their indices [B, factors]. Log-probability, entropy and KL are sums over the factors,
 * each as in {@link Categorical}; −∞ forbids a choice. Instances keep scratch and belong to one
 * thread.
 */
final class MultiCategorical implements ActionDistribution {
  private final int[] counts;
  private final int width;
  private final double[] first;
  private final double[] second;

  /**
   * The family over {0, …, n_1 − 1} × {0, …, n_2 − 1} × ….
   *
   * @param counts n_i, each in [1, 2²⁴], at least one
   */
  public MultiCategorical(int... counts) {
    if (counts.length == 0) {
      throw new IllegalArgumentException("counts must have at least one element");
    }
    long sum = 0;
    int most = 0;
    for (int n : counts) {
      if (n < 1 || n > Categorical.MOST_ACTIONS) {
        throw new IllegalArgumentException(
            "each count must be in [1, " + Categorical.MOST_ACTIONS + "], not " + n);
      }
      sum += n;
      most = Math.max(most, n);
    }
    this.counts = counts.clone();
    width = Math.toIntExact(sum);
    first = new double[most];
    second = new double[most];
  }

  @Override
  public int parameterSize() {
    return width;
  }

  @Override
  public int actionSize() {
    return counts.length;
  }

  @Override
  public void sample(float[] z, int rows, RandomGenerator random, float[] actions) {
    for (int b = 0, at = 0, a = 0; b < rows; b++) {
      for (int n : counts) {
        actions[a++] = Categorical.sample(z, at, n, random.nextDouble(), first);
        at += n;
      }
    }
  }

  @Override
  public void mode(float[] z, int rows, float[] actions) {
    for (int b = 0, at = 0, a = 0; b < rows; b++) {
      for (int n : counts) {
        actions[a++] = Categorical.mode(z, at, n);
        at += n;
      }
    }
  }

  @Override
  public void logProb(float[] z, float[] actions, int rows, float[] out) {
    for (int b = 0, at = 0, a = 0; b < rows; b++) {
      double sum = 0;
      for (int n : counts) {
        sum += Categorical.logProb(z, at, n, Categorical.index(actions[a++], n));
        at += n;
      }
      out[b] = (float) sum;
    }
  }

  @Override
  public void addLogProbGradient(
      float[] z, float[] actions, int rows, float[] weight, float[] gradient) {
    for (int b = 0, at = 0, a = 0; b < rows; b++) {
      for (int n : counts) {
        int action = Categorical.index(actions[a++], n);
        Categorical.addLogProbGradient(z, at, n, action, weight[b], gradient, first);
        at += n;
      }
    }
  }

  @Override
  public void entropy(float[] z, int rows, float[] out) {
    for (int b = 0, at = 0; b < rows; b++) {
      double sum = 0;
      for (int n : counts) {
        sum += Categorical.entropy(z, at, n);
        at += n;
      }
      out[b] = (float) sum;
    }
  }

  @Override
  public void addEntropyGradient(float[] z, int rows, float[] weight, float[] gradient) {
    for (int b = 0, at = 0; b < rows; b++) {
      for (int n : counts) {
        Categorical.addEntropyGradient(z, at, n, weight[b], gradient, first);
        at += n;
      }
    }
  }

  @Override
  public void kl(float[] p, float[] q, int rows, float[] out) {
    for (int b = 0, at = 0; b < rows; b++) {
      double sum = 0;
      for (int n : counts) {
        sum += Categorical.kl(p, q, at, n);
        at += n;
      }
      out[b] = (float) sum;
    }
  }

  @Override
  public void addKlGradient(float[] p, float[] q, int rows, float[] weight, float[] gradient) {
    for (int b = 0, at = 0; b < rows; b++) {
      for (int n : counts) {
        Categorical.addKlGradient(p, q, at, n, weight[b], gradient, first, second);
        at += n;
      }
    }
  }

  @Override
  public void fisherProduct(float[] z, float[] v, int rows, float[] out) {
    for (int b = 0, at = 0; b < rows; b++) {
      for (int n : counts) {
        Categorical.fisherProduct(z, v, at, n, out, first);
        at += n;
      }
    }
  }

  @Override
  public String toString() {
    return "MultiCategorical" + Arrays.toString(counts);
  }
}
