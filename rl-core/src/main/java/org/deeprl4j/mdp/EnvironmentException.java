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

  EnvironmentException(int index, String message, Throwable cause) {
    super(message, cause);
    this.index = index;
  }

  /** The index of the environment at fault. */
  public int index() {
    return index;
  }
}
