package org.deeprl4j.replay;

import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/** The observations of a ring of rows, which are put one after the other. */
interface Rows {
  /** Whether everything so far fits into bytes, and is to. */
  boolean narrow();

  /** The memory that the numbers take. */
  long bytes();

  /** Stores a row, in place of what was there. */
  void put(long row, float[] from, int at);

  /** Copies {@code count} numbers of a row, from its number {@code first} on. */
  void copy(long row, int first, int count, float[] to, int at);

  /** Reads something of all that a row needs, which brings it into the cache. */
  float touch(long row);

  /** Writes the rows [0, count). */
  void save(StateWriter out, String name, int count);

  /**
   * Reads rows as they were written; all others are empty then.
   *
   * @param newestSlot the first of the rows that were put last, one an environment
   */
  void load(StateReader in, String name, int count, int newestSlot);
}
