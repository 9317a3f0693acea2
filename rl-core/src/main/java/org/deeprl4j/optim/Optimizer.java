package org.deeprl4j.optim;

import org.deeprl4j.nn.Tensor;
import org.deeprl4j.state.Stateful;

/** A first-order update rule that moves parameters down a gradient. */
public interface Optimizer extends Stateful {

  /**
   * One descent step on {@code parameters}, along {@code gradient}.
   *
   * @param parameters θ [1, P]. Modified.
   * @param gradient dL/dθ [1, P]; not modified
   * @param learningRate the step size of this call, ≥ 0
   */
  void step(Tensor parameters, Tensor gradient, double learningRate);
}
