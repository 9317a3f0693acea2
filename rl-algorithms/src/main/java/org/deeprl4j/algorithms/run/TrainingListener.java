package org.deeprl4j.algorithms.run;

import java.nio.file.Path;
import org.deeprl4j.algorithms.training.Trainer.Metrics;

/** Observes a run. The training thread calls it between iterations. */
public interface TrainingListener {

  /**
   * Called after each iteration.
   *
   * @param steps environment steps since the run began
   * @param seconds training time since the run began, without evaluations, over all resumptions
   * @param metrics the report of the iteration
   */
  default void onIteration(long steps, double seconds, Metrics metrics) {}

  /**
   * Called after each evaluation.
   *
   * @param best whether its mean return is the best of the run so far
   */
  default void onEvaluation(long steps, EvaluationResult result, boolean best) {}

  /** Called after each checkpoint. */
  default void onCheckpoint(long steps, Path directory) {}

  /** Called once, when the run is complete or was stopped. */
  default void onEnd(TrainingReport report) {}
}
