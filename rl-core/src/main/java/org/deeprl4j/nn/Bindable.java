package org.deeprl4j.nn;

/** A network whose flat parameter and gradient vectors can be moved into a larger vector. */
interface Bindable {
  /**
   * Copies the current parameters and gradient into the given vectors and uses those from then on.
   *
   * @param parameters [1, P], usually a slice. Modified.
   * @param gradient [1, P], usually a slice. Modified.
   */
  void bind(Tensor parameters, Tensor gradient);
}
