package org.deeprl4j.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.deeprl4j.algorithms.run.TrainingListener;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.jspecify.annotations.Nullable;

/**
 * Stops a run on Ctrl-C or SIGTERM: the program ends once the run has, after the current iteration,
 * where it can be resumed bit for bit. If that is not at once, the user is told how long it takes
 * at most; after that time the program ends, and the run resumes from an earlier checkpoint.
 */
final class StopRequest implements TrainingListener, AutoCloseable {
  private static final long MOMENT_MILLIS = 1000;
  private static final long LEAST_PATIENCE_SECONDS = 60;

  private final PrintWriter err;
  private final @Nullable Path directory;
  private final long momentMillis;
  private final long leastPatienceSeconds;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop);
  private volatile boolean requested;
  private volatile long savedSteps = -1;
  private volatile long longestNanos; // from the end of an iteration to that of the next one
  private long lastNanos = System.nanoTime();

  /**
   * Handles signals from now on.
   *
   * @param directory that of the run, null for a study
   */
  StopRequest(PrintWriter err, @Nullable Path directory) {
    this(err, directory, MOMENT_MILLIS, LEAST_PATIENCE_SECONDS);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** As above, without the signals. */
  StopRequest(
      PrintWriter err, @Nullable Path directory, long momentMillis, long leastPatienceSeconds) {
    this.err = err;
    this.directory = directory;
    this.momentMillis = momentMillis;
    this.leastPatienceSeconds = leastPatienceSeconds;
  }

  boolean requested() {
    return requested;
  }

  @Override
  public void onIteration(long steps, double seconds, Metrics metrics) {
    long now = System.nanoTime();
    took(now - lastNanos);
    lastNanos = now;
  }

  private synchronized void took(long nanos) {
    longestNanos = Math.max(longestNanos, nanos);
  }

  /** Listens to one of several runs. */
  TrainingListener listener() {
    return new TrainingListener() {
      private long last = System.nanoTime();

      @Override
      public void onIteration(long steps, double seconds, Metrics metrics) {
        long now = System.nanoTime();
        took(now - last);
        last = now;
      }
    };
  }

  @Override
  public void onCheckpoint(long steps, Path directory) {
    savedSteps = steps;
  }

  /** Requests the stop and waits for the end of the run, or for as long as is bearable. */
  void stop() {
    requested = true;
    long patience =
        Math.max(leastPatienceSeconds, 1 + TimeUnit.NANOSECONDS.toSeconds(2 * longestNanos));
    try {
      if (ended.await(momentMillis, TimeUnit.MILLISECONDS)) {
        return;
      }
      say("stopping after the current iteration, in %d s at most".formatted(patience));
      if (!ended.await(patience, TimeUnit.SECONDS)) {
        say(
            directory == null
                ? "an iteration has not ended; the same command goes on from the last checkpoints"
                : savedSteps < 0
                    ? "the iteration has not ended, and there is no checkpoint before it"
                    : "the iteration has not ended; continue from the checkpoint at %d steps with: rl train --resume %s"
                        .formatted(savedSteps, Shell.word(directory)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void say(String line) {
    err.println(line);
    err.flush();
  }

  /** The run has ended. */
  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending, and the hook has been waiting for this.
    }
  }
}
