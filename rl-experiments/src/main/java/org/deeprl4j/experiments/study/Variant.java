package org.deeprl4j.experiments.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.run.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * An algorithm with its settings in an environment: what is the same in all runs of a row of a
 * study's tables, which differ in their seeds alone.
 *
 * @param label what tables and plots call the algorithm with its settings
 * @param algorithm the id of the algorithm
 * @param environment the environment as runs record it: its name and arguments
 * @param maxEpisodeSteps the step at which episodes are truncated, null for the environment's own
 *     limit
 * @param wrappers of the environment as runs record them, null for none
 * @param seeds of the runs, different
 * @param steps environment steps of each run
 * @param preset the preset that the settings come from, null if none was applied
 * @param set every hyper-parameter
 * @param checkpointEvery steps between checkpoints, 0 for a choice by time
 * @param evaluateEvery steps between evaluations, 0 for a single one at the end
 * @param episodes of each evaluation
 * @param target the return that counts as optimal, null if it is not known
 * @param threshold the return that runs are to reach, null for none
 * @param randomReturn the return of a random policy, null if it is not known
 */
public record Variant(
    String label,
    String algorithm,
    String environment,
    @Nullable Integer maxEpisodeSteps,
    @Nullable List<String> wrappers,
    List<Long> seeds,
    long steps,
    @Nullable String preset,
    ObjectNode set,
    long checkpointEvery,
    long evaluateEvery,
    int episodes,
    @Nullable Double target,
    @Nullable Double threshold,
    @Nullable Double randomReturn) {
  private static final int LONGEST = 120;

  /** Checks every range. */
  public Variant {
    seeds = List.copyOf(seeds);
    if (seeds.isEmpty() || new HashSet<>(seeds).size() < seeds.size()) {
      throw new IllegalArgumentException("seeds must be different, and at least one, not " + seeds);
    }
    Require.atLeast("steps", steps, 1);
    Require.atLeast("checkpointEvery", checkpointEvery, 0);
    Require.atLeast("evaluateEvery", evaluateEvery, 0);
    Require.inRange("episodes", episodes, 1, Evaluation.MOST_EPISODES);
    if (target != null && randomReturn != null && !(target > randomReturn)) {
      throw new IllegalArgumentException(
          "target must be more than randomReturn = %s, not %s".formatted(randomReturn, target));
    }
  }

  /** The directory of one of its runs, below that of the study. */
  String directory(long seed) {
    String name = (label + "-" + environment).replaceAll("[^\\w.=,+-]+", "-");
    return name.substring(0, Math.min(LONGEST, name.length())) + "/seed-" + seed;
  }
}
