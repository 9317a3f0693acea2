package org.deeprl4j.distributions;

import java.util.random.RandomGenerator;

/**
 * A Gaussian squashed into (−1, 1)ⁿ: a = tanh(u), u_i ~ N(μ_i, σ_i²), z = [μ_1 … μ_n | log σ_1 …
 * log σ_n] with log σ clamped to [−20, 2] and no gradient beyond (Haarnoja et al. 2018, "Soft
 * actor-critic algorithms and applications", appendix C).
 *
 * <p>log π(a) = log N(u; μ, σ) − Σ_i log(1 − tanh² u_i), where the correction is computed as 2(log
 * 2 − u − softplus(−2u)) = 2(log 2 − |u| − log(1 + exp(−2|u|))), which is exact where 1 − tanh² u
 * rounds to 0.
 *
 * <p>The pre-squash u is known when the action was sampled here, {@link #rsample}; {@link #logProb}
 * recovers it as artanh(a), for which actions at or beyond ±(1 − 2⁻²³) count as lying there: |u| ≤
 * 8.3. The entropy has no closed form and is not offered: −log π of a sample estimates it, and the
 * reparameterised gradient of log π is the estimate's gradient. KL and Fisher information are those
 * of the underlying Gaussians, which an invertible map of the action leaves as they are.
 *
 * <p>Computed in double. Instances keep scratch and belong to one thread.
 */
public final class TanhGaussian implements ActionDistribution {
  private static final float LEAST_LOG_STD = -20;
  private static final float MOST_LOG_STD = 2;
  private static final double LOG_2 = Math.log(2);
  private static final double LARGEST_ACTION = 1 - 0x1p-23;

  private final int n;
  private final DiagonalGaussian base;
  private float[] preSquash = new float[0];

  /**
   * The family over (−1, 1)ⁿ.
   *
   * @param n the number of action components, ≥ 1
   */
  public TanhGaussian(int n) {
    this(n, new DiagonalGaussian(n, LEAST_LOG_STD, MOST_LOG_STD));
  }

  private TanhGaussian(int n, DiagonalGaussian base) {
    this.n = n;
    this.base = base;
  }

  /**
   * The family over (−1, 1)ⁿ without bounds on log σ, for a σ that is computed rather than learned
   * itself, such as that of {@link StateDependentGaussian}: what learns it keeps its gradient
   * however large σ has become, and σ is the one that acts.
   *
   * @param n the number of action components, ≥ 1
   */
  public static TanhGaussian unclamped(int n) {
    return new TanhGaussian(n, new DiagonalGaussian(n));
  }

  @Override
  public int parameterSize() {
    return 2 * n;
  }

  @Override
  public int actionSize() {
    return n;
  }

  @Override
  public void sample(float[] z, int rows, RandomGenerator random, float[] actions) {
    base.sample(z, rows, random, actions);
    squash(actions, rows * n);
  }

  /** {@inheritDoc} Here tanh(μ), which is the median and not the mode of the squashed density. */
  @Override
  public void mode(float[] z, int rows, float[] actions) {
    base.mode(z, rows, actions);
    squash(actions, rows * n);
  }

  /**
   * Draws actions as a differentiable function of z: u = μ + σε, a = tanh(u), and log π(a; z) on
   * the way.
   *
   * @param z [B, 2n]
   * @param eps standard normal draws [B, n], for instance from {@code Rng.fillGaussian}
   * @param actions receives a [B, n]. Modified.
   * @param preSquash receives u [B, n]. Modified.
   * @param logProb receives log π(a; z) [B]. Modified.
   */
  public void rsample(
      float[] z, int rows, float[] eps, float[] actions, float[] preSquash, float[] logProb) {
    for (int b = 0; b < rows; b++) {
      int at = 2 * n * b;
      double[] inv = base.inverses(z, at + n);
      double sum = -n * (DiagonalGaussian.HALF_LOG_2_PI + 2 * LOG_2);
      double product = 1;
      for (int i = 0; i < n; i++) {
        double noise = eps[n * b + i];
        double u = z[at + i] + noise / inv[i];
        // e = exp(−2|u|) gives both tanh u and the correction.
        double magnitude = Math.abs(u);
        double e = Math.exp(-2 * magnitude);
        preSquash[n * b + i] = (float) u;
        actions[n * b + i] = (float) Math.copySign((1 - e) / (1 + e), u);
        sum += 2 * magnitude - 0.5 * noise * noise - base.logStd(z[at + n + i]);
        product *= 1 + e;
        if (product > 1e150) { // one logarithm for very many components
          sum += 2 * Math.log(product);
          product = 1;
        }
      }
      logProb[b] = (float) (sum + 2 * Math.log(product));
    }
  }

