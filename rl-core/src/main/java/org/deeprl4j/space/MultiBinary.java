package org.deeprl4j.space;

import java.util.random.RandomGenerator;

/** To be written. */
public record MultiBinary(int n) implements Space {
  @Override
  public int size() {
    return n;
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
