package org.deeprl4j.experiments.execution;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.run.DirectoryLock;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.algorithms.run.StopRules;
import org.deeprl4j.algorithms.run.Training;
import org.deeprl4j.algorithms.run.TrainingListener;
import org.deeprl4j.algorithms.run.TrainingPlan;
import org.deeprl4j.algorithms.run.TrainingReport;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.nn.Compute;
import org.jspecify.annotations.Nullable;

/**
 * Executes a run from wherever it is: anew, from its last checkpoint, or not at all if it is as far
 * as the task asks. A run whose checkpoints are all damaged begins again. One that is left before
 * its end has the bits of one that is not, and is evaluated there.
 *
 * @param environments makes a supplier of the environment of a run, for this run alone
 * @param listeners makes the listeners of a run
 * @param stop whether to stop: runs end after the current iteration, or do not begin
 */
public record RunWork(
    Function<RunConfig, Supplier<Mdp>> environments,
    Function<RunTask, List<TrainingListener>> listeners,
    BooleanSupplier stop)
    implements Function<RunTask, RunOutcome> {

  /** What a start that was killed may leave before the run's configuration is written. */
  private static final Set<String> BEFORE =
      Set.of(DirectoryLock.FILE, "origin", "origin.tmp", RunDirectory.CONFIG + ".tmp");

  @Override
  public RunOutcome apply(RunTask task) {
    try {
      RunOutcome before = completed(task);
      if (before != null) {
        return before;
      }
      return stop.getAsBoolean()
          ? new RunOutcome(task, RunOutcome.Status.STOPPED, 0, null, null)
          : execute(task);
    } catch (Exception | Error e) { // of one run: the others go on
      return new RunOutcome(task, RunOutcome.Status.FAILED, 0, null, e);
    }
  }

  private static RunOutcome complete(RunTask task, long steps, EvaluationResult evaluation) {
    return new RunOutcome(task, RunOutcome.Status.COMPLETE, steps, evaluation, null);
  }

  /**
   * The outcome of a run that is as far as the task asks, or null.
   *
   * @throws IOException if its evaluations cannot be read
   */
  public static @Nullable RunOutcome completed(RunTask task) throws IOException {
    List<RunDirectory.Evaluated> all = RunDirectory.readEvaluations(task.directory());
    if (all.isEmpty()) {
      return null;
    }
    RunDirectory.Evaluated last = all.get(all.size() - 1);
    return last.steps() >= task.until() ? complete(task, last.steps(), last.result()) : null;
  }

  private RunOutcome execute(RunTask task) throws IOException {
    RunConfig config = task.config();
    Supplier<Mdp> environment = environments.apply(config);
    try (Compute compute =
            Compute.create(Compute.Kernels.valueOf(config.kernels()), config.threads());
        RunDirectory directory = directory(task);
        Trainer trainer = begin(directory, environment, compute)) {
      if (!directory.restore(trainer)) {
        directory.restart();
      }
      TrainingPlan plan = TrainingPlan.of(directory, environment, stop);
      List<TrainingListener> all = new ArrayList<>(listeners.apply(task));
      if (task.until() < config.totalSteps()) {
        all.add(StopRules.atSteps(task.until(), trainer.steps()));
      }
      TrainingReport report = Training.run(trainer, plan, all.toArray(TrainingListener[]::new));
      EvaluationResult evaluation = report.evaluation();
      return evaluation == null || report.totalSteps() < task.until()
          ? new RunOutcome(task, RunOutcome.Status.STOPPED, report.totalSteps(), null, null)
          : complete(task, report.totalSteps(), evaluation);
    }
  }

  /**
   * Opens the directory of a run, or creates it.
   *
   * @throws IOException if it cannot be, is in use, or holds something else
   */
  public static RunDirectory directory(RunTask task) throws IOException {
    Path path = task.directory();
    if (!Files.exists(path)) {
      return RunDirectory.create(path, task.config());
    }
    if (RunDirectory.isRun(path)) {
      return RunDirectory.open(path);
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        if (!BEFORE.contains(String.valueOf(file.getFileName()))) {
          throw new FileSystemException(
              path.toString(), null, "is in the place of a run, but holds " + file.getFileName());
        }
        Files.delete(file);
      }
    }
    Files.delete(path);
    return RunDirectory.create(path, task.config());
  }

  /** A start that fails leaves no new directory. */
  private static Trainer begin(RunDirectory directory, Supplier<Mdp> environment, Compute compute)
      throws IOException {
    boolean begun = false;
    try {
      Trainer trainer = start(directory.config(), environment, compute);
      begun = true;
      return trainer;
    } finally {
      if (!begun) {
        directory.discard();
      }
    }
  }

  /** The trainer of a run, in its initial state. */
  public static Trainer start(RunConfig config, Supplier<Mdp> environment, Compute compute) {
    return start(Algorithms.find(config.algorithm()), config, environment, compute);
  }

  private static <C extends Record> Trainer start(
      Algorithm<C> algorithm, RunConfig config, Supplier<Mdp> environment, Compute compute) {
    C settings =
        Configurations.bind(
            algorithm.defaults(),
            List.of(new Configurations.Layer(RunDirectory.CONFIG, config.configuration())));
    return algorithm.start(
        new TrainingSetup(environment, config.totalSteps(), config.seed(), compute), settings);
  }
}
