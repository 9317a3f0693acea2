package org.deeprl4j.algorithms.run;

import org.jspecify.annotations.Nullable;

/**
 * How a call of {@link Training#run} ended.
 *
 * @param totalSteps environment steps since the run began
 * @param totalSeconds training time since the run began, evaluations aside
 * @param steps environment steps of this call
 * @param seconds training time of this call, evaluations aside
 * @param stopped whether a stop request ended it before the run was complete
 * @param evaluation of the final policy, null if there was none
 */
public record TrainingReport(
    long totalSteps,
    double totalSeconds,
    long steps,
    double seconds,
    boolean stopped,
    @Nullable EvaluationResult evaluation) {

  /** Environment steps a second of this call; NaN if it made none. */
  public double stepsPerSecond() {
    return steps / seconds;
  }
}
