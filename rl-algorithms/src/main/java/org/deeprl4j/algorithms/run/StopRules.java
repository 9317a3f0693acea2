package org.deeprl4j.algorithms.run;

import java.util.List;
import java.util.Locale;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.jspecify.annotations.Nullable;

/**
 * Listeners that end a run before its last step. They know what happened before a resume, from the
 * run's directory.
 */
public final class StopRules {
  private StopRules() {}

  /**
   * Ends the run at the end of an iteration when it has taken so many steps.
   *
   * @param steps environment steps since the run began, ≥ 1
   * @param before those that it has taken already
   */
  public static TrainingListener atSteps(long steps, long before) {
    Require.atLeast("steps", steps, 1);
    return new TrainingListener() {
      private long taken = before;

      @Override
      public void onIteration(long now, double seconds, Metrics metrics) {
        taken = now;
      }

      @Override
      public @Nullable String reasonToStop() {
        return taken < steps ? null : "it has taken " + taken + " steps";
      }
    };
  }

  /** Ends the run when an evaluation's mean return is at least a value. */
  public static TrainingListener atReturn(double meanReturn) {
    return new TrainingListener() {
      private @Nullable String reason;

      @Override
      public void onEvaluation(long steps, EvaluationResult result, boolean best) {
        if (result.meanReturn() >= meanReturn) {
          reason = "the mean return %s reaches %s".formatted(result.meanReturn(), meanReturn);
        }
      }

      @Override
      public @Nullable String reasonToStop() {
        return reason;
      }
    };
  }

  /**
   * Ends the run after evaluations of which none was the best.
   *
   * @param evaluations how many in a row, ≥ 1
   */
  public static TrainingListener patience(int evaluations) {
    Require.atLeast("evaluations", evaluations, 1);
    return new TrainingListener() {
      private int since;

      @Override
      public void onStart(List<RunDirectory.Evaluated> earlier) {
        double best = Double.NEGATIVE_INFINITY;
        for (RunDirectory.Evaluated one : earlier) {
          since = one.result().meanReturn() > best ? 0 : since + 1;
          best = Math.max(best, one.result().meanReturn());
        }
      }

      @Override
      public void onEvaluation(long steps, EvaluationResult result, boolean best) {
        since = best ? 0 : since + 1;
      }

      @Override
      public @Nullable String reasonToStop() {
        return since < evaluations ? null : "no better evaluation in " + since;
      }
    };
  }

  /**
   * Ends the run after so much training time, over all resumptions and without evaluations.
   *
   * @param minutes positive
   */
  public static TrainingListener maxMinutes(double minutes) {
    Require.positive("minutes", minutes);
    return new TrainingListener() {
      private double seconds;

      @Override
      public void onIteration(long steps, double secondsSoFar, Metrics metrics) {
        seconds = secondsSoFar;
      }

      @Override
      public @Nullable String reasonToStop() {
        return seconds < 60 * minutes
            ? null
            : String.format(Locale.ROOT, "it has trained for %.1f minutes", seconds / 60);
      }
    };
  }

  /**
   * Ends the run after so many finished episodes.
   *
   * @param episodes ≥ 1
   */
  public static TrainingListener maxEpisodes(long episodes) {
    Require.atLeast("episodes", episodes, 1);
    return new TrainingListener() {
      private long finished;

      @Override
      public void onIteration(long steps, double seconds, Metrics metrics) {
        Double count = metrics.rollout().get("episodes");
        finished = count == null ? 0 : count.longValue();
      }

      @Override
      public @Nullable String reasonToStop() {
        return finished < episodes ? null : finished + " episodes have ended";
      }
    };
  }
}
