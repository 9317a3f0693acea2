package org.deeprl4j.optim;

import org.deeprl4j.nn.Tensor;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * Gradient descent with heavy-ball momentum (Polyak 1964):
 *
 * <pre>
 * u ← μ u + g,   θ ← θ − η u
 * </pre>
 */
public final class Sgd implements Optimizer {
  private final double momentum;
  private Tensor velocity = Tensor.host(1, 1);
  private boolean started;

  /** Plain gradient descent, θ ← θ − η g. */
  public Sgd() {
    this(0);
  }

  /**
   * An optimiser before its first step.
   *
   * @param momentum μ in [0, 1)
   */
  public Sgd(double momentum) {
    if (!(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException("momentum must be in [0, 1), not " + momentum);
    }
    this.momentum = momentum;
  }

  @Override
  public void step(Tensor parameters, Tensor gradient, double learningRate) {
    if (momentum == 0) {
      parameters.axpy(-learningRate, gradient);
      return;
    }
    if (!started) {
      velocity = gradient.like(1, gradient.size());
      started = true;
    }
    velocity.scale(momentum);
    velocity.axpy(1, gradient);
    parameters.axpy(-learningRate, velocity);
  }

  @Override
  public void save(StateWriter out) {
    out.put("started", started);
    out.put("velocity", velocity.floats(), 0, velocity.size());
  }

  @Override
  public void load(StateReader in) {
    started = in.getBoolean("started");
    float[] values = in.getFloats("velocity");
    velocity = Tensor.host(1, values.length);
    System.arraycopy(values, 0, velocity.floatsForWriting(), 0, values.length);
  }
}
