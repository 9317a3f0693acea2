package org.deeprl4j.experiments.report;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs that differ in their seeds alone: a row of a table.
 *
 * @param label of the row
 * @param planned how many runs there are to be
 * @param runs those that are complete, by seed
 * @param target the return that counts as optimal, null if it is not known
 * @param threshold the return that runs are to reach, null for none
 * @param randomReturn the return of a random policy, null if it is not known
 */
public record Group(
    String label,
    String environment,
    int planned,
    List<RunResult> runs,
    @Nullable Double target,
    @Nullable Double threshold,
    @Nullable Double randomReturn) {

  /** Keeps the runs that are complete. */
  public Group {
    runs =
        runs.stream()
            .filter(run -> run.evaluation() != null)
            .sorted(
                Comparator.comparingLong((RunResult run) -> run.config().seed())
                    .thenComparing(run -> run.directory().toString()))
            .toList();
  }

  /** The mean return of each final policy. */
  public double[] scores() {
    return runs.stream()
        .mapToDouble(run -> Objects.requireNonNull(run.evaluation()).meanReturn())
        .toArray();
  }

  /** The last step that all curves have; 0 if there is no run, or one without a curve. */
  double lastStep() {
    return runs.stream()
        .mapToDouble(run -> run.curve().steps().length == 0 ? 0 : run.curve().last())
        .min()
        .orElse(0);
  }

  /** Where the curves are at a step. */
  double[] returnsAt(double step) {
    return runs.stream().mapToDouble(run -> run.curve().at(step)).toArray();
  }

  /** The same on a scale on which a random policy has 0 and the target is 1; null without them. */
  double @Nullable [] normalized() {
    Double one = target;
    Double zero = randomReturn;
    if (one == null || zero == null || runs.isEmpty()) {
      return null;
    }
    double[] scores = scores();
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (scores[i] - zero) / (one - zero);
    }
    return scores;
  }
}
