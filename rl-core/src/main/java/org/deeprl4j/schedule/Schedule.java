package org.deeprl4j.schedule;

import org.jspecify.annotations.Nullable;

/**
 * A hyper-parameter over training, linear from {@code start} at progress 0 to {@code end} at
 * progress 1; a constant where the two are equal. It is written as a number, {@code 3e-4}, or as
 * {@code linear(1e-3, 0)}.
 *
 * @param start the value at the beginning, finite
 * @param end the value at the end, finite
 */
public record Schedule(double start, double end) {

  /** Checks that both values are finite. */
  public Schedule {
    if (!Double.isFinite(start) || !Double.isFinite(end)) {
      throw new IllegalArgumentException(
          "a schedule needs finite values, not " + start + " and " + end);
    }
    // −0 becomes 0: schedules that are equal as numbers are equal as records.
    start += 0.0;
    end += 0.0;
  }

  /** The same value throughout. */
  public static Schedule constant(double value) {
    return new Schedule(value, value);
  }

  /** Linear from {@code start} to {@code end}. */
  public static Schedule linear(double start, double end) {
    return new Schedule(start, end);
  }

  /**
   * The value at a progress in [0, 1]; progress outside is clamped.
   *
   * @param progress the fraction of training that is done. Every regime passes an update what was
   *     done before its newest data were gathered, which is below 1, so that the last update still
   *     learns under {@code linear(x, 0)}.
   * @throws IllegalArgumentException if progress is NaN
   */
  public double at(double progress) {
    if (Double.isNaN(progress)) {
      throw new IllegalArgumentException("progress must be in [0, 1], not NaN");
    }
    double p = Math.max(0, Math.min(1, progress));
    // Exact at both ends, and everywhere when constant.
    return start == end ? start : start * (1 - p) + end * p;
  }

  /**
   * Reads what {@link #toString()} writes: a number, or {@code linear(start, end)}, with spaces
   * anywhere between.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static Schedule parse(String text) {
    String s = text.strip();
    try {
      if (s.startsWith("linear")) {
        String rest = s.substring("linear".length()).strip();
        if (rest.startsWith("(") && rest.endsWith(")")) {
          String[] values = rest.substring(1, rest.length() - 1).split(",", -1);
          if (values.length == 2) {
            return linear(number(values[0]), number(values[1]));
          }
        }
      } else {
        return constant(number(s));
      }
    } catch (NumberFormatException e) {
      throw unreadable(text, e);
    }
    throw unreadable(text, null);
  }

  /** {@link #parse}, under the name that configuration binders look for. */
  public static Schedule valueOf(String text) {
    return parse(text);
  }

  /** {@link #constant}, under the name that configuration binders look for. */
  public static Schedule valueOf(double value) {
    return constant(value);
  }

  /** A text that {@link #parse} reads back to the same schedule, bit for bit. */
  @Override
  public String toString() {
    return start == end ? Double.toString(start) : "linear(" + start + ", " + end + ")";
  }

  /** As Double.parseDouble, without its "1f", "1d" and hexadecimal forms. */
  private static double number(String text) {
    String s = text.strip();
    if (!s.matches("[-+.0-9eE]+")) {
      throw new NumberFormatException(text);
    }
    return Double.parseDouble(s);
  }

  private static IllegalArgumentException unreadable(
      String text, @Nullable NumberFormatException cause) {
    return new IllegalArgumentException(
        "a schedule is a finite number such as 3e-4, or linear(1e-3, 0), not \"" + text + "\"",
        cause);
  }
}
