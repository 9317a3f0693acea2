package org.deeprl4j.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.experiments.execution.RunOutcome;
import org.deeprl4j.experiments.execution.RunTask;
import org.deeprl4j.experiments.execution.RunWork;
import org.deeprl4j.experiments.execution.Scheduler;
import org.deeprl4j.experiments.execution.ThreadScheduler;
import org.deeprl4j.state.DivergenceException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes runs on Spark. A run is a job of one task, so that runs end, fail and are repeated each
 * for itself; Spark repeats the task of a lost executor elsewhere. The run's files travel with the
 * task and come back with its result, and take the place of those here as a whole.
 */
final class SparkScheduler implements Scheduler {
  private static final Logger LOG = LoggerFactory.getLogger(SparkScheduler.class);

  /** Jobs that Spark knows of at once; how many of them run is what it has cores for. */
  private static final int MOST_JOBS = 1024;

  private static final long MOMENT_MILLIS = 300;

  private final JavaSparkContext context;
  private final List<String> environment;
  private final Path out;
  private final @Nullable Path shared;
  private final Object transfer = new Object(); // one at a time: files may be large

  /**
   * A scheduler.
   *
   * @param context is closed with the scheduler
   * @param environment options of the command line on environments
   * @param out the directory that all runs are in
   * @param shared a directory that all executors share, null for none
   */
  SparkScheduler(
      JavaSparkContext context, List<String> environment, Path out, @Nullable Path shared) {
    this.context = context;
    this.environment = List.copyOf(environment);
    this.out = absolute(out);
    this.shared = shared;
  }

  @Override
  public void execute(
      List<RunTask> tasks, Function<RunTask, RunOutcome> work, Consumer<RunOutcome> ended)
      throws InterruptedException {
    if (!(work instanceof RunWork run)) {
      throw new IllegalArgumentException(
          "Spark's executors can be told of a RunWork alone, not of " + work);
    }
    if (!tasks.isEmpty()) {
      new ThreadScheduler(Math.min(tasks.size(), MOST_JOBS))
          .execute(tasks, task -> execute(task, run.stop()), ended);
    }
  }

  private RunOutcome execute(RunTask task, BooleanSupplier stop) {
    try {
      FlatDirectory.recover(task.directory());
      RunOutcome before = RunWork.completed(task);
      if (before != null) {
        return before;
      }
      if (stop.getAsBoolean()) {
        return stopped(task, 0);
      }
      boolean isNew = !Files.exists(task.directory());
      RunOutcome outcome = null;
      try {
        byte[] answer = answer(task, stop);
        outcome = answer == null ? null : received(task, answer);
      } finally {
        if (isNew && !hasBegun(task)) {
          FlatDirectory.delete(task.directory()); // a start that fails leaves no new directory
        }
      }
      return outcome == null ? stopped(task, 0) : outcome;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return stopped(task, 0);
    } catch (Exception | Error e) { // of one run: the others go on
      return stop.getAsBoolean() ? stopped(task, 0) : failed(task, ended(e));
    }
  }

  private static boolean hasBegun(RunTask task) throws IOException {
    try (RunDirectory run = RunWork.directory(task)) {
      return run.hasBegun();
    }
  }

  private static RunOutcome stopped(RunTask task, long steps) {
    return new RunOutcome(task, RunOutcome.Status.STOPPED, steps, null, null);
  }

  private static RunOutcome failed(RunTask task, Throwable e) {
    return new RunOutcome(task, RunOutcome.Status.FAILED, 0, null, e);
  }

