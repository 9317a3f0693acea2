package org.deeprl4j.optim;

import java.util.Arrays;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * Adam (Kingma and Ba 2015, algorithm 1):
 *
 * <pre>
 * m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
 * θ ← θ − η · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)
 * </pre>
 */
public final class Adam implements Optimizer {
  /** Below this a moment is 0: arithmetic on denormal numbers is an order of magnitude slower. */
  private static final float TINY = 1e-30f;

  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private float[] first = new float[0];
  private float[] second = new float[0];
  private long step;

  /**
   * An optimiser before its first step.
   *
   * @param beta1 β₁ in [0, 1), the paper's 0.9
   * @param beta2 β₂ in [0, 1), the paper's 0.999
   * @param epsilon ε &gt; 0, the paper's 1e-8
   */
  public Adam(double beta1, double beta2, double epsilon) {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0)) {
      throw new IllegalArgumentException(
          "Adam needs beta1 and beta2 in [0, 1) and epsilon > 0, not "
              + beta1
              + ", "
              + beta2
              + " and "
              + epsilon);
    }
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  @Override
  public void step(Tensor parameters, Tensor gradient, double learningRate) {
    int n = parameters.size();
    if (first.length == 0) {
      first = new float[n];
      second = new float[n];
    }
    if (first.length != n || gradient.size() != n) {
      throw new IllegalArgumentException(
          "Adam keeps moments of "
              + first.length
              + " parameters, but was given "
              + n
              + " and a gradient of "
              + gradient.size());
    }
    step++;
    double correction2 = Math.sqrt(1 - Math.pow(beta2, step));
    double rate = learningRate * correction2 / (1 - Math.pow(beta1, step));
    float[] g = gradient.floats();
    float[] x = parameters.floatsForWriting();
    int xAt = parameters.offset();
    int gAt = gradient.offset();
    float[] ownX = xAt == 0 ? x : Arrays.copyOfRange(x, xAt, xAt + n);
    float[] ownG = gAt == 0 ? g : Arrays.copyOfRange(g, gAt, gAt + n);
    descend(
        ownX,
        first,
        second,
        ownG,
        n,
        (float) beta1,
        (float) beta2,
        (float) rate,
        (float) (epsilon * correction2));
    if (ownX != x) {
      System.arraycopy(ownX, 0, x, xAt, n);
    }
    if (step % 64 == 0) {
      flush(first);
      flush(second);
    }
  }

  /** The JVM's compiler vectorises this only if all arrays share one index; hence the copies. */
  private static void descend(
      float[] x,
      float[] m,
      float[] v,
      float[] g,
      int n,
      float b1,
      float b2,
      float rate,
      float eps) {
    for (int i = 0; i < n; i++) {
      float gradient = g[i];
      float square = gradient * gradient;
      float mean = (m[i] - gradient) * b1 + gradient;
      float meanSquare = (v[i] - square) * b2 + square;
      m[i] = mean;
      v[i] = meanSquare;
      x[i] -= rate * mean / ((float) Math.sqrt(meanSquare) + eps);
    }
  }

  private static void flush(float[] moments) {
    for (int i = 0; i < moments.length; i++) {
      if (Math.abs(moments[i]) < TINY) {
        moments[i] = 0;
      }
    }
  }

  @Override
  public void save(StateWriter out) {
    out.put("step", step);
    out.put("first", first);
    out.put("second", second);
  }

  @Override
  public void load(StateReader in) {
    step = in.getLong("step");
    first = in.getFloats("first");
    second = in.getFloats("second");
  }
}
