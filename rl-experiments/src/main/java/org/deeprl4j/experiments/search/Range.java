package org.deeprl4j.experiments.search;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Numbers from {@code low} to {@code high}, as the interval [0, 1].
 *
 * @param whole whether they are whole numbers, each of which has a part of the interval
 */
record Range(double low, double high, Scale scale, boolean whole) {
  /** Enough to repeat a result, and short enough to read. */
  private static final MathContext DIGITS = new MathContext(4);

  /** The number at a coordinate in [0, 1], with four significant digits. */
  double value(double u) {
    double y = first() + u * (last() - first());
    double x = scale.invert(y);
    double rounded =
        whole
            ? Math.rint(x)
            : scale == Scale.LOGIT && x > 0.5
                ? BigDecimal.ONE.subtract(new BigDecimal(1 - x).round(DIGITS)).doubleValue()
                : rounded(x);
    return Math.max(low, Math.min(high, rounded));
  }

  /** A number with four significant digits. */
  static double rounded(double x) {
    return new BigDecimal(x).round(DIGITS).doubleValue();
  }

  /** The coordinate of a number, or of the end that is nearer. */
  double coordinate(double x) {
    double inside = Math.max(low, Math.min(high, x));
    return (scale.apply(inside) - first()) / (last() - first());
  }

  private double first() {
    return scale.apply(whole ? low - 0.5 : low);
  }

  private double last() {
    return scale.apply(whole ? high + 0.5 : high);
  }
}
