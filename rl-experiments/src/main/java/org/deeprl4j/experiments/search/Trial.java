package org.deeprl4j.experiments.search;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Settings that a search tries, and how far they came.
 *
 * @param number from 1 on; the first one is the start
 * @param settings that differ from the start's, or may
 * @param rungs those that it has climbed, in order
 */
public record Trial(int number, ObjectNode settings, List<Rung> rungs) {

  /**
   * What a trial did in a rung.
   *
   * @param steps environment steps that each of its runs had taken at the end
   * @param returns the mean return of the policy of each of its runs; empty if one failed
   * @param failure why the settings failed, null if they did not
   */
  public record Rung(List<Long> steps, List<Double> returns, @Nullable String failure) {

    /** Checks that there is a result. */
    public Rung {
      steps = List.copyOf(steps);
      returns = List.copyOf(returns);
      if (failure == null && returns.isEmpty()) {
        throw new IllegalArgumentException("a rung has returns or a failure, not neither");
      }
    }

    /** The mean over the runs, −∞ if the settings failed. */
    double score() {
      return failure != null
          ? Double.NEGATIVE_INFINITY
          : returns.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
  }

  /** Better trials first: those that went further; of these, those with the higher score. */
  static final Comparator<Trial> BEST_FIRST =
      Comparator.comparing(Trial::failed)
          .thenComparing(trial -> -trial.rungs.size())
          .thenComparing(trial -> -trial.score())
          .thenComparing(Trial::number);

  /** Whether its settings cannot be trained with. */
  boolean failed() {
    return !rungs.isEmpty() && rungs.get(rungs.size() - 1).failure() != null;
  }

  /** The score of its last rung, −∞ before the first. */
  double score() {
    return rungs.isEmpty() ? Double.NEGATIVE_INFINITY : rungs.get(rungs.size() - 1).score();
  }

  /** Steps of all its runs. */
  long steps() {
    return rungs.isEmpty()
        ? 0
        : rungs.get(rungs.size() - 1).steps().stream().mapToLong(Long::longValue).sum();
  }

  Trial with(Rung rung) {
    List<Rung> more = new ArrayList<>(rungs);
    more.add(rung);
    return new Trial(number, settings, more);
  }

  /** Why it failed, null if it did not. */
  @Nullable String failure() {
    return failed() ? Objects.requireNonNull(rungs.get(rungs.size() - 1).failure()) : null;
  }
}
