package org.deeprl4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.experiments.execution.RunOutcome;
import org.deeprl4j.experiments.execution.RunTask;
import org.deeprl4j.experiments.execution.RunWork;
import org.deeprl4j.experiments.execution.Scheduler;
import org.deeprl4j.experiments.execution.ThreadScheduler;
import org.deeprl4j.nn.Compute;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How many runs are executed, and where: what the commands share that execute many. */
final class RunsOption {
  /** Exit code of a command that a signal ended: 128 + SIGINT, the convention of shells. */
  static final int INTERRUPTED = 130;

  /** Exit code of a command one of whose runs failed. */
  private static final int FAILED = 1;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "Executes N runs at once, each on one thread. Default: one per core.")
  private int jobs = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--on",
      paramLabel = "ADDRESS",
      description =
          "Executes the runs on a Spark cluster, spark://HOST:PORT, or on Spark here, local[N].")
  private @Nullable String address;

  @Option(
      names = "--shared",
      paramLabel = "DIR",
      description =
          "Executes the runs of --on in this directory, which all machines of the cluster have,"
              + " so that those of a lost machine go on from their checkpoints.")
  private @Nullable Path shared;

  @Option(
      names = "--kernels",
      paramLabel = "KIND",
      description = "Selects the kernels: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Compute.Kernels kernels = Compute.Kernels.AUTO;

  /** The kernels of all runs. */
  Compute.Kernels kernels() {
    return kernels;
  }

  /** Where runs are executed, for messages. */
  String where() {
    return address == null ? jobs + " at once" : "on " + address;
  }

  /**
   * Makes the scheduler.
   *
   * @param environment what executors must know of environments
   * @param out where the runs are kept
   * @throws UserError if options do not fit one another, or what they need is not there
   * @throws IOException if nothing answers at the address
   */
  Scheduler scheduler(EnvironmentOption environment, Path out) throws IOException {
    Require.inRange("--jobs", jobs, 1, 1024);
    String on = address;
    Path directory = shared;
    if (on == null) {
      if (directory != null) {
        throw new UserError("--shared is for runs on a cluster, --on ADDRESS: leave it out");
      }
      return new ThreadScheduler(jobs);
    }
    if (spec.commandLine().getParseResult().hasMatchedOption("--jobs")) {
      throw new UserError(
          "--jobs is for runs in this program; with --on, as many run as the cluster has cores:"
              + " leave it out");
    }
    if (directory != null && absolute(directory).startsWith(absolute(out))) {
      throw new UserError(
          "--shared must be another directory than that of --out, %s, not %s"
              .formatted(out, directory));
    }
    Path there = directory == null ? null : absolute(directory);
    return Clusters.connect(
        "--on", on, provider -> provider.scheduler(on, environment.forExecutors(), out, there));
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** A run with the programs that its environment needs, as the command line names them. */
  static RunConfig withPrograms(RunConfig run, EnvironmentOption environment) {
    EnvironmentOption own =
        environment.of(run.environment(), run.maxEpisodeSteps(), run.wrappers(), 1);
    return run.withClasspath(own.classpath()).withPython(own.python()).withWrappers(own.wrappers());
  }

  /**
   * Executes runs, with a display of their progress.
   *
   * @return their outcomes, as they ended
   * @throws InterruptedException if the calling thread is interrupted
   */
  List<RunOutcome> execute(
      List<RunTask> tasks, Scheduler scheduler, EnvironmentOption environment, StopRequest stop)
      throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    int gymProcesses = Math.max(1, Runtime.getRuntime().availableProcessors() / jobs);
    List<RunOutcome> outcomes = new ArrayList<>();
    try (StudyProgress progress = new StudyProgress(err, tasks)) {
      RunWork work =
          new RunWork(
              run ->
                  environment
                      .of(run.environment(), run.maxEpisodeSteps(), run.wrappers(), gymProcesses)
                      .supplier(),
              task -> List.of(progress.listener(task), stop.listener()),
              stop::requested);
      scheduler.execute(
          tasks,
          work,
          outcome -> {
            outcomes.add(outcome);
            progress.ended(outcome);
            Throwable failure = outcome.failure();
            if (failure != null && Failures.isBug(failure)) {
              failure.printStackTrace(err);
            }
          });
    }
    return outcomes;
  }

  /** Why runs failed, by their directories. */
  static Map<Path, String> failures(List<RunOutcome> outcomes) {
    Map<Path, String> failures = new TreeMap<>();
    for (RunOutcome outcome : outcomes) {
      Throwable failure = outcome.failure();
      if (failure != null) {
        failures.put(outcome.task().directory(), Failures.describe(failure));
      }
    }
    return failures;
  }

  /** The exit code of a command that has executed runs. */
  static int exitCode(StopRequest stop, Map<Path, String> failures) {
    return stop.requested() ? INTERRUPTED : failures.isEmpty() ? 0 : FAILED;
  }
}
