package org.deeprl4j.algorithms.run;

import java.nio.file.Path;
import java.util.List;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.deeprl4j.mdp.EpisodeLog;
import org.jspecify.annotations.Nullable;

/**
 * Observes a run, and may end it. The training thread calls it between iterations, except for
 * {@link #stepListener}. What it throws ends the run after the iteration, with a checkpoint, and is
 * thrown on.
 */
public interface TrainingListener {

  /**
   * Called before the first iteration.
   *
   * @param earlier the evaluations before a resume, in order
   */
  default void onStart(List<RunDirectory.Evaluated> earlier) {}

  /**
   * Called after each iteration.
   *
   * @param steps environment steps since the run began
   * @param seconds training time since the run began, without evaluations, over all resumptions
   * @param metrics the report of the iteration
   */
  default void onIteration(long steps, double seconds, Metrics metrics) {}

  /**
   * Who is told of every step, or null for nobody: asked once, before the first iteration, as a
   * step may take less time than a question. It is told within an iteration, by the thread that
   * steps; in the asynchronous regime these are several, one at a time.
   */
  default EpisodeLog.@Nullable StepListener stepListener() {
    return null;
  }

  /**
   * Called after each evaluation.
   *
   * @param best whether its mean return is the best of the run so far
   */
  default void onEvaluation(long steps, EvaluationResult result, boolean best) {}

  /** Called after each checkpoint. */
  default void onCheckpoint(long steps, Path directory) {}

  /**
   * Queried after each iteration, with its steps, its evaluation and its checkpoint, and before the
   * first one of a run that is resumed: the reason to end the run here, or null. The policy is then
   * evaluated, and the run can be resumed.
   */
  default @Nullable String reasonToStop() {
    return null;
  }

  /** Called once, when the run is complete or was stopped. */
  default void onEnd(TrainingReport report) {}
}
