package org.deeprl4j.nn;

import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/**
 * A differentiable function of a batch, x [B, in] → y [B, out], with all its parameters in one flat
 * vector θ [1, P] in DL4J's own layout.
 *
 * <p>Gradient flow is visible: {@link #predict} never differentiates; {@link #forward} keeps what
 * {@link #backward} needs. Returned tensors are the network's own buffers, valid until the same
 * method is called again. Not thread-safe.
 */
public interface Network extends Stateful {

  /** What describes the network: built anew from it, a network has the same shape. */
  NetworkSpec spec();

  /** Columns of the input. */
  int inputSize();

  /** Columns of the output. */
  int outputSize();

  /**
   * The parameters θ, [1, P], live: writing through the {@link Tensor} changes the network's
   * function from its next call on.
   */
  Tensor parameters();

  /**
   * The gradient dL/dθ, [1, P], accumulated by {@link #backward}; clear it with {@code fill(0)}.
   */
  Tensor gradient();

  /**
   * θ ← θ + τ (θ′ − θ): a target network's step towards the network it follows.
   *
   * @param other of the same shape; its parameters are not modified
   * @param tau τ in [0, 1]
   */
  default void moveTowards(Network other, double tau) {
    parameters().moveTowards(other.parameters(), tau);
  }

  /**
   * y = f(x; θ), without remembering anything.
   *
   * @param x [B, in]; not modified
   * @return [B, out]
   */
  Tensor predict(Tensor x);

  /**
   * y = f(x; θ), remembering the activations for one {@link #backward} or {@link #directional}.
   *
   * @param x [B, in]; not modified, and not to be changed before the backward pass
   * @return [B, out]
   */
  Tensor forward(Tensor x);

  /**
   * Adds dL/dθ, summed over the rows of the last {@link #forward}, to {@link #gradient()}.
   *
   * @param outputGradient dL/dy, [B, out]; not modified
   */
  void backward(Tensor outputGradient);

  /**
   * As {@link #backward}, and returns dL/dx as well.
   *
   * @return [B, in]
   */
  Tensor backwardWithInput(Tensor outputGradient);

  /**
   * Only dL/dx; {@link #gradient()} stays as it is.
   *
   * @return [B, in]
   */
  Tensor inputGradient(Tensor outputGradient);

  /**
   * The directional derivative (∂y/∂θ)·v at the last {@link #forward}, one forward R-pass
   * (Pearlmutter 1994, "Fast exact multiplication by the Hessian").
   *
   * @param v [1, P]; not modified
   * @return [B, out]
   * @throws UnsupportedOperationException if a part of the network is not a dense stack
   */
  default Tensor directional(Tensor v) {
    return directional(v, null);
  }

  /**
   * As above, where the input moves as well: (∂y/∂θ)·v + (∂y/∂x)·u.
   *
   * @param u [B, in]; null where it does not; not modified
   */
  Tensor directional(Tensor v, @Nullable Tensor u);
}
