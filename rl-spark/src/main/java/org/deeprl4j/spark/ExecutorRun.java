package org.deeprl4j.spark;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.deeprl4j.algorithms.run.DirectoryLock;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.algorithms.run.Versions;
import org.deeprl4j.experiments.execution.RunEnvironments;
import org.deeprl4j.experiments.execution.RunOutcome;
import org.deeprl4j.experiments.execution.RunTask;
import org.deeprl4j.experiments.execution.RunWork;
import org.deeprl4j.experiments.study.StudyDirectory;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.FileErrors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an executor does with a run: unpack it, execute it, pack it again. */
final class ExecutorRun {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorRun.class);

  /** How long an executor that is given up may still hold a run's directory. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final long MOMENT_MILLIS = 500;

  /** The checkpoints, which a complete run needs only to be made longer. */
  private static final Set<String> CHECKPOINTS = Set.of("checkpoint.bin", "checkpoint-1.bin");

  /**
   * What is asked.
   *
   * @param label of the run's variant
   * @param until environment steps after which the run is left
   * @param environment options of the command line on environments
   * @param directory the run's place in the directory that all executors share, null if there is
   *     none
   */
  record Request(String label, long until, List<String> environment, @Nullable String directory) {}

  /**
   * How it ended.
   *
   * @param steps environment steps that the run has taken, 0 if it failed
   * @param failure in one line, null unless it failed
   * @param diverged whether training has diverged, which is a result of the settings
   * @param files whether the run's files are in the parcel
   * @param host of the executor
   * @param compute the kernels that ran
   * @param versions that ran
   */
  record Answer(
      RunOutcome.Status status,
      long steps,
      @Nullable String failure,
      boolean diverged,
      boolean files,
      String host,
      String compute,
      Map<String, String> versions) {}

  private ExecutorRun() {}

  /**
   * Executes a run.
   *
   * @param parcel with a {@link Request}
   * @return a parcel with an {@link Answer}
   */
  static byte[] execute(byte[] parcel) throws IOException {
    Request request = RunParcel.head(parcel, Request.class);
    try {
      return execute(parcel, request);
    } catch (IOException | RuntimeException e) { // before or after the run itself
      LOG.error("{} failed", request.label(), e);
      return RunParcel.pack(
          new Answer(RunOutcome.Status.FAILED, 0, describe(e), false, false, host(), "", Map.of()),
          null,
          Set.of());
    }
  }

  private static byte[] execute(byte[] parcel, Request request) throws IOException {
    String shared = request.directory();
    if (shared != null) {
      Path directory = Path.of(shared);
      place(parcel, directory, request.label());
      await(directory);
      return execute(request, directory);
    }
    Path root = Files.createTempDirectory(scratch(), "rl-run-");
    Path directory = Files.createDirectory(root.resolve("run"));
    try {
      RunParcel.unpack(parcel, directory);
      return execute(request, directory);
    } finally {
      FlatDirectory.delete(directory);
      FlatDirectory.delete(root);
    }
  }

  /** Where Spark deletes what an executor leaves that was killed; its worker names the place. */
  private static Path scratch() {
    String directories = System.getenv("SPARK_EXECUTOR_DIRS");
    return Path.of(
        directories == null || directories.isEmpty()
            ? System.getProperty("java.io.tmpdir")
            : directories.split(File.pathSeparator, 2)[0]);
  }

  /** Puts a run into its place, unless it is there with what another executor has done. */
  private static void place(byte[] parcel, Path directory, String label) throws IOException {
    Path parent = Objects.requireNonNull(directory.getParent(), "a run lies in a directory");
    Files.createDirectories(parent);
    Path part = Files.createTempDirectory(parent, ".part-");
    try {
      RunParcel.unpack(parcel, part);
      if (Files.exists(directory)) {
        RunConfig config = RunDirectory.readConfig(part);
        StudyDirectory.requireSame(
            RunDirectory.readConfig(directory), new RunTask(label, directory, config));
      } else {
        Files.move(part, directory);
      }
    } finally {
      FlatDirectory.delete(part);
    }
  }

  /** Waits until no other executor holds a run; if that takes too long, opening the run says so. */
  private static void await(Path directory) throws IOException {
    long start = System.nanoTime();
    while (System.nanoTime() - start < PATIENCE_NANOS) {
      try (DirectoryLock lock = DirectoryLock.acquire(directory)) {
        LOG.debug("{} is free: {}", directory, lock);
        return;
      } catch (FileSystemException e) {
        LOG.info("{}", FileErrors.describe(e));
      }
      try {
        Thread.sleep(MOMENT_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static byte[] execute(Request request, Path directory) throws IOException {
    RunConfig config = RunDirectory.readConfig(directory);
    RunTask task = new RunTask(request.label(), directory, config, request.until());
    TaskContext context = TaskContext.get();
    RunEnvironments environments = RunEnvironments.find(ExecutorRun.class.getClassLoader());
    RunOutcome outcome =
        new RunWork(
                run -> environments.of(run, request.environment()),
                run -> List.of(),
                () -> context != null && context.isInterrupted())
            .apply(task);
    Throwable failure = outcome.failure();
    if (failure != null) {
      LOG.error("{} failed", task, failure);
    }
    boolean begun = hasBegun(directory);
    if (!begun) {
      FlatDirectory.delete(directory); // a start that fails leaves nothing
    }
    Answer answer =
        new Answer(
            outcome.status(),
            outcome.steps(),
            failure == null ? null : describe(failure),
            failure instanceof DivergenceException,
            begun,
            host(),
            compute(config),
            Versions.all());
    if (!begun) {
      return RunParcel.pack(answer, null, Set.of());
    }
    try {
      return RunParcel.pack(answer, directory, Set.of());
    } catch (FileSystemException e) {
      if (outcome.status() != RunOutcome.Status.COMPLETE) {
        throw e;
      }
      LOG.warn("{}; its checkpoints stay behind", FileErrors.describe(e));
      return RunParcel.pack(answer, directory, CHECKPOINTS);
    }
  }

  private static boolean hasBegun(Path directory) throws IOException {
    try (RunDirectory run = RunDirectory.open(directory)) {
      return run.hasBegun();
    }
  }

  private static String compute(RunConfig config) {
    try (Compute compute =
        Compute.create(Compute.Kernels.valueOf(config.kernels()), config.threads())) {
      return compute.describe();
    }
  }

  private static String host() {
    SparkEnv env = SparkEnv.get();
    return env == null ? "localhost" : env.blockManager().blockManagerId().host();
  }

  /** What our own exceptions say is a sentence; what others say needs their names. */
  private static String describe(Throwable e) {
    if (e instanceof IOException io) {
      return FileErrors.describe(io);
    }
    boolean ours =
        e instanceof IllegalArgumentException || e.getClass().getName().startsWith("org.deeprl4j.");
    return ours && e.getMessage() != null ? e.getMessage() : e.toString();
  }
}
