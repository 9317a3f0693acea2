package org.deeprl4j.space;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The product of intervals [low_i, high_i], bounds possibly infinite, with a shape in row-major
 * order. A value: its arrays are copied on the way in and on the way out; {@link #low(int)} and
 * {@link #high(int)} read without copying.
 *
 * @param low lower bounds, one an element
 * @param high upper bounds, one an element
 * @param shape the shape, whose product is the number of elements; empty for a scalar
 */
public record Box(float[] low, float[] high, int[] shape) implements Space {

  /**
   * Copies and checks.
   *
   * @throws IllegalArgumentException if the lengths disagree with the shape, a dimension is not
   *     positive, a bound is NaN, or an interval is empty or holds only an infinity
   */
  public Box {
    long elements = 1;
    for (int dimension : shape) {
      if (dimension < 1) {
        throw new IllegalArgumentException(
            "a box's dimensions must be at least 1, not " + Arrays.toString(shape));
      }
      elements = Math.min(elements * dimension, 1L << 32); // saturates, so that it cannot overflow
    }
    if (low.length != elements || high.length != elements) {
      throw new IllegalArgumentException(
          "a box of shape %s needs as many bounds as elements, not %d lower and %d upper ones"
              .formatted(Arrays.toString(shape), low.length, high.length));
    }
    for (int i = 0; i < low.length; i++) {
      // Written so that NaN fails too.
      boolean sound =
          low[i] <= high[i]
              && low[i] < Float.POSITIVE_INFINITY
              && high[i] > Float.NEGATIVE_INFINITY;
      if (!sound) {
        throw new IllegalArgumentException(
            "a box needs low <= high, neither NaN, but element %d has [%s, %s]"
                .formatted(i, low[i], high[i]));
      }
    }
    low = low.clone();
    high = high.clone();
    shape = shape.clone();
  }

  /** A box whose elements all have the same bounds; {@code of(-1, 1, 7)} is a vector of seven. */
  public static Box of(float low, float high, int... shape) {
    int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    float[] l = new float[Math.max(0, size)];
    float[] h = new float[l.length];
    Arrays.fill(l, low);
    Arrays.fill(h, high);
    return new Box(l, h, shape);
  }

  /** All finite numbers, in a given shape. */
  public static Box unbounded(int... shape) {
    return of(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, shape);
  }

  /** A vector with these bounds. */
  public static Box of(float[] low, float[] high) {
    return new Box(low, high, new int[] {low.length});
  }

  /** The lower bounds, a new array. */
  @Override
  public float[] low() {
    return low.clone();
  }

  /** The upper bounds, a new array. */
  @Override
  public float[] high() {
    return high.clone();
  }

  /** The shape, a new array. */
  @Override
  public int[] shape() {
    return shape.clone();
  }

  /** The lower bound of element {@code i}. */
  public float low(int i) {
    return low[i];
  }

  /** The upper bound of element {@code i}. */
  public float high(int i) {
    return high[i];
  }

  /** Whether every bound is finite. */
  public boolean bounded() {
    for (int i = 0; i < low.length; i++) {
      if (Float.isInfinite(low[i]) || Float.isInfinite(high[i])) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether the elements are pictures: three dimensions of shades, each in [0, 255], as in [height,
   * width, channels] or a stack of grey ones.
   */
  public boolean ofPictures() {
    if (shape.length != 3) {
      return false;
    }
    for (int i = 0; i < low.length; i++) {
      if (low[i] != 0 || high[i] != 255) {
        return false;
      }
    }
    return true;
  }

  /** Whether the elements are pictures whose channels come first, [channels, height, width]. */
  public boolean channelsFirst() {
    return ofPictures() && shape[0] < shape[1] && shape[0] < shape[2];
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
    for (int i = 0; i < low.length; i++) {
      boolean below = low[i] != Float.NEGATIVE_INFINITY;
      boolean above = high[i] != Float.POSITIVE_INFINITY;
      double value;
      if (below && above) {
        // In double: the width of the widest float interval is no float.
        value = low[i] + random.nextDouble() * ((double) high[i] - low[i]);
      } else if (below) {
        value = low[i] + random.nextExponential();
      } else if (above) {
        value = high[i] - random.nextExponential();
      } else {
        value = random.nextGaussian();
      }
      values[offset + i] = Math.max(low[i], Math.min(high[i], (float) value));
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Box box
        && Arrays.equals(low, box.low)
        && Arrays.equals(high, box.high)
        && Arrays.equals(shape, box.shape);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(low) + Arrays.hashCode(high)) + Arrays.hashCode(shape);
  }

  @Override
  public String toString() {
    return "Box(%s, %s, %s)".formatted(brief(low), brief(high), Arrays.toString(shape));
  }

  private static String brief(float[] bounds) {
    for (float bound : bounds) {
      if (bound != bounds[0]) {
        return Arrays.toString(bounds);
      }
    }
    return Float.toString(bounds[0]);
  }
}
