package org.deeprl4j.experiments.board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.deeprl4j.algorithms.run.DirectoryLock;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.state.FileErrors;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.stats.EpisodeWindow;
import org.jspecify.annotations.Nullable;

/** A run as its directory shows it, updated by {@link Board#look}. */
public final class BoardRun {
  private static final Set<String> OF_ROLLOUTS = new EpisodeWindow().metrics().keySet();
  private static final List<String> OF_EPISODES = List.of("return", "length", "success");
  private static final List<String> OF_EVALUATIONS =
      List.of("mean_return", "std_return", "mean_length", "success_rate");

  private static final String EPISODE = "rollout/episode_";
  private static final String EVALUATION = "eval/";
  private static final String MEMORY = "time/memory_mb";
  private static final String SPEED = "steps_per_second";

  private static final double MEGABYTE = 1e6;

  private final String id;
  private final Path path;
  private final Stamp config;
  private final Stamp evaluation;
  private final Stamp policy;
  private final GrowingTable metrics;
  private final GrowingTable episodes;
  private final CondensedTable evaluations = new CondensedTable(2 + OF_EVALUATIONS.size());
  private final CondensedTable memories = new CondensedTable(3); // steps, seconds, MB
  private @Nullable RunConfig read;
  private @Nullable String configProblem;
  private @Nullable String evaluationProblem;
  private @Nullable String failure;
  private RunState state = RunState.STOPPED;
  private long memory = -1;
  private long evaluatedSteps = -1;
  private double evaluatedReturn = Double.NaN;
  private long changed;
  private long configured;

  BoardRun(String id, Path path) {
    this.id = id;
    this.path = path;
    config = new Stamp(path.resolve(RunDirectory.CONFIG));
    evaluation = new Stamp(path.resolve("evaluation.json"));
    policy = new Stamp(RunDirectory.policyFile(path, false));
    metrics = new GrowingTable(path.resolve("metrics.csv"));
    episodes = new GrowingTable(path.resolve("episodes.csv"));
  }

  /** Size and time of a file when it was last looked at. */
  private static final class Stamp {
    private final Path file;
    private String last = "";
    private long modified;

    Stamp(Path file) {
      this.file = file;
    }

    /** Whether the file is another one than before. A link counts as no file. */
    boolean isNew() {
      String now = "";
      modified = 0;
      try {
        BasicFileAttributes found =
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (found.isRegularFile()) {
          modified = found.lastModifiedTime().toMillis();
          now = found.size() + " " + found.lastModifiedTime() + " " + found.fileKey();
        }
      } catch (IOException e) {
        // There is none.
      }
      boolean isNew = !now.equals(last);
      last = now;
      return isNew;
    }

    boolean exists() {
      return !last.isEmpty();
    }
  }

  /**
   * Takes in what is new.
   *
   * @param look the number of this look
   * @param budget of reading. Modified.
   * @param processes who holds locks
   * @param failed why the run failed, by what its study says; null if it says nothing
   */
  void look(long look, Budget budget, Processes processes, @Nullable String failed) {
    boolean isNew = changed == 0 || !Objects.equals(failed, failure);
    failure = failed;
    if (config.isNew() || changed == 0) {
      readConfig();
      configured = look;
      isNew = true;
    }
    boolean grown = metrics.read(budget);
    grown |= episodes.read(budget);
    if (evaluation.isNew()) {
      readEvaluations();
      grown = true;
    }
    boolean newPolicy = policy.isNew();
    isNew |= grown || newPolicy;
    RunState now = stateNow();
    long nowMemory =
        now == RunState.RUNNING ? processes.memoryOfHolder(path.resolve(DirectoryLock.FILE)) : -1;
    isNew |= now != state || nowMemory != memory;
    state = now;
    memory = nowMemory;
    if (memory >= 0 && grown) {
      memories.add(new double[] {metrics.last("steps"), seconds(), memory / MEGABYTE});
    }
    if (isNew) {
      changed = look;
    }
  }

