package org.deeprl4j.space;

import java.util.random.RandomGenerator;

/**
 * The set an observation or an action comes from, and how its elements lie in a flat {@code
 * float[]}.
 */
public sealed interface Space permits Box, Discrete, MultiDiscrete, MultiBinary, Dict {

  /** The number of floats that hold one element. */
  int size();

  /**
   * The numbers of alternatives that an element chooses from by index, a new array: {n} for
   * Discrete, those of every choice for MultiDiscrete, none for other spaces.
   */
  default int[] choices() {
    return new int[0];
  }

  /**
   * Whether {@code values[offset .. offset + size())} is an element of this space; NaN never is.
   *
   * @throws IndexOutOfBoundsException if the array is too short
   */
  boolean contains(float[] values, int offset);

  /**
   * Draws an element: uniform where bounded; standard exponential from a single bound, standard
   * normal where unbounded.
   *
   * @param values receives the element at {@code offset}. Modified.
   */
  void sample(RandomGenerator random, float[] values, int offset);
}
