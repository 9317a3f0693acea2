package org.deeprl4j.optim;

import java.util.Arrays;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * RMSProp without momentum (Tieleman and Hinton 2012, lecture 6.5):
 *
 * <pre>
 * v ← ρ v + (1 − ρ) g²,   θ ← θ − η g / (√v + ε)
 * </pre>
 *
 * <p>Once {@link #reserve} has been called, several threads may step the same parameters at once
 * without a lock, each with a gradient of its own ("shared RMSProp", Mnih et al. 2016, section 4):
 * updates of the same element may then get lost, as in Hogwild! (Recht et al. 2011).
 */
public final class RmsProp implements Optimizer {
  private final double decay;
  private final double epsilon;
  private volatile Tensor meanSquare = Tensor.host(0, 1);

  /**
   * An optimiser before its first step.
   *
   * @param decay ρ in [0, 1), commonly 0.99
   * @param epsilon ε &gt; 0
   */
  public RmsProp(double decay, double epsilon) {
    if (!(decay >= 0 && decay < 1 && epsilon > 0)) {
      throw new IllegalArgumentException(
          "RMSProp needs a decay in [0, 1) and epsilon > 0, not " + decay + " and " + epsilon);
    }
    this.decay = decay;
    this.epsilon = epsilon;
  }

  /** Allocates the mean squares of n parameters, which otherwise the first step does. */
  public void reserve(int n) {
    if (meanSquare.size() == 0) {
      meanSquare = Tensor.host(1, n);
    }
  }

  /** The mean squares beside the gradient: where it is on a GPU there, else on the host. */
  private Tensor beside(Tensor gradient) {
    Tensor held = meanSquare;
    boolean onDevice = gradient.home() == Tensor.Home.CUDA;
    if (onDevice != (held.home() == Tensor.Home.CUDA)) {
      synchronized (this) {
        held = meanSquare;
        if (onDevice != (held.home() == Tensor.Home.CUDA)) {
          Tensor moved = onDevice ? gradient.like(1, held.size()) : Tensor.host(1, held.size());
          moved.copyFrom(held);
          meanSquare = moved;
          held = moved;
        }
      }
    }
    return held;
  }

  @Override
  public void step(Tensor parameters, Tensor gradient, double learningRate) {
    int n = parameters.size();
    reserve(n);
    Tensor squares = beside(gradient);
    if (squares.size() != n || gradient.size() != n) {
      throw new IllegalArgumentException(
          "RMSProp keeps mean squares of %d parameters, but was given %d and a gradient of %d"
              .formatted(squares.size(), n, gradient.size()));
    }
    if (gradient.home() == Tensor.Home.CUDA) {
      parameters.rmsPropStep(squares, gradient, decay, learningRate, epsilon);
      return;
    }
    float[] v = squares.floats();
    float[] x = parameters.floatsForWriting();
    float[] g = gradient.floats();
    if (parameters.offset() == 0 && gradient.offset() == 0) {
      descend(x, v, g, n, (float) decay, (float) epsilon, (float) learningRate);
    } else {
      float[] part = Arrays.copyOfRange(x, parameters.offset(), parameters.offset() + n);
      float[] slope = Arrays.copyOfRange(g, gradient.offset(), gradient.offset() + n);
      descend(part, v, slope, n, (float) decay, (float) epsilon, (float) learningRate);
      System.arraycopy(part, 0, x, parameters.offset(), n);
    }
  }

  /** The JVM's compiler vectorises this only if all arrays share one index; hence the copies. */
  private static void descend(
      float[] x, float[] v, float[] g, int n, float rho, float eps, float rate) {
    for (int i = 0; i < n; i++) {
      float gradient = g[i];
      float square = gradient * gradient;
      float mean = (v[i] - square) * rho + square;
      v[i] = mean;
      x[i] -= rate * gradient / ((float) Math.sqrt(mean) + eps);
    }
  }

  @Override
  public void save(StateWriter out) {
    Tensor squares = meanSquare;
    out.put("meanSquare", squares.floats(), 0, squares.size());
  }

  @Override
  public void load(StateReader in) {
    float[] values = in.getFloats("meanSquare");
    Tensor squares = Tensor.host(values.length == 0 ? 0 : 1, Math.max(1, values.length));
    System.arraycopy(values, 0, squares.floatsForWriting(), 0, values.length);
    meanSquare = squares;
  }
}
