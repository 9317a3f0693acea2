package org.deeprl4j.space;

import java.util.random.RandomGenerator;

/**
 * The integers {0, …, n − 1}; an element is one float that holds the index.
 *
 * @param n the number of elements, ≥ 1
 */
public record Discrete(int n) implements Space {
  @Override
  public int size() {
    return 1;
  }

  @Override
  public boolean contains(float[] values, int offset) {
    float v = values[offset];
    return v >= 0 && v < n && v == (int) v;
  }

  @Override
  public void sample(RandomGenerator random, float[] values, int offset) {
    values[offset] = random.nextInt(n);
  }
}
