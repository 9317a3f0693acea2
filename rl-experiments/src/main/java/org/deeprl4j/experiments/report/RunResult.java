package org.deeprl4j.experiments.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.jspecify.annotations.Nullable;

/**
 * What a run directory says of its run.
 *
 * @param steps environment steps that were recorded
 * @param seconds of training that were recorded
 * @param evaluation of the final policy, null as long as the run is not complete
 * @param curve the evaluations on the way if there are any, else the mean return of the last 100
 *     episodes of training
 */
public record RunResult(
    Path directory,
    RunConfig config,
    long steps,
    double seconds,
    @Nullable EvaluationResult evaluation,
    Curve curve) {

  /**
   * Reads a run.
   *
   * @throws NoSuchFileException if there is none
   * @throws org.deeprl4j.state.StateFormatException if a file is damaged
   */
  public static RunResult read(Path directory) throws IOException {
    RunConfig config = RunDirectory.readConfig(directory);
    List<RunDirectory.Evaluated> evaluations = RunDirectory.readEvaluations(directory);
    double[][] metrics = metrics(directory);
    int rows = metrics[0].length;
    RunDirectory.@Nullable Evaluated last =
        evaluations.isEmpty() ? null : evaluations.get(evaluations.size() - 1);
    return new RunResult(
        directory,
        config,
        rows == 0 ? 0 : (long) metrics[0][rows - 1],
        rows == 0 ? 0 : metrics[1][rows - 1],
        last != null && last.steps() >= config.totalSteps() ? last.result() : null,
        config.evaluateEvery() > 0
            ? Curve.of(evaluations, EvaluationResult::meanReturn)
            : Curve.finite(metrics[0], metrics[2])); // no return before the first episode ends
  }

  /** What runs that differ in their seeds alone have in common. */
  public String variant() {
    return String.join(
        "\n",
        config.algorithm(),
        config.environment(),
        String.valueOf(config.maxEpisodeSteps()),
        String.valueOf(config.wrappers()),
        String.valueOf(config.totalSteps()),
        config.configuration().toString());
  }

  /** Steps, seconds and mean returns; none before the first iteration. */
  private static double[][] metrics(Path directory) throws IOException {
    Path file = directory.resolve("metrics.csv");
    return Files.exists(file) && Files.size(file) > 0
        ? RunDirectory.readMetrics(directory, "steps", "seconds", "mean_return")
        : new double[3][0];
  }
}