  private void readConfig() {
    read = null;
    configProblem = null;
    try {
      if (config.exists()) {
        read = RunDirectory.readConfig(path);
      } else {
        configProblem = "config.json is a link or is gone";
      }
    } catch (IOException e) {
      configProblem = FileErrors.describe(e);
    } catch (StateFormatException | IllegalArgumentException e) {
      configProblem = String.valueOf(e.getMessage());
    }
  }

  private void readEvaluations() {
    evaluationProblem = null;
    evaluations.clear();
    evaluatedSteps = -1;
    evaluatedReturn = Double.NaN;
    try {
      if (evaluation.exists()) {
        for (RunDirectory.Evaluated one : RunDirectory.readEvaluations(path)) {
          EvaluationResult result = one.result();
          evaluatedSteps = one.steps();
          evaluatedReturn = result.meanReturn();
          evaluations.add(
              new double[] {
                one.steps(),
                secondsAt(one.steps()),
                result.meanReturn(),
                result.stdReturn(),
                result.meanLength(),
                result.successRate().orElse(Double.NaN)
              });
        }
      }
    } catch (IOException e) {
      evaluationProblem = FileErrors.describe(e);
    } catch (StateFormatException e) {
      evaluationProblem = String.valueOf(e.getMessage());
    }
  }

  /** When a step was taken, by the rows around it; NaN before there are any. */
  private double secondsAt(double step) {
    CondensedTable rows = metrics.rows();
    int steps = metrics.names().indexOf("steps");
    int seconds = metrics.names().indexOf("seconds");
    if (rows == null || rows.points() == 0 || steps < 0 || seconds < 0) {
      return Double.NaN;
    }
    int next = 0;
    while (next < rows.points() && rows.value(steps, next) < step) {
      next++;
    }
    int at = Math.min(next, rows.points() - 1);
    if (next == 0 || next == rows.points()) {
      return rows.value(seconds, at);
    }
    double before = rows.value(steps, at - 1);
    double part = (step - before) / (rows.value(steps, at) - before);
    return rows.value(seconds, at - 1)
        + part * (rows.value(seconds, at) - rows.value(seconds, at - 1));
  }

  private RunState stateNow() {
    RunConfig run = read;
    if (run == null || metrics.problem() != null || evaluationProblem != null) {
      return RunState.BROKEN;
    }
    boolean complete =
        run.evaluationEpisodes() == 0
            ? steps() >= run.totalSteps()
            : evaluatedSteps >= run.totalSteps();
    if (complete) {
      return RunState.FINISHED;
    }
    return DirectoryLock.isHeld(path)
        ? RunState.RUNNING
        : failure != null ? RunState.FAILED : RunState.STOPPED;
  }

  /** The path of the run below the board's directory, with slashes. */
  public String id() {
    return id;
  }

  /** The directory of the run. */
  public Path path() {
    return path;
  }

  /** The configuration, null if it cannot be read. */
  public @Nullable RunConfig config() {
    return read;
  }

  /** How the run is. */
  public RunState state() {
    return state;
  }

  /** What is wrong with it, in one line; null if nothing is. */
  public @Nullable String problem() {
    return state == RunState.FAILED
        ? failure
        : configProblem != null
            ? configProblem
            : metrics.problem() != null
                ? metrics.problem()
                : evaluationProblem != null ? evaluationProblem : episodes.problem();
  }

  /** Environment steps so far. */
  public long steps() {
    double steps = metrics.last("steps");
    return Double.isFinite(steps) ? (long) steps : 0;
  }

  /** Seconds of training so far. */
  public double seconds() {
    double seconds = metrics.last("seconds");
    return Double.isFinite(seconds) ? seconds : 0;
  }

  /** Steps a second in the last iteration, NaN before the first one. */
  public double stepsPerSecond() {
    return metrics.last(SPEED);
  }

