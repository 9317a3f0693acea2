package org.deeprl4j.space;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * The product of intervals [low_i, high_i], bounds possibly infinite, with a shape in row-major order.
 *
 * @param low lower bounds, one an element
 * @param high upper bounds, one an element
 * @param shape the shape, whose product is the number of elements
 */
public record Box(float[] low, float[] high, int[] shape) implements Space {

  /** A vector of {@code size} elements with the same bounds. */
  public static Box of(float low, float high, int size) {
    float[] l = new float[size];
    float[] h = new float[size];
    Arrays.fill(l, low);
    Arrays.fill(h, high);
    return new Box(l, h, new int[] {size});
  }

  @Override
  public int size() {
    return low.length;
  }

  @Override
  public boolean contains(float[] values, int offset) {
    for (int i = 0; i < low.length; i++) {
      if (!(values[offset + i] >= low[i] && values[offset + i] <= high[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void sample(RandomGenerator random, float[] values, int offset) {
    throw new UnsupportedOperationException("to be written");
  }
}
