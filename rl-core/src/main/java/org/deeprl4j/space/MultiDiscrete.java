package org.deeprl4j.space;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A vector of independent choices, the i-th from {0, …, counts_i − 1}; an element is one float with
 * an index for each choice. A value: its array is copied on the way in and on the way out.
 *
 * @param counts the number of alternatives of each choice, from 1 to {@link Discrete#MAX}; at least
 *     one choice
 */
public record MultiDiscrete(int[] counts) implements Space {

  /**
   * Copies and checks.
   *
   * @throws IllegalArgumentException if there is no choice, or a count is out of range
   */
  public MultiDiscrete {
    if (counts.length == 0) {
      throw new IllegalArgumentException("a multi-discrete space must have at least one choice");
    }
    counts = counts.clone();
    for (int i = 0; i < counts.length; i++) {
      Discrete.requireCount(counts[i], "choice " + i + " of a multi-discrete space");
    }
  }

  /** The space with these counts: {@code of(3, 2)} is a choice of three and one of two. */
  public static MultiDiscrete of(int... counts) {
    return new MultiDiscrete(counts);
  }

  /** The counts, a new array. */
  @Override
  public int[] counts() {
    return counts.clone();
  }

  /** The number of alternatives of choice {@code i}. */
  public int count(int i) {
    return counts[i];
  }

  @Override
  public int size() {
    return counts.length;
  }

  @Override
  public int[] choices() {
    return counts.clone();
  }

  @Override
  public boolean contains(float[] values, int offset) {
    for (int i = 0; i < counts.length; i++) {
      if (!Discrete.isIndex(values[offset + i], counts[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void sample(RandomGenerator random, float[] values, int offset) {
    for (int i = 0; i < counts.length; i++) {
      values[offset + i] = random.nextInt(counts[i]);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MultiDiscrete that && Arrays.equals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return "MultiDiscrete(" + Arrays.toString(counts) + ")";
  }
}
