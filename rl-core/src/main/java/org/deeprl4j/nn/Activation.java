package org.deeprl4j.nn;

/** The usual activations, with DL4J's definitions. */
public enum Activation {
  /** x. */
  IDENTITY,
  /** max(0, x). */
  RELU,
  /** x for x ≥ 0, else 0.01·x. */
  LEAKY_RELU,
  /** tanh x. */
  TANH,
  /** 1 / (1 + e⁻ˣ). */
  SIGMOID,
  /** x for x ≥ 0, else eˣ − 1. */
  ELU,
  /** log(1 + eˣ). */
  SOFTPLUS,
  /** x · sigmoid(x). */
  SWISH,
  /** x · sigmoid(1.702·x), near x·Φ(x) (Hendrycks and Gimpel 2016, section 2). */
  GELU
}
