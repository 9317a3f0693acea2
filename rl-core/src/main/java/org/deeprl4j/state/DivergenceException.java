package org.deeprl4j.state;

/**
 * Training has diverged: a loss, a gradient's norm, a parameter or a policy's output is no longer a
 * finite number, so that nothing can be learned or done with it any more.
 */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String what;

  /**
   * A divergence that nobody has placed yet.
   *
   * @param what a clause: "policy_loss became NaN"
   */
  public DivergenceException(String what) {
    this("training has diverged: " + what, what);
  }

  private DivergenceException(String message, DivergenceException cause) {
    super(message, cause);
    what = cause.what;
  }

  /**
   * One that happened in another program.
   *
   * @param message its own
   */
  public static DivergenceException elsewhere(String message) {
    return new DivergenceException(message, message);
  }

  private DivergenceException(String message, String what) {
    super(message);
    this.what = what;
  }

  /** What is not finite, without where: "policy_loss became NaN". */
  public String what() {
    return what;
  }

  /**
   * Checks a number.
   *
   * @throws DivergenceException naming it if it is not finite
   */
  public static void check(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new DivergenceException(what + " became " + value);
    }
  }

  /**
   * Checks a batch of vectors.
   *
   * @param what the name of a vector
   * @param values [rows, columns]; not modified
   * @throws DivergenceException naming the first element that is not finite
   */
  public static void check(String what, float[] values, int rows, int columns) {
    if (!Finite.all(values, 0, rows * columns)) {
      int i = Finite.first(values, 0, rows * columns);
      throw new DivergenceException("%s[%d] became %s".formatted(what, i % columns, values[i]));
    }
  }

  /**
   * The same, placed in a run.
   *
   * @param steps environment steps since the run began
   * @param causes what may be the cause, "learningRate=1000.0 and large rewards"
   */
  public DivergenceException at(long steps, String causes) {
    return new DivergenceException(
        "training has diverged at step %d: %s; nothing was saved since the last checkpoint. Likely causes are %s"
            .formatted(steps, what, causes),
        this);
  }
}