  /** Memory of the process that is at the run, in bytes; −1 if it is not known. */
  public long memory() {
    return memory;
  }

  /** The mean return of the last 100 episodes of training, NaN if none has ended. */
  public double trainingReturn() {
    return metrics.last("mean_return");
  }

  /** The mean return of the last evaluation, NaN if there is none. */
  public double evaluatedReturn() {
    return evaluatedReturn;
  }

  /** When its last policy was written, in milliseconds since 1970; 0 if there is none. */
  public long policyTime() {
    return policy.modified;
  }

  /** The number of the look that last saw something new. */
  public long changed() {
    return changed;
  }

  /** The number of the look that last saw another configuration. */
  public long configured() {
    return configured;
  }

  /** The metrics that there are, each with its group and a slash before it. */
  public List<String> metrics() {
    List<String> all = new ArrayList<>();
    for (String name : metrics.names()) {
      if (!name.equals("steps") && !name.equals("seconds")) {
        all.add(metric(name));
      }
    }
    CondensedTable rows = episodes.rows();
    if (rows != null && rows.points() > 0) {
      OF_EPISODES.forEach(name -> all.add(EPISODE + name));
    }
    if (evaluations.points() > 0) {
      OF_EVALUATIONS.forEach(name -> all.add(EVALUATION + name));
    }
    if (memories.points() > 0) {
      all.add(MEMORY);
    }
    return all;
  }

  /** A column of {@code metrics.csv} as a metric. */
  private static String metric(String column) {
    return (column.equals(SPEED) ? "time/" : OF_ROLLOUTS.contains(column) ? "rollout/" : "train/")
        + column;
  }

  /**
   * Points of a metric.
   *
   * @param metric one of {@link #metrics}, or another one, which has no points
   * @param generation of the points that are known
   * @param known how many of them are
   * @return the points after the known ones; all if these have been replaced by others
   */
  public Points points(String metric, int generation, int known) {
    if (metric.startsWith(EPISODE)) {
      return points(
          episodes.rows(),
          episodes.generation(),
          episodes.names().indexOf("steps"),
          episodes.names().indexOf("seconds"),
          episodes.names().indexOf(metric.substring(EPISODE.length())),
          generation,
          known);
    }
    if (metric.startsWith(EVALUATION)) {
      int column = OF_EVALUATIONS.indexOf(metric.substring(EVALUATION.length()));
      return points(
          evaluations,
          evaluations.generation(),
          0,
          1,
          column < 0 ? -1 : 2 + column,
          generation,
          known);
    }
    if (metric.equals(MEMORY)) {
      return points(memories, memories.generation(), 0, 1, 2, generation, known);
    }
    String column = metric.substring(metric.indexOf('/') + 1);
    return points(
        metrics.rows(),
        metrics.generation(),
        metrics.names().indexOf("steps"),
        metrics.names().indexOf("seconds"),
        metric.equals(metric(column)) ? metrics.names().indexOf(column) : -1,
        generation,
        known);
  }

  private static Points points(
      @Nullable CondensedTable rows,
      int now,
      int steps,
      int seconds,
      int values,
      int generation,
      int known) {
    if (rows == null || steps < 0 || values < 0) {
      return new Points(now, 0, 0, new double[0], new double[0], new double[0]);
    }
    int from = generation == now ? Math.min(known, rows.points()) : 0;
    int n = rows.points() - from;
    double[][] columns = new double[3][n];
    Arrays.fill(columns[1], Double.NaN);
    for (int i = 0; i < n; i++) {
      columns[0][i] = rows.value(steps, from + i);
      columns[2][i] = rows.value(values, from + i);
      if (seconds >= 0) {
        columns[1][i] = rows.value(seconds, from + i);
      }
    }
    return new Points(now, from, rows.complete(), columns[0], columns[1], columns[2]);
  }
}
