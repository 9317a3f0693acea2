package org.deeprl4j.cli;

import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.TrainingListener;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.jspecify.annotations.Nullable;

/**
 * Shows the progress of a run: on a terminal a bar with speed, mean return and time left, elsewhere
 * a line every few seconds.
 */
final class Progress implements TrainingListener, AutoCloseable {
  private final PrintWriter err;
  private final StatusLine status;
  private final long total;
  private @Nullable ProgressBar bar; // until it is closed
  private long firstSteps = -1;
  private double firstSeconds;

  Progress(PrintWriter err, long total) {
    this(err, total, Bars.of("train", total));
  }

  /** As above, with a bar, or null for lines. */
  Progress(PrintWriter err, long total, @Nullable ProgressBar bar) {
    this.err = err;
    this.total = total;
    this.bar = bar;
    status = new StatusLine(err);
  }

  @Override
  public void onIteration(long steps, double seconds, Metrics metrics) {
    double meanReturn = metrics.values().getOrDefault("mean_return", Double.NaN);
    if (bar != null) {
      bar.stepTo(steps).setExtraMessage(" return %.1f".formatted(meanReturn));
      return;
    }
    if (firstSteps < 0) {
      firstSteps = steps;
      firstSeconds = seconds;
    } else {
      double speed = (steps - firstSteps) / (seconds - firstSeconds);
      status.say(
          () ->
              "%d of %d steps, %.0f steps/s, mean return %.1f, %.0f s left"
                  .formatted(steps, total, speed, meanReturn, (total - steps) / speed));
    }
  }

  @Override
  public void onEvaluation(long steps, EvaluationResult result, boolean best) {
    if (steps < total) {
      err.println(
          "%d steps: evaluation %.2f ± %.2f%s"
              .formatted(steps, result.meanReturn(), result.stdReturn(), best ? ", the best" : ""));
    }
  }

  /** Draws the bar a last time. What is printed after the first call stays as it is. */
  @Override
  public void close() {
    ProgressBar open = bar;
    bar = null; // closed again, it would be drawn over the last line
    if (open != null) {
      open.close();
    }
    err.flush();
  }
}
