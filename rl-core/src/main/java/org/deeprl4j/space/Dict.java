package org.deeprl4j.space;

import java.util.Map;
import java.util.random.RandomGenerator;

/** To be written. */
public record Dict(Map<String, Space> spaces) implements Space {
  @Override
  public int size() {
    return spaces.values().stream().mapToInt(Space::size).sum();
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
