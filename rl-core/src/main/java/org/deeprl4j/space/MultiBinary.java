package org.deeprl4j.space;

import java.util.random.RandomGenerator;

/**
 * Vectors of n bits, each a float that is 0 or 1.
 *
 * @param n the number of bits, ≥ 1
 */
public record MultiBinary(int n) implements Space {

  /**
   * Checks.
   *
   * @throws IllegalArgumentException if n is less than 1
   */
  public MultiBinary {
    if (n < 1) {
      throw new IllegalArgumentException("a multi-binary space must have at least 1 bit, not " + n);
    }
  }

  @Override
  public int size() {
    return n;
  }

  @Override
  public boolean contains(float[] values, int offset) {
    for (int i = offset; i < offset + n; i++) {
      if (values[i] != 0 && values[i] != 1) { // NaN differs from both
        return false;
      }
    }
    return true;
  }

  @Override
  public void sample(RandomGenerator random, float[] values, int offset) {
    for (int i = offset; i < offset + n; i++) {
      values[i] = random.nextBoolean() ? 1 : 0;
    }
  }

  @Override
  public String toString() {
    return "MultiBinary(" + n + ")";
  }
}
