package org.deeprl4j.cli;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.TrainingListener;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.deeprl4j.experiments.execution.RunOutcome;
import org.deeprl4j.experiments.execution.RunTask;
import org.jspecify.annotations.Nullable;

/**
 * Shows the progress of all runs of a study together: on a terminal a bar with speed and time left,
 * elsewhere a line every few seconds; and a line for each run that ends.
 */
final class StudyProgress implements AutoCloseable {
  private final PrintWriter err;
  private final StatusLine status;
  private final int runs;
  private final long total;
  private final long start = System.nanoTime();
  private final @Nullable ProgressBar bar;
  private final Map<RunTask, Long> steps = new HashMap<>();
  private long done; // steps of all runs
  private long taken; // those of them that were taken here
  private int complete;
  private int failed;

  StudyProgress(PrintWriter err, List<RunTask> tasks) {
    this.err = err;
    status = new StatusLine(err);
    runs = tasks.size();
    total = tasks.stream().mapToLong(RunTask::until).sum();
    bar = Bars.of("runs", total);
  }

  /** Listens to one run. */
  TrainingListener listener(RunTask task) {
    return new TrainingListener() {
      @Override
      public void onIteration(long now, double seconds, Metrics metrics) {
        reached(task, now);
      }
    };
  }

  private synchronized void reached(RunTask task, long now) {
    Long before = steps.put(task, now);
    done += before == null ? now : now - before;
    taken += before == null ? 0 : now - before; // a resumed run begins at its checkpoint
    show();
  }

  private void show() {
    if (bar != null) {
      bar.stepTo(done).setExtraMessage(" " + counts());
      return;
    }
    status.say(
        () -> {
          double speed = taken / ((System.nanoTime() - start) * 1e-9);
          return "%s, %d of %d steps%s"
              .formatted(
                  counts(),
                  done,
                  total,
                  taken == 0 // all of them elsewhere, too
                      ? ""
                      : ", %.0f steps/s, %.0f s left".formatted(speed, (total - done) / speed));
        });
  }

  private String counts() {
    return "%d of %d runs complete%s"
        .formatted(complete, runs, failed == 0 ? "" : ", " + failed + " failed");
  }

  /** A run has ended. */
  synchronized void ended(RunOutcome outcome) {
    EvaluationResult evaluation = outcome.evaluation();
    Throwable failure = outcome.failure();
    if (evaluation != null) {
      complete++;
      // One that was complete before has not been listened to.
      Long before = steps.put(outcome.task(), outcome.steps());
      done += outcome.steps() - (before == null ? 0 : before);
      say("%s: mean return %.2f".formatted(outcome.task(), evaluation.meanReturn()));
    } else if (failure != null) {
      failed++;
      say("%s failed: %s".formatted(outcome.task(), Failures.describe(failure)));
    } else if (outcome.steps() > 0) {
      say("%s: stopped at %d steps".formatted(outcome.task(), outcome.steps()));
    }
    show();
  }

  private void say(String line) {
    err.println(line);
    err.flush();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
    err.flush();
  }
}
