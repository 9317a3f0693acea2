package org.deeprl4j.experiments.search;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.nn.Compute;
import org.jspecify.annotations.Nullable;

/**
 * Everything that determines a search but the number of its trials, which may grow: what {@code
 * search.json} begins with.
 *
 * <p>Trials are made in rounds. All runs of a round are trained for the steps of the first rung and
 * evaluated; of all trials that a rung has seen, the best one in η go on to the next, until the
 * last rung, where runs are complete. This is successive halving (Jamieson and Talwalkar 2016),
 * with a rung that is kept open (Li et al. 2020, "A system for massively parallel hyperparameter
 * tuning"), in steps that no order of completion changes.
 *
 * @param format the format of the directory, {@link #FORMAT}
 * @param algorithm the id of the algorithm
 * @param environment the environment as runs record it: its name and arguments
 * @param maxEpisodeSteps the step at which episodes are truncated, null for the environment's own
 *     limit
 * @param wrappers of the environment as runs record them, null for none
 * @param preset the preset that the start comes from, null if none was applied
 * @param start every hyper-parameter of the first trial
 * @param space what is searched, as {@link SearchSpace} reads it
 * @param sampling how the settings of trials are chosen
 * @param seed of the sampler
 * @param round trials that are proposed together, in [1, 1000]
 * @param steps environment steps of a whole run
 * @param rungs how many there are, in [1, 20]
 * @param eta η: one trial in so many goes on, in [2, 100]
 * @param trialSeeds runs of a trial in the last rung, in [1, 100]; before, there is one
 * @param episodes of the evaluation that decides, in [1, 1 000 000]
 * @param kernels the requested kernels
 * @param versions of this library, its commit, Java and ND4J
 * @param commandLine the arguments that started the search
 */
public record Search(
    int format,
    String algorithm,
    String environment,
    @Nullable Integer maxEpisodeSteps,
    @Nullable List<String> wrappers,
    @Nullable String preset,
    ObjectNode start,
    ObjectNode space,
    Sampling sampling,
    long seed,
    int round,
    long steps,
    int rungs,
    int eta,
    int trialSeeds,
    int episodes,
    Compute.Kernels kernels,
    Map<String, String> versions,
    List<String> commandLine) {

  /** The current format. */
  public static final int FORMAT = 1;

  /** The seed of a trial's first run; results are those of other seeds. */
  public static final long FIRST_SEED = 1001;

  /** Checks every range. */
  public Search {
    if (format != FORMAT) {
      throw new IllegalArgumentException("format must be %d, not %d".formatted(FORMAT, format));
    }
    Require.inRange("round", round, 1, 1000);
    Require.atLeast("steps", steps, 1);
    Require.inRange("rungs", rungs, 1, 20);
    Require.inRange("eta", eta, 2, 100);
    Require.inRange("trialSeeds", trialSeeds, 1, 100);
    Require.inRange("episodes", episodes, 1, Evaluation.MOST_EPISODES);
  }

  /**
   * Checks that seeds are different, and none that trials have.
   *
   * @throws IllegalArgumentException if they are not
   */
  public void requireOtherSeeds(List<Long> seeds) {
    for (long seed : seeds) {
      if (seed >= FIRST_SEED && seed < FIRST_SEED + trialSeeds) {
        throw new IllegalArgumentException(
            "the final seeds must be others than those of the trials, %d to %d, not %d"
                .formatted(FIRST_SEED, FIRST_SEED + trialSeeds - 1, seed));
      }
    }
    if (new HashSet<>(seeds).size() < seeds.size()) {
      throw new IllegalArgumentException("the final seeds must be different, not " + seeds);
    }
  }

  /** The space. */
  SearchSpace searched() {
    return new SearchSpace("space", space, Algorithms.find(algorithm), start);
  }

  /** What chooses the settings. */
  Sampler sampler() {
    return sampling.sampler(searched(), round, seed);
  }

  /** Environment steps of a run at the end of a rung, 0 being the first. */
  long steps(int rung) {
    long steps = this.steps;
    for (int below = rungs - 1; below > rung; below--) {
      steps = (steps + eta - 1) / eta;
    }
    return steps;
  }

  /** Runs of a trial in a rung. */
  int seeds(int rung) {
    return rung == rungs - 1 ? trialSeeds : 1;
  }
}
