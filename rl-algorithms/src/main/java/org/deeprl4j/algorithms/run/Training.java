package org.deeprl4j.algorithms.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.state.DivergenceException;
import org.jspecify.annotations.Nullable;

/** The outer loop that all data regimes share: iterate, record, evaluate, checkpoint. */
public final class Training {
  /** The shortest time between two checkpoints that are chosen by time. */
  private static final long SHORTEST_NANOS = 10_000_000_000L;

  /** Checkpoints that are chosen by time take at most this part of it. */
  private static final double COST = 0.01;

  private final Trainer trainer;
  private final TrainingPlan plan;
  private final @Nullable RunDirectory directory;
  private final List<TrainingListener> listeners;
  private final List<RunDirectory.Evaluated> history = new ArrayList<>();
  private final LongSupplier clock;
  private final long start;
  private long evaluationNanos;
  private long checkpointNanos; // of all of them
  private long lastCheckpointNanos;
  private long lastCheckpointEnd;
  private boolean interrupted;
  private @Nullable Throwable failure; // of a listener

  private Training(
      Trainer trainer, TrainingPlan plan, LongSupplier clock, List<TrainingListener> listeners) {
    this.clock = clock;
    start = clock.getAsLong();
    lastCheckpointEnd = start;
    this.trainer = trainer;
    this.plan = plan;
    this.listeners = listeners;
    directory = plan.directory();
    if (directory != null) {
      history.addAll(directory.evaluations());
    }
  }

  /**
   * Trains until the trainer is done, a stop is requested, a listener has a reason to end the run,
   * or the thread is interrupted, then leaves the last checkpoint and policy in the plan's
   * directory and, if the run is complete or a listener has ended it, evaluates. An interrupt takes
   * effect after the iteration, wherever it arrives, and the thread's status is set again at the
   * end.
   *
   * <p>The schedule of records and evaluations depends on the steps alone, never on the time, and a
   * checkpoint changes nothing, so that a resumed run records the same as an uninterrupted one. The
   * final policy is evaluated after it is written: where that is recorded, the run is complete.
   *
   * <p>If an iteration fails, the results so far are saved and the failure is thrown. If training
   * has diverged, nothing is saved, so that the last finite policy and checkpoint stay.
   *
   * @param trainer in its initial state, or restored from the directory's checkpoint. Modified.
   * @throws DivergenceException if a loss, a gradient, a parameter or an action became NaN or
   *     infinite
   * @throws IOException if the directory cannot be written; the message says what is left of the
   *     run
   */
  public static TrainingReport run(
      Trainer trainer, TrainingPlan plan, TrainingListener... listeners) throws IOException {
    return run(trainer, plan, System::nanoTime, listeners);
  }

