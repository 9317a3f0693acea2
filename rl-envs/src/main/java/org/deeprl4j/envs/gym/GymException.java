package org.deeprl4j.envs.gym;

/**
 * A fault of an environment in Python: an exception of its own, whose traceback the message holds,
 * or a process that died or does not answer.
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
