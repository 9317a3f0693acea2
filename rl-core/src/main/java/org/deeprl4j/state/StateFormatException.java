package org.deeprl4j.state;

/**
 * A file that is damaged, foreign, or does not fit the object that reads it. The message is one
 * line, whatever the file's own texts hold.
 */
public class StateFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An exception whose message names the file or field, what was found and what was expected. */
  public StateFormatException(String message) {
    super(oneLine(message));
  }

  /** As above, with the underlying cause. */
  public StateFormatException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  private static String oneLine(String message) {
    return message.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]", "?");
  }
}
