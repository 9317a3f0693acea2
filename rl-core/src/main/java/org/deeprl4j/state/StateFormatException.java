package org.deeprl4j.state;

/** A state file that is damaged, foreign, or does not fit the object that reads it. */
public final class StateFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An exception whose message names the file or field, what was found and what was expected. */
  public StateFormatException(String message) {
    super(message);
  }

  /** As above, with the underlying cause. */
  public StateFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
