package org.deeprl4j.optim;

import org.deeprl4j.nn.Tensor;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * RMSProp without momentum (Tieleman and Hinton 2012, lecture 6.5):
 *
 * <pre>
 * v ← ρ v + (1 − ρ) g²,   θ ← θ − η g / (√v + ε)
 * </pre>
 */
public final class RmsProp implements Optimizer {
  private final double decay;
  private final double epsilon;
  private float[] meanSquare = new float[0];

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

  @Override
  public void step(Tensor parameters, Tensor gradient, double learningRate) {
    int n = parameters.size();
    if (meanSquare.length == 0) {
      meanSquare = new float[n];
    }
    if (meanSquare.length != n || gradient.size() != n) {
      throw new IllegalArgumentException(
          "RMSProp keeps mean squares of %d parameters, but was given %d and a gradient of %d"
              .formatted(meanSquare.length, n, gradient.size()));
    }
    descend(
        parameters.floatsForWriting(),
        parameters.offset(),
        gradient.floats(),
        gradient.offset(),
        (float) learningRate);
  }

  private void descend(float[] x, int xAt, float[] g, int gAt, float rate) {
    float[] v = meanSquare;
    float rho = (float) decay;
    float eps = (float) epsilon;
    for (int i = 0; i < v.length; i++) {
      float gradient = g[gAt + i];
      float square = gradient * gradient;
      v[i] = (v[i] - square) * rho + square;
      x[xAt + i] -= rate * gradient / ((float) Math.sqrt(v[i]) + eps);
    }
  }

  @Override
  public void save(StateWriter out) {
    out.put("meanSquare", meanSquare);
  }

  @Override
  public void load(StateReader in) {
    meanSquare = in.getFloats("meanSquare");
  }
}
