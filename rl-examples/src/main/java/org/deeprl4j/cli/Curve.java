package org.deeprl4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.algorithms.run.RunDirectory.Evaluated;
import org.deeprl4j.text.Suggestions;

/**
 * What a run recorded over environment steps.
 *
 * @param steps in ascending order, at least two
 * @param values as many, finite
 */
record Curve(double[] steps, double[] values) {
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
   * @throws UserError if there are less than two
   */
  static Curve read(Path run, String metric) throws IOException {
    double[][] columns = columns(run, metric);
    int[] rows =
        IntStream.range(0, columns[0].length).filter(r -> Double.isFinite(columns[1][r])).toArray();
    if (rows.length < 2) {
      throw new UserError(
          "%s has fewer than two values of '%s'%s"
              .formatted(
                  run,
                  metric,
                  metric.startsWith("eval/") ? "; --evaluate-every N records them" : ""));
    }
    return new Curve(
        Arrays.stream(rows).mapToDouble(r -> columns[0][r]).toArray(),
        Arrays.stream(rows).mapToDouble(r -> columns[1][r]).toArray());
  }

  private static double[][] columns(Path run, String metric) throws IOException {
    if (!metric.startsWith("eval/")) {
      return RunDirectory.readMetrics(run, "steps", metric);
    }
    ToDoubleFunction<EvaluationResult> measured = EVALUATIONS.get(metric);
    if (measured == null) {
      throw Suggestions.unknown("metric", metric, EVALUATIONS.keySet());
    }
    List<Evaluated> all = RunDirectory.readEvaluations(run);
    return new double[][] {
      all.stream().mapToDouble(Evaluated::steps).toArray(),
      all.stream().map(Evaluated::result).mapToDouble(measured).toArray()
    };
  }

  double first() {
    return steps[0];
  }

  double last() {
    return steps[steps.length - 1];
  }

  /** Linear interpolation within [first step, last step]. */
  double at(double step) {
    int i = Arrays.binarySearch(steps, step);
    if (i >= 0) {
      return values[i];
    }
    int next = Math.min(Math.max(-i - 1, 1), steps.length - 1);
    double part = (step - steps[next - 1]) / (steps[next] - steps[next - 1]);
    return values[next - 1] + part * (values[next] - values[next - 1]);
  }

  /**
   * The exponential moving average, divided by the sum of its weights so that it does not start at
   * 0.
   *
   * @param weight of the past, in [0, 1)
   */
  Curve smoothed(double weight) {
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
