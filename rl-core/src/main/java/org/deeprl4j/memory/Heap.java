package org.deeprl4j.memory;

import java.util.Locale;

/** The JVM's heap, asked before large arrays are made. */
public final class Heap {
  private Heap() {}

  /**
   * Checks that arrays can be made.
   *
   * @param what they are for, with the numbers that decide their size
   * @param longest elements of the longest of them
   * @param bytes of all of them
   * @param advice what to change
   * @throws IllegalArgumentException if no array is that long or the heap has no room
   */
  public static void require(String what, double longest, double bytes, String advice) {
    double free = free();
    if (bytes > free) {
      System.gc(); // what is garbage counts as used until it is collected
      free = free();
    }
    if (bytes > free) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s needs %.0f MB, but the JVM's heap has %.0f MB left: %s, or raise -Xmx",
              what,
              bytes / 1e6,
              free / 1e6,
              advice));
    }
    if (longest > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s needs an array of %.0f elements, but an array has less than 2^31: %s",
              what,
              longest,
              advice));
    }
  }

  private static double free() {
    Runtime runtime = Runtime.getRuntime();
    return (double) runtime.maxMemory() - (runtime.totalMemory() - runtime.freeMemory());
  }
}
