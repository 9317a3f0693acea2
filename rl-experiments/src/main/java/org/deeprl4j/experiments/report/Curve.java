package org.deeprl4j.experiments.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.text.Suggestions;

/**
 * What a run recorded over environment steps.
 *
 * @param steps [n], ascending
 * @param values [n], finite
 */
public record Curve(double[] steps, double[] values) {
  /** What is recorded of an evaluation, by the names that TensorBoard shows. */
  private static final Map<String, ToDoubleFunction<EvaluationResult>> EVALUATIONS =
      Map.of(
          "eval/mean_return", EvaluationResult::meanReturn,
          "eval/std_return", EvaluationResult::stdReturn,
          "eval/mean_length", EvaluationResult::meanLength,
          "eval/success_rate", result -> result.successRate().orElse(Double.NaN));

  /**
   * Reads the values that a run has of a metric: there is no mean return before the first episode
   * ends.
   *
   * @param metric a column of {@code metrics.csv}, or {@code eval/} and what an evaluation measures
   * @throws IOException if the run cannot be read
   * @throws IllegalArgumentException if there is no such metric
   */
  public static Curve read(Path run, String metric) throws IOException {
    if (!metric.startsWith("eval/")) {
      double[][] columns = RunDirectory.readMetrics(run, "steps", metric);
      return finite(columns[0], columns[1]);
    }
    ToDoubleFunction<EvaluationResult> measured = EVALUATIONS.get(metric);
    if (measured == null) {
      throw Suggestions.unknown("metric", metric, EVALUATIONS.keySet());
    }
    return of(RunDirectory.readEvaluations(run), measured);
  }

  /** What evaluations measured. */
  static Curve of(
      List<RunDirectory.Evaluated> evaluations, ToDoubleFunction<EvaluationResult> measured) {
    return finite(
        evaluations.stream().mapToDouble(RunDirectory.Evaluated::steps).toArray(),
        evaluations.stream().map(RunDirectory.Evaluated::result).mapToDouble(measured).toArray());
  }

  /** The points that have a finite value. */
  static Curve finite(double[] steps, double[] values) {
    int[] rows = IntStream.range(0, steps.length).filter(r -> Double.isFinite(values[r])).toArray();
    return new Curve(
        Arrays.stream(rows).mapToDouble(r -> steps[r]).toArray(),
        Arrays.stream(rows).mapToDouble(r -> values[r]).toArray());
  }

  /** The first step of a curve that has one. */
  public double first() {
    return steps[0];
  }

  /** The last step of a curve that has one. */
  public double last() {
    return steps[steps.length - 1];
  }

  /**
   * The value at a step: linear between two points, and that of the first or last point beyond
   * them.
   *
   * @throws IllegalStateException if the curve has no point
   */
  public double at(double step) {
    if (steps.length == 0) {
      throw new IllegalStateException("a curve without points has no value");
    }
    int found = Arrays.binarySearch(steps, step);
    if (found >= 0) {
      return values[found];
    }
    int next = -found - 1;
    if (next == 0 || next == steps.length) {
      return values[next == 0 ? 0 : next - 1];
    }
    double part = (step - steps[next - 1]) / (steps[next] - steps[next - 1]);
    return values[next - 1] + part * (values[next] - values[next - 1]);
  }

  /** The first step at which the value is at least a threshold, infinite if it never is. */
  public double firstAt(double threshold) {
    for (int i = 0; i < steps.length; i++) {
      if (values[i] >= threshold) {
        return steps[i];
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /**
   * The exponential moving average, divided by the sum of its weights so that it does not start at
   * 0.
   *
   * @param weight of the past, in [0, 1)
   */
  public Curve smoothed(double weight) {
    double[] smooth = new double[values.length];
    double sum = 0;
    double weights = 0;
    for (int i = 0; i < values.length; i++) {
      sum = weight * sum + (1 - weight) * values[i];
      weights = weight * weights + (1 - weight);
      smooth[i] = sum / weights;
    }
    return new Curve(steps, smooth);
  }
}
