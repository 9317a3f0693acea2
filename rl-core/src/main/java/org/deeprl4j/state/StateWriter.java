package org.deeprl4j.state;

/**
 * Receives the named fields of a {@link Stateful} object, in order. Arrays are written, not kept.
 */
public interface StateWriter {
  /** Writes a field. */
  void put(String name, boolean value);

  /** Writes a field. */
  void put(String name, int value);

  /** Writes a field. */
  void put(String name, long value);

  /** Writes a field, bit for bit. */
  void put(String name, double value);

  /** Writes a field. */
  void put(String name, String value);

  /** Writes an array. */
  void put(String name, byte[] values);

  /** Writes an array. */
  void put(String name, boolean[] values);

  /** Writes an array. */
  void put(String name, int[] values);

  /** Writes an array. */
  void put(String name, long[] values);

  /** Writes an array, bit for bit. */
  void put(String name, double[] values);

  /** Writes {@code values[offset .. offset + length)} as an array, bit for bit. */
  void put(String name, float[] values, int offset, int length);

  /** Writes an array, bit for bit. */
  default void put(String name, float[] values) {
    put(name, values, 0, values.length);
  }

  /** Writes another object's fields under a name of their own. */
  void put(String name, Stateful part);
}
