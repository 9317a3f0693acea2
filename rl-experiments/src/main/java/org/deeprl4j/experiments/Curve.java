package org.deeprl4j.experiments;

import java.util.Arrays;

/**
 * A run's returns over environment steps.
 *
 * @param steps [n], ascending
 * @param returns [n], finite
 */
public record Curve(double[] steps, double[] returns) {
  /**
   * The return at a step: linear between two points, and that of the first or last point beyond
   * them.
   *
   * @throws IllegalStateException if the curve has no point
   */
  public double at(double step) {
    if (steps.length == 0) {
      throw new IllegalStateException("a curve without points has no return");
    }
    int found = Arrays.binarySearch(steps, step);
    if (found >= 0) {
      return returns[found];
    }
    int next = -found - 1;
    if (next == 0 || next == steps.length) {
      return returns[next == 0 ? 0 : next - 1];
    }
    double part = (step - steps[next - 1]) / (steps[next] - steps[next - 1]);
    return returns[next - 1] + part * (returns[next] - returns[next - 1]);
  }

  /** The first step at which the return is at least a threshold, infinite if it never is. */
  public double firstAt(double threshold) {
    for (int i = 0; i < steps.length; i++) {
      if (returns[i] >= threshold) {
        return steps[i];
      }
    }
    return Double.POSITIVE_INFINITY;
  }
}
