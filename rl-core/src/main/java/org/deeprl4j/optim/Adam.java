package org.deeprl4j.optim;

import java.util.Arrays;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.jspecify.annotations.Nullable;

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
  private @Nullable Tensor first;
  private @Nullable Tensor second;
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

  /**
   * A step, to be made by whoever began it: the moments, and the rate and ε with their corrections
   * for the moments' start, in θ ← θ − rate·m/(√v + ε).
   *
   * @param first m [1, P], to be updated
   * @param second v [1, P], to be updated
   */
  public record Step(Tensor first, Tensor second, double rate, double epsilon) {}

  /**
   * Begins the next step without making it.
   *
   * @param gradient dL/dθ [1, P], whose home the moments have
   */
  public Step begin(Tensor gradient, double learningRate) {
    Tensor means = moments(first, gradient);
    Tensor squares = moments(second, gradient);
    first = means;
    second = squares;
    step++;
    double correction2 = Math.sqrt(1 - Math.pow(beta2, step));
    double rate = learningRate * correction2 / (1 - Math.pow(beta1, step));
    return new Step(means, squares, rate, epsilon * correction2);
  }

  @Override
  public void step(Tensor parameters, Tensor gradient, double learningRate) {
    int n = parameters.size();
    int kept = first == null ? n : first.size();
    if (kept != n || gradient.size() != n) {
      throw new IllegalArgumentException(
          "Adam keeps moments of "
              + kept
              + " parameters, but was given "
              + n
              + " and a gradient of "
              + gradient.size());
    }
    Step next = begin(gradient, learningRate);
    Tensor means = next.first;
    Tensor squares = next.second;
    if (gradient.home() == Tensor.Home.CUDA) {
      parameters.adamStep(means, squares, gradient, beta1, beta2, next.rate, next.epsilon);
      return;
    }
    float[] m = means.floatsForWriting();
    float[] v = squares.floatsForWriting();
    float[] g = gradient.floats();
    float[] x = parameters.floatsForWriting();
    int xAt = parameters.offset();
    int gAt = gradient.offset();
    float[] ownX = xAt == 0 ? x : Arrays.copyOfRange(x, xAt, xAt + n);
    float[] ownG = gAt == 0 ? g : Arrays.copyOfRange(g, gAt, gAt + n);
    descend(
        ownX, m, v, ownG, n, (float) beta1, (float) beta2, (float) next.rate, (float) next.epsilon);
    if (ownX != x) {
      System.arraycopy(ownX, 0, x, xAt, n);
    }
    if (step % 64 == 0) {
      flush(m);
      flush(v);
    }
  }

  /** Moments beside the gradient: where it is on a GPU there, else on the host. */
  private static Tensor moments(@Nullable Tensor held, Tensor gradient) {
    boolean onDevice = gradient.home() == Tensor.Home.CUDA;
    if (held != null && onDevice == (held.home() == Tensor.Home.CUDA)) {
      return held;
    }
    int n = held != null ? held.size() : gradient.size();
    Tensor made = onDevice ? gradient.like(1, n) : Tensor.host(1, n);
    if (held != null) {
      made.copyFrom(held);
    }
    return made;
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
    out.put("first", first == null ? new float[0] : first.floats());
    out.put("second", second == null ? new float[0] : second.floats());
  }

  @Override
  public void load(StateReader in) {
    step = in.getLong("step");
    first = read(in, "first");
    second = read(in, "second");
  }

  private static @Nullable Tensor read(StateReader in, String name) {
    float[] values = in.getFloats(name);
    if (values.length == 0) {
      return null;
    }
    Tensor moments = Tensor.host(1, values.length);
    System.arraycopy(values, 0, moments.floatsForWriting(), 0, values.length);
    return moments;
  }
}
