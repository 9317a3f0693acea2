package org.deeprl4j.distributions;

import java.util.random.RandomGenerator;

/**
 * A family of action distributions π(a; z), a pure function of the network's output z. Every array
 * is row-major with one row a state: z {@code [B, parameterSize]}, actions {@code [B, actionSize]},
 * results {@code [B]}. Arguments are not modified unless said; arrays may be longer than needed.
 *
 * <p>Gradients are those of one number per row with respect to that row's z, times a weight per
 * row, <em>added</em> to the output array: a loss is a sum of such terms.
 */
public interface ActionDistribution {

  /** Columns of z. */
  int parameterSize();

  /** Floats in one action. */
  int actionSize();

  /**
   * Draws a ~ π(·; z).
   *
   * @param actions receives the draws. Modified.
   */
  void sample(float[] z, int rows, RandomGenerator random, float[] actions);

  /**
   * The most probable action (for a squashed Gaussian the squashed mean, as is usual).
   *
   * @param actions receives the modes. Modified.
   */
  void mode(float[] z, int rows, float[] actions);

  /**
   * log π(a; z).
   *
   * @param out receives [B]. Modified.
   */
  void logProb(float[] z, float[] actions, int rows, float[] out);

  /**
   * gradient[b, ·] += weight[b] · ∂ log π(a_b; z_b) / ∂z_b.
   *
   * @param gradient [B, parameterSize]. Modified.
   */
  void addLogProbGradient(float[] z, float[] actions, int rows, float[] weight, float[] gradient);

  /**
   * The entropy H(π(·; z)), in nats.
   *
   * @param out receives [B]. Modified.
   * @throws UnsupportedOperationException if it has no closed form
   */
  default void entropy(float[] z, int rows, float[] out) {
    throw noEntropy();
  }

  /**
   * gradient[b, ·] += weight[b] · ∂H(z_b)/∂z_b.
   *
   * @param gradient [B, parameterSize]. Modified.
   * @throws UnsupportedOperationException if the entropy has no closed form
   */
  default void addEntropyGradient(float[] z, int rows, float[] weight, float[] gradient) {
    throw noEntropy();
  }

  private UnsupportedOperationException noEntropy() {
    return new UnsupportedOperationException(
        "the entropy of a %s has no closed form; −log π of a sample estimates it".formatted(this));
  }

  /**
   * KL(π(·; p) ‖ π(·; q)) ≥ 0, in nats.
   *
   * @param out receives [B]. Modified.
   */
  void kl(float[] p, float[] q, int rows, float[] out);

  /**
   * gradient[b, ·] += weight[b] · ∂KL(p_b ‖ q_b)/∂q_b.
   *
   * @param gradient [B, parameterSize]. Modified.
   */
  void addKlGradient(float[] p, float[] q, int rows, float[] weight, float[] gradient);

  /**
   * The Fisher information of z times a vector, out_b = F(z_b)·v_b: the Hessian of KL(z ‖ ·) at z.
   *
   * @param v [B, parameterSize]
   * @param out receives [B, parameterSize]. Modified.
   */
  void fisherProduct(float[] z, float[] v, int rows, float[] out);
}