  /** As above, with a clock that counts nanoseconds. */
  static TrainingReport run(
      Trainer trainer, TrainingPlan plan, LongSupplier clock, TrainingListener... listeners)
      throws IOException {
    Training training = new Training(trainer, plan, clock, List.of(listeners));
    try {
      return training.run();
    } catch (IOException e) {
      throw training.directory == null ? e : training.directory.failure(e);
    } finally {
      trainer.episodes().listen(null, null);
      if (training.interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private TrainingReport run() throws IOException {
    TrainingPlan.Evaluations evaluations = plan.evaluations();
    double secondsBefore = directory == null ? 0 : directory.seconds();
    long stepsBefore = trainer.steps();
    double seconds = 0;
    boolean stop = false;
    boolean due = false; // whether the last iteration passed the step of an evaluation
    String reason = null;
    List<RunDirectory.Evaluated> earlier = List.copyOf(history);
    tell(listener -> listener.onStart(earlier));
    trainer.episodes().listen(stepListener(), episodeListener(secondsBefore));
    if (directory != null) {
      directory.begin();
      if (directory.config().from() != null && stepsBefore == 0) {
        checkpoint(secondsBefore); // nothing else could repeat this start
      }
    }
    if (stepsBefore > 0) {
      reason = reason(); // the run may have been killed as it ended, before its evaluation
    }
    while (!stop && reason == null && failure == null && !trainer.done()) {
      long from = trainer.steps();
      Metrics metrics = iterate(secondsBefore);
      long steps = trainer.steps();
      seconds = seconds();
      if (directory != null) {
        directory.record(steps, secondsBefore + seconds, metrics);
      }
      double total = secondsBefore + seconds;
      tell(listener -> listener.onIteration(steps, total, metrics));
      due = evaluations != null && passes(from, steps, evaluations.every());
      if (evaluations != null && due && !trainer.done()) {
        evaluate(evaluations);
      }
      if (isCheckpointDue(from, steps) && !trainer.done()) {
        checkpoint(secondsBefore + seconds());
      }
      stop = clearInterrupt() || plan.stop().getAsBoolean();
      reason = reason();
    }
    clearInterrupt();
    seconds = seconds();
    checkpoint(secondsBefore + seconds);
    throwFailure();
    if ((trainer.done() || reason != null) && evaluations != null && !isEvaluated()) {
      evaluate(evaluations);
      if (due) {
        checkpoint(secondsBefore + seconds); // a longer run has this evaluation, too
      }
    }
    TrainingReport report =
        new TrainingReport(
            trainer.steps(),
            secondsBefore + seconds,
            trainer.steps() - stepsBefore,
            seconds,
            !trainer.done(),
            reason,
            isEvaluated() ? history.get(history.size() - 1).result() : null);
    tell(listener -> listener.onEnd(report));
    throwFailure();
    return report;
  }

  /** Tells all that listen to steps; null if there are none. */
  private EpisodeLog.@Nullable StepListener stepListener() {
    List<EpisodeLog.StepListener> found = new ArrayList<>();
    tell(
        listener -> {
          EpisodeLog.StepListener own = listener.stepListener();
          if (own != null) {
            found.add(own);
          }
        });
    return found.isEmpty()
        ? null
        : (steps, environments) ->
            found.forEach(
                own -> {
                  if (failure == null) {
                    guarded(() -> own.onStep(steps, environments));
                  }
                });
  }

  private EpisodeLog.@Nullable EpisodeListener episodeListener(double secondsBefore) {
    RunDirectory into = directory;
    return into == null
        ? null
        : (steps, episode) -> into.recordEpisode(steps, secondsBefore + seconds(), episode);
  }

  private Metrics iterate(double secondsBefore) {
    try {
      Metrics metrics = trainer.iterate();
      clearInterrupt();
      return metrics;
    } catch (RuntimeException | Error e) {
      saveAfter(e, secondsBefore + seconds());
      throw e;
    }
  }

  /** Tells every listener. What one throws is kept, so that the iteration is completed first. */
  private void tell(Consumer<TrainingListener> what) {
    for (TrainingListener listener : listeners) {
      guarded(() -> what.accept(listener));
    }
  }

  private void guarded(Runnable told) {
    try {
      told.run();
    } catch (RuntimeException | Error e) {
      if (failure == null) {
        failure = e;
      } else if (failure != e) {
        failure.addSuppressed(e);
      }
    }
  }

  private void throwFailure() {
    if (failure instanceof Error error) {
      throw error;
    } else if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }

  /** The first listener's reason to end the run, or null. */
  private @Nullable String reason() {
    String[] reason = {null};
    tell(
        listener -> {
          if (reason[0] == null) {
            reason[0] = listener.reasonToStop();
          }
        });
    return reason[0];
  }

  /**
   * Whether the thread has been interrupted since the run began. The status is cleared, as
   * environments and policies that wait or write would fail with it.
   */
  private boolean clearInterrupt() {
    interrupted |= Thread.interrupted();
    return interrupted;
  }

  /** Saves the results before a failure: the policy, and the state if it is complete. */
  private void saveAfter(Throwable failure, double seconds) {
    if (directory == null || failure instanceof DivergenceException) {
      return; // the last finite policy and checkpoint stay
    }
    try {
      if (trainer.savesAfterFailure()) {
        checkpoint(seconds);
      } else {
        directory.writePolicy(trainer.policy());
      }
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** Training time so far. */
  private double seconds() {
    return (clock.getAsLong() - start - evaluationNanos) * 1e-9;
  }

  /** Whether a multiple of {@code every} lies in (from, to]. */
  private static boolean passes(long from, long to, long every) {
    return every > 0 && from / every < to / every;
  }

  private boolean isCheckpointDue(long from, long to) {
    if (plan.checkpointEvery() > 0) {
      return passes(from, to, plan.checkpointEvery());
    }
    long now = clock.getAsLong();
    // The next one will take about as long as the last one.
    return now - lastCheckpointEnd >= SHORTEST_NANOS
        && checkpointNanos + lastCheckpointNanos <= COST * (now - start);
  }

  private void evaluate(TrainingPlan.Evaluations evaluations) throws IOException {
    long begin = clock.getAsLong();
    EvaluationResult result =
        Evaluation.run(
            evaluations.environment(),
            trainer.policy(),
            evaluations.episodes(),
            evaluations.seed());
    boolean best =
        history.stream().allMatch(past -> past.result().meanReturn() < result.meanReturn());
    history.add(new RunDirectory.Evaluated(trainer.steps(), result));
    if (directory != null) {
      directory.recordEvaluations(history);
      // With a single evaluation at the end, the best policy is the last one.
      if (best && evaluations.every() > 0) {
        directory.writeBest(trainer.policy());
      }
    }
    tell(listener -> listener.onEvaluation(trainer.steps(), result, best));
    evaluationNanos += clock.getAsLong() - begin;
  }

  /** Whether the current policy has been evaluated. */
  private boolean isEvaluated() {
    return !history.isEmpty() && history.get(history.size() - 1).steps() == trainer.steps();
  }

  private void checkpoint(double seconds) throws IOException {
    if (directory != null) {
      long begin = clock.getAsLong();
      directory.checkpoint(trainer, seconds);
      lastCheckpointEnd = clock.getAsLong();
      lastCheckpointNanos = lastCheckpointEnd - begin;
      checkpointNanos += lastCheckpointNanos;
      Path path = directory.path();
      tell(listener -> listener.onCheckpoint(trainer.steps(), path));
    }
  }
}
