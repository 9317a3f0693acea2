package org.deeprl4j.experiments.execution;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.deeprl4j.algorithms.configuration.Require;

/** Executes runs in this program, each on one thread. */
public final class ThreadScheduler implements Scheduler {
  private final int jobs;

  /**
   * A scheduler for so many runs at once.
   *
   * @param jobs in [1, 1024]
   */
  public ThreadScheduler(int jobs) {
    Require.inRange("jobs", jobs, 1, 1024);
    this.jobs = jobs;
  }

  @Override
  public void execute(
      List<RunTask> tasks, Function<RunTask, RunOutcome> work, Consumer<RunOutcome> ended)
      throws InterruptedException {
    AtomicInteger names = new AtomicInteger();
    ExecutorService threads =
        Executors.newFixedThreadPool(
            jobs, runnable -> new Thread(runnable, "study-" + names.incrementAndGet()));
    Object one = new Object();
    for (RunTask task : tasks) {
      threads.execute(
          () -> {
            RunOutcome outcome = work.apply(task);
            synchronized (one) {
              ended.accept(outcome);
            }
          });
    }
    threads.shutdown();
    try {
      threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      threads.shutdownNow();
      threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
      throw e;
    }
  }
}
