package org.deeprl4j.distributions;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * Generalised state-dependent exploration (Raffin et al. 2022, "Smooth exploration for robotic
 * reinforcement learning", section 3): the noise of an action is a linear function of features φ(s)
 * of the state,
 *
 * <pre>
 * a = μ(s) + Θ φ(s),   Θ_jk ~ N(0, σ_jk²),
 * </pre>
 *
 * <p>so that π(a|s) is Gaussian with variances s_j² = Σ_k σ_jk² φ_k(s)² + 10⁻⁶, and noise that is
 * held for several steps makes smooth motions. z = [μ (n) | φ (F) | log σ (n·F, by component)].
 *
 * <p>{@link #sample} draws a new Θ for every row; {@link #explore} uses the Θ of the last {@link
 * #resample}, which is what is saved. Instances keep scratch and belong to one thread.
 */
public final class StateDependentGaussian implements ActionDistribution, Stateful {
  /** Keeps variances positive where all features are 0; Stable-Baselines3's. */
  private static final double LEAST_VARIANCE = 1e-6;

  private final int n;
  private final int features;
  private final boolean learnFeatures;
  private final DiagonalGaussian gaussian;
  private float[] gaussianZ = new float[0]; // [μ | log s]
  private float[] gaussianQ = new float[0];
  private float[] gaussianV = new float[0];
  private float[] noise = new float[0]; // standard normal, [rows, n, F]

  // σ² of the last row seen: all rows usually share them.
  private final float[] knownLogStd;
  private final double[] squares;

  /**
   * The family over ℝⁿ.
   *
   * @param n the number of action components, ≥ 1
   * @param features F, the number of features, ≥ 1
   * @param learnFeatures whether gradients of the variance reach φ; the paper's PPO does without
   */
  public StateDependentGaussian(int n, int features, boolean learnFeatures) {
    if (features < 1) {
      throw new IllegalArgumentException(
          "state-dependent exploration needs at least 1 feature, not " + features);
    }
    this.n = n;
    this.features = features;
    this.learnFeatures = learnFeatures;
    gaussian = new DiagonalGaussian(n);
    knownLogStd = new float[Math.multiplyExact(n, features)];
    squares = new double[knownLogStd.length];
    Arrays.fill(knownLogStd, Float.NaN);
  }

  @Override
  public int parameterSize() {
    return n + features + n * features;
  }

  @Override
  public int actionSize() {
    return n;
  }

  /** Draws the noise matrices that {@link #explore} uses from now on, one for each row. */
  public void resample(int rows, RandomGenerator random) {
    int size = rows * n * features;
    if (noise.length != size) {
      noise = new float[size];
    }
    for (int i = 0; i < size; i++) {
      noise[i] = (float) random.nextGaussian();
    }
  }

  /**
   * a = μ + Θφ with the noise of the last {@link #resample}.
   *
   * @param actions receives [rows, n]. Modified.
   * @throws IllegalStateException if that was for another number of rows
   */
  public void explore(float[] z, int rows, float[] actions) {
    if (noise.length != rows * n * features) {
      throw new IllegalStateException("resample for " + rows + " rows before exploring with them");
    }
    for (int b = 0; b < rows; b++) {
      int at = b * parameterSize();
      double[] variance = squares(z, at + n + features);
      for (int j = 0; j < n; j++) {
        double sum = z[at + j];
        for (int k = 0; k < features; k++) {
          int i = j * features + k;
          sum += Math.sqrt(variance[i]) * noise[b * n * features + i] * z[at + n + k];
        }
        actions[b * n + j] = (float) sum;
      }
    }
  }

  @Override
  public void sample(float[] z, int rows, RandomGenerator random, float[] actions) {
    gaussian.sample(gaussian(z, rows), rows, random, actions);
  }

  @Override
  public void mode(float[] z, int rows, float[] actions) {
    for (int b = 0; b < rows; b++) {
      System.arraycopy(z, b * parameterSize(), actions, b * n, n);
    }
  }

  @Override
  public void logProb(float[] z, float[] actions, int rows, float[] out) {
    gaussian.logProb(gaussian(z, rows), actions, rows, out);
  }

  @Override
  public void addLogProbGradient(
      float[] z, float[] actions, int rows, float[] weight, float[] gradient) {
    float[] inner = cleared(rows);
    gaussian.addLogProbGradient(gaussian(z, rows), actions, rows, weight, inner);
    addGaussianGradient(z, inner, rows, gradient);
  }

  @Override
  public void entropy(float[] z, int rows, float[] out) {
    gaussian.entropy(gaussian(z, rows), rows, out);
  }

  @Override
  public void addEntropyGradient(float[] z, int rows, float[] weight, float[] gradient) {
    float[] inner = cleared(rows);
    gaussian.addEntropyGradient(gaussian(z, rows), rows, weight, inner);
    addGaussianGradient(z, inner, rows, gradient);
  }

  @Override
  public void kl(float[] p, float[] q, int rows, float[] out) {
    gaussian.kl(gaussian(p, rows), otherGaussianOf(q, rows), rows, out);
  }

  @Override
  public void addKlGradient(float[] p, float[] q, int rows, float[] weight, float[] gradient) {
    float[] inner = cleared(rows);
    gaussian.addKlGradient(gaussian(p, rows), otherGaussianOf(q, rows), rows, weight, inner);
    addGaussianGradient(q, inner, rows, gradient);
  }

  /** {@inheritDoc} F = JᵀGJ, J = ∂(μ, log s)/∂z and G the Gaussian's own. */
  @Override
  public void fisherProduct(float[] z, float[] v, int rows, float[] out) {
    float[] inner = gaussian(z, rows);
    float[] moved = cleared(rows);
    int size = parameterSize();
    for (int b = 0; b < rows; b++) {
      int at = b * size;
      double[] variance = squares(z, at + n + features);
      for (int j = 0; j < n; j++) {
        moved[b * 2 * n + j] = v[at + j];
        double scale = Math.exp(-2.0 * inner[b * 2 * n + n + j]);
        double sum = 0;
        for (int k = 0; k < features; k++) {
          int i = j * features + k;
          double share = variance[i] * z[at + n + k] * scale;
          sum += share * z[at + n + k] * v[at + n + features + i];
          sum += learnFeatures ? share * v[at + n + k] : 0;
        }
        moved[b * 2 * n + n + j] = (float) sum;
      }
    }
    gaussianQ = grown(gaussianQ, rows);
    gaussian.fisherProduct(inner, moved, rows, gaussianQ);
    Arrays.fill(out, 0, rows * size, 0);
    addGaussianGradient(z, gaussianQ, rows, out);
  }

  /**
   * Carries a gradient by the parameters of {@link #gaussian} on to z: gradient += Jᵀ inner, with
   * ∂log s_j/∂log σ_jk = σ_jk²φ_k²/s_j² and, where features learn, ∂log s_j/∂φ_k = σ_jk²φ_k/s_j².
   *
   * @param z [rows, parameterSize]; not modified
   * @param inner the gradient by [μ | log s], [rows, 2n]; not modified
   * @param gradient the gradient by z, [rows, parameterSize]. Modified.
   */
  public void addGaussianGradient(float[] z, float[] inner, int rows, float[] gradient) {
    int size = parameterSize();
    for (int b = 0; b < rows; b++) {
      int at = b * size;
      double[] variance = squares(z, at + n + features);
      for (int j = 0; j < n; j++) {
        gradient[at + j] += inner[b * 2 * n + j];
        double slope = inner[b * 2 * n + n + j] / variance(z, at, j, variance);
        for (int k = 0; k < features; k++) {
          int i = j * features + k;
          double share = slope * variance[i] * z[at + n + k];
          gradient[at + n + features + i] += (float) (share * z[at + n + k]);
          if (learnFeatures) {
            gradient[at + n + k] += (float) share;
          }
        }
      }
    }
  }

  /**
   * The parameters [μ | log s] of π(a|s), [rows, 2n], for families of Gaussians such as {@link
   * TanhGaussian}; the array may be longer and is valid until the next call of a method.
   *
   * @param z [rows, parameterSize]; not modified
   */
  public float[] gaussian(float[] z, int rows) {
    gaussianZ = grown(gaussianZ, rows);
    write(z, rows, gaussianZ);
    return gaussianZ;
  }

  private float[] otherGaussianOf(float[] z, int rows) {
    gaussianQ = grown(gaussianQ, rows);
    write(z, rows, gaussianQ);
    return gaussianQ;
  }

  private void write(float[] z, int rows, float[] out) {
    for (int b = 0; b < rows; b++) {
      int at = b * parameterSize();
      double[] variance = squares(z, at + n + features);
      for (int j = 0; j < n; j++) {
        out[b * 2 * n + j] = z[at + j];
        out[b * 2 * n + n + j] = (float) (0.5 * Math.log(variance(z, at, j, variance)));
      }
    }
  }

  private double variance(float[] z, int at, int j, double[] sigmaSquared) {
    double sum = LEAST_VARIANCE;
    for (int k = 0; k < features; k++) {
      double phi = z[at + n + k];
      sum += sigmaSquared[j * features + k] * phi * phi;
    }
    return sum;
  }

  /** σ² for the log σ in {@code z[at .. at + n·F)}: scratch, until the next call. */
  private double[] squares(float[] z, int at) {
    for (int i = 0; i < knownLogStd.length; i++) {
      float value = z[at + i];
      if (value != knownLogStd[i]) {
        knownLogStd[i] = value;
        squares[i] = Math.exp(2.0 * value);
      }
    }
    return squares;
  }

  private float[] cleared(int rows) {
    gaussianV = grown(gaussianV, rows);
    Arrays.fill(gaussianV, 0, rows * 2 * n, 0);
    return gaussianV;
  }

  private float[] grown(float[] array, int rows) {
    return array.length >= rows * 2 * n ? array : new float[rows * 2 * n];
  }

  @Override
  public void save(StateWriter out) {
    out.put("noise", noise);
  }

  @Override
  public void load(StateReader in) {
    noise = in.getFloats("noise");
  }

  @Override
  public String toString() {
    return "StateDependentGaussian(" + n + ", " + features + " features)";
  }
}
