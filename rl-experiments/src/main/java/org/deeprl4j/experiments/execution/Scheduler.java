package org.deeprl4j.experiments.execution;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Decides where and when runs are executed, and how many at once. Runs share nothing but the
 * directory they are in, so that no decision changes a result.
 */
public interface Scheduler extends AutoCloseable {
  /**
   * Executes runs, each once. Returns after the last one has ended.
   *
   * @param work executes a run and never throws; called by any thread, several at once. Only a
   *     {@link RunWork} can be described to other machines.
   * @param ended is told of each outcome, one at a time
   * @throws InterruptedException if the calling thread is interrupted; runs that have begun end
   *     first
   * @throws IllegalArgumentException if the work cannot be done where runs are to be executed
   */
  void execute(List<RunTask> tasks, Function<RunTask, RunOutcome> work, Consumer<RunOutcome> ended)
      throws InterruptedException;

  /** Lets go of the machines. */
  @Override
  default void close() {}
}
