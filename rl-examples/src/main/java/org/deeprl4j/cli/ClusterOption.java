package org.deeprl4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.deeprl4j.experiments.Scheduler;
import org.deeprl4j.experiments.SchedulerProvider;
import org.deeprl4j.experiments.ThreadScheduler;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where runs are executed: options of the commands that execute many. */
final class ClusterOption {
  /** How Java names classes that are not there. */
  private static final String SPARK = "org/apache/spark/";

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

  /** Where runs are executed, for messages. */
  String where(int jobs) {
    return address == null ? jobs + " at once" : "on " + address;
  }

  /**
   * Makes the scheduler.
   *
   * @param environment what executors must know of environments
   * @param jobs how many runs are executed at once in this program
   * @param jobsGiven whether the user chose {@code jobs}
   * @param out where the runs are kept
   * @throws UserError if options do not fit one another, or what they need is not there
   * @throws IOException if nothing answers at the address
   */
  Scheduler scheduler(EnvironmentOption environment, int jobs, boolean jobsGiven, Path out)
      throws IOException {
    String on = address;
    Path directory = shared;
    if (on == null) {
      if (directory != null) {
        throw new UserError("--shared is for runs on a cluster, --on ADDRESS: leave it out");
      }
      return new ThreadScheduler(jobs);
    }
    if (jobsGiven) {
      throw new UserError(
          "--jobs is for runs in this program; with --on, as many run as the cluster has cores:"
              + " leave it out");
    }
    if (directory != null && isWithin(directory, out)) {
      throw new UserError(
          "--shared must be another directory than that of --out, %s, not %s"
              .formatted(out, directory));
    }
    try {
      return provider(on)
          .connect(
              on,
              environment.forExecutors(),
              directory == null ? null : directory.toAbsolutePath().normalize());
    } catch (NoClassDefFoundError e) {
      if (String.valueOf(e.getMessage()).startsWith(SPARK)) {
        throw missing(on);
      }
      throw e;
    }
  }

  private static boolean isWithin(Path directory, Path out) {
    return directory.toAbsolutePath().normalize().startsWith(out.toAbsolutePath().normalize());
  }

  private static SchedulerProvider provider(String on) {
    for (SchedulerProvider found :
        ServiceLoader.load(SchedulerProvider.class, SchedulerProvider.class.getClassLoader())) {
      if (found.accepts(on)) {
        return found;
      }
    }
    throw on.startsWith("spark:") || on.startsWith("local")
        ? missing(on)
        : new UserError("--on must be spark://HOST:PORT or local[N], not '" + on + "'");
  }

  private static UserError missing(String on) {
    return new UserError(
        "--on %s needs Apache Spark 4.1 and rl-spark.jar on the class path: set SPARK_HOME to Spark's folder and start with ./rl, as docs/spark.md says"
            .formatted(on));
  }
}
