package org.deeprl4j.mdp;

/**
 * Something {@link EnvironmentChecker} found.
 *
 * @param severity how bad it is
 * @param check the check that found it, one word
 * @param message what is wrong, where, and what was expected
 */
public record Finding(Severity severity, String check, String message) {

  /** How bad a finding is. */
  public enum Severity {
    /** The contract of {@link Mdp} is broken: training would fail or learn from wrong data. */
    ERROR,
    /** Legal, but likely to hurt learning or not meant. */
    WARNING
  }

  @Override
  public String toString() {
    return severity + " " + check + ": " + message;
  }
}
