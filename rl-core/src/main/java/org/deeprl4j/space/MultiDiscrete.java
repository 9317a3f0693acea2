package org.deeprl4j.space;

import java.util.random.RandomGenerator;

/** To be written. */
public record MultiDiscrete(int[] counts) implements Space {
  @Override
  public int size() {
    return counts.length;
  }

  @Override
  public boolean contains(float[] values, int offset) {
    throw new UnsupportedOperationException("to be written");
  }

  @Override
  public void sample(RandomGenerator random, float[] values, int offset) {
    throw new UnsupportedOperationException("to be written");
  }
}
