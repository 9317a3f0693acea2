package org.deeprl4j.envs.gym;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;

/** Reads spaces as bridge.py describes them. */
final class SpaceReader {
  // The codes of bridge.py.
  private static final int BOX = 1;
  private static final int DISCRETE = 2;
  private static final int MULTI_DISCRETE = 3;
  private static final int MULTI_BINARY = 4;
  private static final int DICT = 5;

  private SpaceReader() {}

  /**
   * The next space.
   *
   * @param in Modified.
   */
  static Space read(ByteBuffer in) {
    int kind = in.getInt();
    switch (kind) {
      case BOX -> {
        int[] shape = ints(in, count(in, 4));
        long elements = 1;
        for (int dimension : shape) {
          elements = Math.min(elements * Math.max(dimension, 0), 1L << 32);
        }
        if (8 * elements > in.remaining()) {
          throw new GymException("a Box of " + elements + " elements without its bounds");
        }
        return new Box(floats(in, (int) elements), floats(in, (int) elements), shape);
      }
      case DISCRETE -> {
        return new Discrete(in.getInt());
      }
      case MULTI_DISCRETE -> {
        return new MultiDiscrete(ints(in, count(in, 4)));
      }
      case MULTI_BINARY -> {
        return new MultiBinary(in.getInt());
      }
      case DICT -> {
        int parts = count(in, 8);
        Map<String, Space> spaces = new LinkedHashMap<>();
        for (int i = 0; i < parts; i++) {
          byte[] key = new byte[count(in, 1)];
          in.get(key);
          spaces.put(new String(key, StandardCharsets.UTF_8), read(in));
        }
        return new Dict(spaces);
      }
      default -> throw new GymException("no kind of space has the code " + kind);
    }
  }

  /** A number of things that need so many bytes each, and are there. */
  private static int count(ByteBuffer in, int bytesEach) {
    int count = in.getInt();
    if (count < 0 || (long) count * bytesEach > in.remaining()) {
      throw new GymException("a description of spaces holds a length of " + count);
    }
    return count;
  }

  private static int[] ints(ByteBuffer in, int count) {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.getInt();
    }
    return values;
  }

  private static float[] floats(ByteBuffer in, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.getFloat();
    }
    return values;
  }
}