  /** An executor's answer, or null if it is no longer wanted. */
  private byte @Nullable [] answer(RunTask task, BooleanSupplier stop)
      throws IOException, InterruptedException {
    Broadcast<byte[]> request = request(task);
    try {
      context.setJobGroup(String.valueOf(task.directory()), task.toString(), true);
      JavaFutureAction<List<byte[]>> job =
          context.parallelize(List.of(0), 1).map(new RunOnExecutor(request)).collectAsync();
      try {
        while (!stop.getAsBoolean()) {
          try {
            return job.get(MOMENT_MILLIS, TimeUnit.MILLISECONDS).get(0);
          } catch (TimeoutException e) {
            LOG.trace("{} goes on", task);
          }
        }
        return null;
      } finally {
        if (!job.isDone()) {
          job.cancel(true);
        }
      }
    } catch (ExecutionException e) {
      throw new IOException(firstLine(e.getCause() == null ? e : e.getCause()), e);
    } finally {
      if (!context.sc().isStopped()) {
        request.destroy();
      }
    }
  }

  private Broadcast<byte[]> request(RunTask task) throws IOException {
    Path directory = task.directory();
    RunWork.directory(task).close(); // made here, under this user's seal
    Path place = place(task);
    ExecutorRun.Request head =
        new ExecutorRun.Request(
            task.label(), task.until(), environment, place == null ? null : place.toString());
    synchronized (transfer) {
      return context.broadcast(RunParcel.pack(head, directory, Set.of()));
    }
  }

  /** A run's directory among those that executors share, null if they share none. */
  private @Nullable Path place(RunTask task) {
    return shared == null ? null : shared.resolve(out.relativize(absolute(task.directory())));
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  private RunOutcome received(RunTask task, byte[] parcel) throws IOException {
    ExecutorRun.Answer answer = RunParcel.head(parcel, ExecutorRun.Answer.class);
    if (answer.files()) {
      synchronized (transfer) {
        replace(task.directory(), parcel, answer);
      }
    }
    if (answer.status() == RunOutcome.Status.STOPPED) {
      return stopped(task, answer.steps());
    }
    RunOutcome complete = RunWork.completed(task);
    if (complete == null) {
      return failed(task, failure(answer));
    }
    Path place = place(task);
    if (place != null) {
      FlatDirectory.delete(place); // it is here now
    }
    return complete;
  }

  /** A divergence is the same wherever it happens; what else fails may have to do with where. */
  private static Exception failure(ExecutorRun.Answer answer) {
    String what = String.valueOf(answer.failure());
    return answer.diverged()
        ? DivergenceException.elsewhere(what)
        : new IOException("%s (on %s)".formatted(what, answer.host()));
  }

  /** Puts what came back in the place of the run, whole. */
  private static void replace(Path directory, byte[] parcel, ExecutorRun.Answer answer)
      throws IOException {
    Path part = FlatDirectory.beside(directory, "part");
    FlatDirectory.delete(part);
    Files.createDirectory(part);
    RunParcel.unpack(parcel, part);
    for (String own : List.of(RunDirectory.CONFIG, "origin")) {
      if (Files.exists(directory.resolve(own))) {
        Files.copy(directory.resolve(own), part.resolve(own), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    RunConfig config = RunDirectory.readConfig(part);
    if (!config.compute().equals(answer.compute())
        || !config.versions().equals(answer.versions())) {
      LOG.warn(
          "{} ran with {} of {} on {}, not with {} of {}: last bits may differ",
          directory,
          answer.compute(),
          answer.versions(),
          answer.host(),
          config.compute(),
          config.versions());
      try (RunDirectory run = RunDirectory.open(part)) {
        run.change(config.withCompute(answer.compute()).withVersions(answer.versions()));
      }
    }
    FlatDirectory.replace(directory, part);
  }

  /** What a failure is, where Spark itself has ended. */
  private Throwable ended(Throwable e) {
    return context.sc().isStopped()
        ? new IOException(
            "Spark has ended this application; the reason is above and in the executors' logs", e)
        : e;
  }

  /** What Spark says of a failure, without the traces of executors. */
  static String firstLine(Throwable e) {
    return "Spark: " + String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }

  @Override
  public void close() {
    context.close();
  }
}
