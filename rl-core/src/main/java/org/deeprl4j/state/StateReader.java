package org.deeprl4j.state;

/**
 * Reads the named fields of a {@link Stateful} object, in the order in which they were written.
 * Every method throws {@link StateFormatException} if the next field has another name, type or
 * length.
 */
public interface StateReader {
  /** The next field. */
  boolean getBoolean(String name);

  /** The next field. */
  int getInt(String name);

  /** The next field. */
  long getLong(String name);

  /** The next field. */
  double getDouble(String name);

  /** The next field. */
  String getString(String name);

  /** The next field, a new array. */
  byte[] getBytes(String name);

  /** The next field, into an array of exactly its length. Modified. */
  void get(String name, boolean[] into);

  /** The next field, into an array of exactly its length. Modified. */
  void get(String name, int[] into);

  /** The next field, into an array of exactly its length. Modified. */
  void get(String name, long[] into);

  /** The next field, into an array of exactly its length. Modified. */
  void get(String name, double[] into);

  /**
   * The next field, into {@code into[offset .. offset + length)}; its length must be that.
   * Modified.
   */
  void get(String name, float[] into, int offset, int length);

  /** The next field, into an array of exactly its length. Modified. */
  default void get(String name, float[] into) {
    get(name, into, 0, into.length);
  }

  /** The next field, a new array of whatever length it has. */
  float[] getFloats(String name);

  /** The next field, a new array of whatever length it has. */
  double[] getDoubles(String name);

  /** Another object's fields, into that object. */
  void get(String name, Stateful part);
}
