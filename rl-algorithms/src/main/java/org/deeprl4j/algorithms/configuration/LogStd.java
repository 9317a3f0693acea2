package org.deeprl4j.algorithms.configuration;

/** Where log σ of a Gaussian policy comes from. */
public enum LogStd {
  /** A free parameter for each action, the same in every state. */
  FREE,
  /** An output of the network. */
  STATE_DEPENDENT,
  /**
   * gSDE: the noise is a linear function of the policy's last hidden layer, held for some steps,
   * with a free log σ for each pair of feature and action. See {@link
   * org.deeprl4j.distributions.StateDependentGaussian}.
   */
  GSDE
}
