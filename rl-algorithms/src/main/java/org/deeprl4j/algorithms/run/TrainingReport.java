package org.deeprl4j.algorithms.run;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of a call of {@link Training#run}.
 *
 * @param totalSteps environment steps since the run began
 * @param totalSeconds training time since the run began, without evaluations
 * @param steps environment steps of this call
 * @param seconds training time of this call, without evaluations
 * @param stopped whether the call ended before the run was complete
 * @param reason a listener's reason to end it, null if there was none
 * @param evaluation the evaluation of the final policy, null if there was none
 */
public record TrainingReport(
    long totalSteps,
    double totalSeconds,
    long steps,
    double seconds,
    boolean stopped,
    @Nullable String reason,
    @Nullable EvaluationResult evaluation) {

  /** Environment steps per second of this call; NaN if it took none. */
  public double stepsPerSecond() {
    return steps / seconds;
  }
}
