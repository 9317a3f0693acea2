package org.deeprl4j.cli;

/**
 * A mistake of the user. It is reported as one line on the error stream, with exit code 2 and no
 * stack trace.
 */
final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UserError(String message) {
    super(message);
  }
}
