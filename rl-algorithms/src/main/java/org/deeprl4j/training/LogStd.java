package org.deeprl4j.training;

/** Where log σ of a Gaussian policy comes from. */
public enum LogStd {
  /** A free parameter of each action, the same in every state. */
  FREE,
  /** An output of the network. */
  STATE_DEPENDENT
}
