package org.deeprl4j.space;

import java.util.random.RandomGenerator;

/**
 * The integers {0, …, n − 1}; an element is one float that holds the index.
 *
 * @param n the number of elements, from 1 to {@link #MAX}
 */
public record Discrete(int n) implements Space {
  /** The most elements there can be: beyond 2²⁴ not every integer is a float. */
  public static final int MAX = 1 << 24;

  /**
   * Checks.
   *
   * @throws IllegalArgumentException if n is not in [1, {@link #MAX}]
   */
  public Discrete {
    requireCount(n, "a discrete space");
  }

  static void requireCount(int n, String what) {
    if (n < 1 || n > MAX) {
      throw new IllegalArgumentException(
          "%s must have from 1 to 2^24 = %d elements (an index is held in a float), not %d"
              .formatted(what, MAX, n));
    }
  }

  /** Whether {@code value} is an integer in [0, n); NaN is not. */
  static boolean isIndex(float value, int n) {
    return value >= 0 && value < n && value == (int) value;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public int[] choices() {
    return new int[] {n};
  }

  @Override
  public boolean contains(float[] values, int offset) {
    return isIndex(values[offset], n);
  }

  @Override
  public void sample(RandomGenerator random, float[] values, int offset) {
    values[offset] = random.nextInt(n);
  }

  @Override
  public String toString() {
    return "Discrete(" + n + ")";
  }
}
