package org.deeprl4j.mdp.wrappers;

import java.util.Arrays;
import org.deeprl4j.space.Space;

/** Encodes elements of a space for a network: indices as unit vectors, all else unchanged. */
final class OneHot {
  private final int size;
  // Of each index its number of alternatives; empty where the space holds no indices.
  private final int[] counts;

  OneHot(Space space) {
    counts = space.choices();
    size = counts.length == 0 ? space.size() : Arrays.stream(counts).sum();
  }

  /** Floats of an encoded element. */
  int size() {
    return size;
  }

  /** Whether the space holds indices, so that encoding changes something. */
  boolean indices() {
    return counts.length > 0;
  }

  /** Writes the encoding of {@code element} to {@code out[offset .. offset + size())}. Modified. */
  void encode(float[] element, float[] out, int offset) {
    if (counts.length == 0) {
      System.arraycopy(element, 0, out, offset, size);
      return;
    }
    Arrays.fill(out, offset, offset + size, 0);
    int at = offset;
    for (int i = 0; i < counts.length; i++) {
      int index = (int) element[i];
      if (index < 0 || index >= counts[i]) {
        throw new IllegalArgumentException(
            "element %d must be an integer in [0, %d), not %s".formatted(i, counts[i], element[i]));
      }
      out[at + index] = 1;
      at += counts[i];
    }
  }
}
