package org.deeprl4j.mdp;

/** A fault of one environment among several: its message says which, where and what. */
public final class EnvironmentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int index;

  /** A fault of the index-th environment; the message says where and what. */
  public EnvironmentException(int index, String message) {
    super(message);
    this.index = index;
  }

  /** As above, of what the environment threw. */
  public EnvironmentException(int index, String message, Throwable cause) {
    super(message, cause);
    this.index = index;
  }

  /**
   * The fault of an environment that threw something.
   *
   * @param where in its episode it did, as messages begin
   */
  public static EnvironmentException of(int index, String where, Throwable thrown) {
    return thrown instanceof EnvironmentException already
        ? already
        : new EnvironmentException(index, where + ": " + thrown, thrown);
  }

  /** The index of the environment at fault. */
  public int index() {
    return index;
  }
}
