package org.deeprl4j.algorithms.learning;

import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/** The temperature α of maximum entropy learning: fixed, or tuned by Adam on log α. */
public final class Temperature implements Stateful {
  private final @Nullable Double fixed;
  private final Tensor logAlpha = Tensor.host(1, 1);
  private final Tensor gradient = Tensor.host(1, 1);
  private final Adam adam;

  /**
   * Creates a temperature in its initial state.
   *
   * @param fixed α ≥ 0, null to tune it
   * @param initial α &gt; 0 at the start where it is tuned
   */
  public Temperature(@Nullable Double fixed, double initial, double adamEpsilon) {
    this.fixed = fixed;
    double start = fixed == null ? initial : fixed;
    logAlpha.fill(start == 0 ? 0 : (float) Math.log(start)); // goes on from there if tuned later
    adam = new Adam(0.9, 0.999, adamEpsilon);
  }

  /** Whether α is tuned. */
  public boolean isTuned() {
    return fixed == null;
  }

  /** α. */
  public double alpha() {
    return fixed != null ? fixed : Math.exp(logAlpha.floats()[0]);
  }

  /**
   * Takes one step down a loss.
   *
   * @param slope the loss's derivative by log α
   */
  public void descend(double slope, double learningRate) {
    gradient.fill((float) slope);
    adam.step(logAlpha, gradient, learningRate);
  }

  @Override
  public void save(StateWriter out) {
    out.put("logAlpha", logAlpha.floats());
    out.put("adam", adam);
  }

  @Override
  public void load(StateReader in) {
    in.get("logAlpha", logAlpha.floatsForWriting());
    in.get("adam", adam);
  }
}
