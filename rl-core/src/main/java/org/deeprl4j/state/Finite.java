package org.deeprl4j.state;

/** A check for NaN and infinities that costs next to nothing. */
public final class Finite {
  private static final int EXPONENT = 0x7f800000;

  private Finite() {}

  /** Whether {@code values[offset .. offset + length)} are all finite. */
  public static boolean all(float[] values, int offset, int length) {
    // Without its sign bit, a float's pattern is below that of infinity exactly if it is finite:
    // the difference is negative then, and so is the conjunction of all differences. Without a
    // branch or a carried floating-point sum, the loop runs at an element a cycle or better.
    int conjunction = -1;
    for (int i = offset; i < offset + length; i++) {
      conjunction &= (Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE) - EXPONENT;
    }
    return conjunction < 0;
  }

  /** The first index in {@code [offset, offset + length)} that is not finite, or −1. */
  public static int first(float[] values, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (!Float.isFinite(values[i])) {
        return i;
      }
    }
    return -1;
  }
}
