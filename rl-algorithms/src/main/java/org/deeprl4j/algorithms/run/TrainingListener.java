package org.deeprl4j.algorithms.run;

import java.nio.file.Path;
import org.deeprl4j.algorithms.learning.Metrics;

/** Watches a run; called by the thread that trains, between iterations. */
public interface TrainingListener {

  /**
   * After each iteration.
   *
   * @param steps environment steps since the run began
   * @param seconds training time since the run began, evaluations aside, over all resumptions
   * @param metrics what the iteration reported
   */
  default void onIteration(long steps, double seconds, Metrics metrics) {}

  /**
   * After each evaluation.
   *
   * @param best whether its mean return is the best of the run so far
   */
  default void onEvaluation(long steps, EvaluationResult result, boolean best) {}

  /** After each checkpoint. */
  default void onCheckpoint(long steps, Path directory) {}

  /** Once, when the run is complete or was stopped. */
  default void onEnd(TrainingReport report) {}
}
