package org.deeprl4j.envs.gym;

/**
 * A fault of an environment in Python: an exception, with its traceback in the message; a value
 * that does not fit, such as a reward that is not finite; or a process that died or does not
 * answer.
 */
public final class GymException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GymException(String message) {
    super(message);
  }

  @Override
  public String toString() {
    return String.valueOf(getMessage());
  }
}
