package org.deeprl4j.algorithms.run;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.mdp.Mdp;
import org.jspecify.annotations.Nullable;

/**
 * What happens around the iterations of a run.
 *
 * @param directory records the run; null to record nothing
 * @param checkpointEvery environment steps from checkpoint to checkpoint, 0 for only one at the end
 * @param evaluations when and how to evaluate; null for never
 * @param stop asked after each iteration; true ends the run there, to be resumed later
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
   * @param every environment steps from one to the next, 0 for only one at the end
   * @param episodes of each, at least 1
   * @param seed the same for all, so that they differ by the policy alone
   */
  public record Evaluations(
      Supplier<? extends Mdp> environment, long every, int episodes, long seed) {

    /** Checks every range. */
    public Evaluations {
      Require.atLeast("every", every, 0);
      Require.atLeast("episodes", episodes, 1);
    }
  }

  /** Checks every range. */
  public TrainingPlan {
    Require.atLeast("checkpointEvery", checkpointEvery, 0);
  }

  /** To train and nothing else. */
  public static TrainingPlan bare() {
    return new TrainingPlan(null, 0, null, () -> false);
  }
}
