package org.deeprl4j.experiments.execution;

import org.deeprl4j.algorithms.run.EvaluationResult;
import org.jspecify.annotations.Nullable;

/**
 * How the execution of a run ended.
 *
 * @param task the run
 * @param status whether it is complete
 * @param steps environment steps that it has taken in all, 0 if it failed
 * @param evaluation of its final policy, null unless it is complete
 * @param failure what it threw, null unless it failed
 */
public record RunOutcome(
    RunTask task,
    Status status,
    long steps,
    @Nullable EvaluationResult evaluation,
    @Nullable Throwable failure) {

  /** The ways in which an execution ends. */
  public enum Status {
    /** All steps are taken, and the final policy is evaluated. */
    COMPLETE,
    /** It was stopped, or not begun: the next execution goes on. */
    STOPPED,
    /** It threw something; the next execution tries again from the last checkpoint. */
    FAILED
  }
}
