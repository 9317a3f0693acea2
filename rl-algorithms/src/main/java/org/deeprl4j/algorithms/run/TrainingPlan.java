package org.deeprl4j.algorithms.run;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.mdp.Mdp;
import org.jspecify.annotations.Nullable;

/**
 * The recording, evaluation and stopping of a run.
 *
 * @param directory records the run; null to record nothing
 * @param checkpointEvery environment steps between checkpoints, each of which waits for the end of
 *     the iteration in which it is due; 0 for a choice by time, such that there are at least 10 s
 *     between two and all of them cost less than 1 % of the training time
 * @param evaluations when and how to evaluate; null for no evaluation
 * @param stop queried after each iteration; true stops the run, which can be resumed later
 */
public record TrainingPlan(
    @Nullable RunDirectory directory,
    long checkpointEvery,
    @Nullable Evaluations evaluations,
    BooleanSupplier stop) {

  /**
   * Evaluations during a run and at its end.
   *
   * @param environment creates a new environment, with its time limit, at each call
   * @param every environment steps between evaluations, 0 for a single one at the end; an
   *     evaluation waits for the end of the iteration in which it is due ({@link
   *     org.deeprl4j.algorithms.training.Trainer#iterationSteps})
   * @param episodes number of episodes per evaluation, in [1, 1 000 000]
   * @param seed the seed of all evaluations, so that only the policy differs
   */
  public record Evaluations(
      Supplier<? extends Mdp> environment, long every, int episodes, long seed) {

    /** Checks every range. */
    public Evaluations {
      Require.atLeast("every", every, 0);
      Require.inRange("episodes", episodes, 1, Evaluation.MOST_EPISODES);
    }
  }

  /** Checks every range. */
  public TrainingPlan {
    Require.atLeast("checkpointEvery", checkpointEvery, 0);
  }

  /**
   * The plan that a run's directory records.
   *
   * @param directory says how often to save and to evaluate, over how many episodes and with which
   *     seed
   * @param environment creates a new environment for evaluations, with its time limit, at each call
   * @param stop as above
   */
  public static TrainingPlan of(
      RunDirectory directory, Supplier<? extends Mdp> environment, BooleanSupplier stop) {
    RunConfig config = directory.config();
    Evaluations evaluations =
        config.evaluationEpisodes() == 0
            ? null
            : new Evaluations(
                environment,
                config.evaluateEvery(),
                config.evaluationEpisodes(),
                config.evaluationSeed());
    return new TrainingPlan(directory, config.checkpointEvery(), evaluations, stop);
  }

  /** A plan that only trains. */
  public static TrainingPlan bare() {
    return new TrainingPlan(null, 0, null, () -> false);
  }
}
