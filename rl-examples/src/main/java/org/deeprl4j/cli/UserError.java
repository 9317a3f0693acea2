package org.deeprl4j.cli;

/** A mistake of the user's: one line on the error stream, exit code 2, no stack trace. */
final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UserError(String message) {
    super(message);
  }
}
