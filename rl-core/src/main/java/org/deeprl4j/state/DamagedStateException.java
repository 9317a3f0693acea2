package org.deeprl4j.state;

/** A state file that is damaged or truncated, or none that this version reads. */
public final class DamagedStateException extends StateFormatException {
  private static final long serialVersionUID = 1L;

  /** An exception whose message names the file and what is wrong with it. */
  public DamagedStateException(String message) {
    super(message);
  }
}
