package org.deeprl4j.schedule;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A hyper-parameter over training, with p the progress in [0, 1]. It is written as one of
 *
 * <pre>
 * 3e-4                                     the same value throughout
 * linear(a, b)                             a (1 − p) + b p
 * cosine(a, b)                             b + (a − b) (1 + cos πp) / 2
 * exponential(a, b)                        a (b/a)^p, for a, b &gt; 0
 * piecewise(0: a, 0.1: b, 1: c)            linear from each point to the next
 * </pre>
 *
 * <p>Before its first point a piecewise schedule has the first value, after its last one the last.
 * Two points of the same progress make a jump; the second one's value counts there. The cosine is
 * that of Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts", eq.
 * 5, without a restart.
 *
 * @param curve how the value goes from a point to the next
 * @param points in ascending order of progress: one of a constant; any number with {@link
 *     Curve#LINEAR}, otherwise two, at 0 and 1
 */
public record Schedule(Curve curve, List<Point> points) {
  /** What {@link #parse} reads, to complete "must be …". */
  public static final String FORMS =
      "a number such as 3e-4, linear(1e-3, 0), cosine(1e-3, 0), exponential(1e-3, 1e-5) with"
          + " positive values, or piecewise(0: 1e-3, 0.5: 1e-4, 1: 0) with ascending fractions of"
          + " the run";

  private static final Pattern CALL =
      Pattern.compile("(linear|cosine|exponential|piecewise)\\s*\\((.*)\\)");

  /** How a value goes from a point to the next. */
  public enum Curve {
    /** In proportion to progress. */
    LINEAR,
    /** Half a wave: slowly at both ends. */
    COSINE,
    /** By the same factor in equal times. */
    EXPONENTIAL
  }

  /**
   * The value at a fraction of the run.
   *
   * @param progress in [0, 1]
   * @param value finite
   */
  public record Point(double progress, double value) {
    /** Checks both. */
    public Point {
      if (!(progress >= 0 && progress <= 1) || !Double.isFinite(value)) {
        throw new IllegalArgumentException(
            "a schedule needs finite values at fractions of the run in [0, 1], not %s at %s"
                .formatted(value, progress));
      }
      // −0 becomes 0: schedules that are equal as numbers are equal as records.
      progress += 0.0;
      value += 0.0;
    }
  }

  /** Checks the points; a schedule that never changes becomes a constant. */
  public Schedule {
    points = List.copyOf(points);
    boolean ends = points.size() == 2 && points.get(0).progress == 0 && points.get(1).progress == 1;
    if (points.isEmpty() || (curve != Curve.LINEAR && !ends)) {
      throw new IllegalArgumentException(
          "a schedule needs points, those of a curve at 0 and 1, not " + points);
    }
    for (int i = 1; i < points.size(); i++) {
      if (!(points.get(i).progress >= points.get(i - 1).progress)) {
        throw new IllegalArgumentException(
            "a schedule needs fractions of the run in ascending order, not %s after %s"
                .formatted(points.get(i).progress, points.get(i - 1).progress));
      }
    }
    if (curve == Curve.EXPONENTIAL && !points.stream().allMatch(point -> point.value > 0)) {
      throw new IllegalArgumentException(
          "an exponential schedule needs positive values, not %s and %s"
              .formatted(points.get(0).value, points.get(1).value));
    }
    double first = points.get(0).value;
    if (points.stream().allMatch(point -> point.value == first)) {
      curve = Curve.LINEAR;
      points = List.of(new Point(0, first));
    }
  }

  /** The same value throughout. */
  public static Schedule constant(double value) {
    return new Schedule(Curve.LINEAR, List.of(new Point(0, value)));
  }

  /** In proportion to progress from {@code start} to {@code end}. */
  public static Schedule linear(double start, double end) {
    return between(Curve.LINEAR, start, end);
  }

  /** By half a cosine wave from {@code start} to {@code end}. */
  public static Schedule cosine(double start, double end) {
    return between(Curve.COSINE, start, end);
  }

  /** By a constant factor from {@code start} &gt; 0 to {@code end} &gt; 0. */
  public static Schedule exponential(double start, double end) {
    return between(Curve.EXPONENTIAL, start, end);
  }

  /** Linear from each point to the next. */
  public static Schedule piecewise(Point... points) {
    return new Schedule(Curve.LINEAR, Arrays.asList(points));
  }

  private static Schedule between(Curve curve, double start, double end) {
    return new Schedule(curve, List.of(new Point(0, start), new Point(1, end)));
  }

  /** Whether the value is the same throughout. */
  public boolean isConstant() {
    return points.size() == 1;
  }

  /** The value at progress 0. */
  public double start() {
    return at(0);
  }

  /** The least value that it takes. */
  public double least() {
    return points.stream().mapToDouble(Point::value).reduce(Double.POSITIVE_INFINITY, Math::min);
  }

  /** The largest value that it takes. */
  public double largest() {
    return points.stream().mapToDouble(Point::value).reduce(Double.NEGATIVE_INFINITY, Math::max);
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
    int next = 0;
    while (next < points.size() && points.get(next).progress <= p) {
      next++;
    }
    // Exact at all points, and everywhere when constant.
    if (next == 0 || next == points.size()) {
      return points.get(Math.max(0, next - 1)).value;
    }
    Point a = points.get(next - 1);
    Point b = points.get(next);
    double q = (p - a.progress) / (b.progress - a.progress);
    return switch (curve) {
      case LINEAR -> mix(a.value, b.value, q);
      case COSINE -> mix(a.value, b.value, (1 - Math.cos(Math.PI * q)) / 2);
      case EXPONENTIAL -> Math.pow(a.value, 1 - q) * Math.pow(b.value, q);
    };
  }

  /**
   * Reads what {@link #toString()} writes: a number, or the name of a form with its values in
   * parentheses, with spaces anywhere between.
   *
   * @throws IllegalArgumentException if the text is none of these
   */
  public static Schedule parse(String text) {
    try {
      Matcher call = CALL.matcher(text.strip());
      if (!call.matches()) {
        return constant(number(text));
      }
      String[] values = call.group(2).split(",", -1);
      if (call.group(1).equals("piecewise")) {
        return piecewise(Arrays.stream(values).map(Schedule::point).toArray(Point[]::new));
      }
      if (values.length == 2) {
        Curve curve = Curve.valueOf(call.group(1).toUpperCase(Locale.ROOT));
        return between(curve, number(values[0]), number(values[1]));
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
    if (isConstant()) {
      return Double.toString(points.get(0).value);
    }
    Point first = points.get(0);
    Point last = points.get(points.size() - 1);
    if (points.size() == 2 && first.progress == 0 && last.progress == 1) {
      return "%s(%s, %s)".formatted(curve.name().toLowerCase(Locale.ROOT), first.value, last.value);
    }
    return points.stream()
        .map(point -> point.progress + ": " + point.value)
        .collect(Collectors.joining(", ", "piecewise(", ")"));
  }

  private static double mix(double a, double b, double share) {
    return a * (1 - share) + b * share;
  }

  private static Point point(String text) {
    String[] sides = text.split(":", -1);
    if (sides.length != 2) {
      throw new NumberFormatException(text);
    }
    return new Point(number(sides[0]), number(sides[1]));
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
    return new IllegalArgumentException("a schedule is " + FORMS + ", not \"" + text + "\"", cause);
  }
}