  /**
   * The gradient through {@link #rsample}: with L_b = g_b·a_b + w_b·log π(a_b; z_b) and ε held,
   * gradient[b, ·] += ∂L_b/∂z_b, where
   *
   * <pre>
   *   ∂L/∂μ_i     = g_i·(1 − a_i²) + 2·w·a_i
   *   ∂L/∂log σ_i = σ_i·ε_i·∂L/∂μ_i − w
   * </pre>
   *
   * <p>(SAC's policy loss has g = −∂Q/∂a and w = α, each divided by the batch size.)
   *
   * @param z [B, 2n], as given to {@link #rsample}
   * @param eps [B, n], as given there
   * @param actions [B, n], as received there
   * @param actionGradient g = ∂L/∂a where log π is held [B, n]
   * @param logProbWeight w [B]
   * @param gradient [B, 2n]. Modified.
   */
  public void addReparameterizedGradient(
      float[] z,
      float[] eps,
      float[] actions,
      int rows,
      float[] actionGradient,
      float[] logProbWeight,
      float[] gradient) {
    for (int b = 0; b < rows; b++) {
      int at = 2 * n * b;
      double w = logProbWeight[b];
      double[] inv = base.inverses(z, at + n);
      for (int i = 0; i < n; i++) {
        double a = actions[n * b + i];
        double g = actionGradient[n * b + i] * (1 - a * a) + 2 * w * a;
        gradient[at + i] += (float) g;
        if (base.free(z[at + n + i])) {
          gradient[at + n + i] += (float) (g * eps[n * b + i] / inv[i] - w);
        }
      }
    }
  }

  @Override
  public void logProb(float[] z, float[] actions, int rows, float[] out) {
    base.logProb(z, unsquash(actions, rows * n), rows, out);
    for (int b = 0; b < rows; b++) {
      double sum = 0;
      for (int i = n * b; i < n * (b + 1); i++) {
        double u = Math.abs(preSquash[i]);
        sum += 2 * (LOG_2 - u - Math.log(1 + Math.exp(-2 * u)));
      }
      out[b] -= (float) sum;
    }
  }

  /** {@inheritDoc} The action is held, so the correction has no part in it. */
  @Override
  public void addLogProbGradient(
      float[] z, float[] actions, int rows, float[] weight, float[] gradient) {
    base.addLogProbGradient(z, unsquash(actions, rows * n), rows, weight, gradient);
  }

  @Override
  public void kl(float[] p, float[] q, int rows, float[] out) {
    base.kl(p, q, rows, out);
  }

  @Override
  public void addKlGradient(float[] p, float[] q, int rows, float[] weight, float[] gradient) {
    base.addKlGradient(p, q, rows, weight, gradient);
  }

  @Override
  public void fisherProduct(float[] z, float[] v, int rows, float[] out) {
    base.fisherProduct(z, v, rows, out);
  }

  @Override
  public String toString() {
    return "TanhGaussian(" + n + ")";
  }

  /**
   * tanh of the first {@code count} values.
   *
   * @param values Modified.
   */
  public static void squash(float[] values, int count) {
    for (int i = 0; i < count; i++) {
      double e = Math.exp(-2 * Math.abs((double) values[i]));
      values[i] = (float) Math.copySign((1 - e) / (1 + e), values[i]);
    }
  }

  /** artanh of the actions, in scratch. */
  private float[] unsquash(float[] actions, int count) {
    if (preSquash.length < count) {
      preSquash = new float[count];
    }
    for (int i = 0; i < count; i++) {
      double a = Math.max(-LARGEST_ACTION, Math.min(LARGEST_ACTION, actions[i]));
      preSquash[i] = (float) (0.5 * Math.log((1 + a) / (1 - a)));
    }
    return preSquash;
  }
}
