package org.deeprl4j.experiments.study;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.experiments.execution.RunTask;
import org.deeprl4j.experiments.report.RunResult;
import org.jspecify.annotations.Nullable;

/** Writes {@code results.csv}. */
final class ResultsTable {
  private static final CsvMapper CSV = new CsvMapper();

  /**
   * A run; cells are empty where there is nothing to say yet.
   *
   * @param status complete, failed, stopped after some steps, or not begun
   * @param steps_to_threshold empty if it was not reached
   */
  @JsonPropertyOrder({
    "label",
    "environment",
    "seed",
    "status",
    "steps",
    "seconds",
    "mean_return",
    "std_return",
    "mean_length",
    "success_rate",
    "steps_to_threshold",
    "directory",
    "failure"
  })
  record Row(
      String label,
      String environment,
      long seed,
      String status,
      long steps,
      double seconds,
      @Nullable Double mean_return,
      @Nullable Double std_return,
      @Nullable Double mean_length,
      @Nullable Double success_rate,
      @Nullable Long steps_to_threshold,
      String directory,
      @Nullable String failure) {}

  private ResultsTable() {}

  static byte[] of(Path path, List<RunTask> tasks, Study study, Map<Path, String> failures)
      throws IOException {
    Map<String, Double> thresholds = new HashMap<>();
    for (Variant variant : study.variants()) {
      Double threshold = variant.threshold();
      if (threshold != null) {
        variant.seeds().forEach(seed -> thresholds.put(variant.directory(seed), threshold));
      }
    }
    List<Row> rows = new ArrayList<>();
    for (RunTask task : tasks) {
      String directory = path.relativize(task.directory()).toString().replace('\\', '/');
      rows.add(row(task, directory, thresholds.get(directory), failures.get(task.directory())));
    }
    CsvSchema schema = CSV.schemaFor(Row.class).withHeader();
    return CSV.writer(schema).writeValueAsBytes(rows);
  }

  private static Row row(
      RunTask task, String directory, @Nullable Double threshold, @Nullable String failure)
      throws IOException {
    RunResult run = RunDirectory.isRun(task.directory()) ? RunResult.read(task.directory()) : null;
    EvaluationResult evaluation = run == null ? null : run.evaluation();
    double reached =
        run == null || threshold == null
            ? Double.POSITIVE_INFINITY
            : run.curve().firstAt(threshold);
    String status =
        evaluation != null
            ? "complete"
            : failure != null
                ? "failed"
                : run == null || run.steps() == 0 ? "not begun" : "stopped";
    return new Row(
        task.label(),
        task.config().environment(),
        task.config().seed(),
        status,
        run == null ? 0 : run.steps(),
        run == null ? 0 : run.seconds(),
        evaluation == null ? null : Double.valueOf(evaluation.meanReturn()),
        evaluation == null ? null : Double.valueOf(evaluation.stdReturn()),
        evaluation == null ? null : Double.valueOf(evaluation.meanLength()),
        evaluation != null && evaluation.successRate().isPresent()
            ? Double.valueOf(evaluation.successRate().getAsDouble())
            : null,
        Double.isFinite(reached) ? Long.valueOf((long) reached) : null,
        directory,
        failure);
  }
}
