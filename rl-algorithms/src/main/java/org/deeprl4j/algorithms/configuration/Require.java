package org.deeprl4j.algorithms.configuration;

import java.util.List;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.jspecify.annotations.Nullable;

/**
 * Range checks of configuration records; every message names the setting, its value and the range.
 */
public final class Require {
  /** Bound of step sizes, temperatures, weights and the like: what is larger is a mistake. */
  private static final double MOST = 1e9;

  /** The most environments that are stepped together. */
  private static final int MOST_ENVIRONMENTS = 65_536;

  /** The most steps of an environment in a rollout, and the most rows of a batch. */
  public static final int MOST_ROWS = 1 << 20;

  /** The most rows of a rollout. */
  public static final int MOST_STEPS = 1 << 27;

  private static final int MOST_LAYERS = 64;

  private Require() {}

  /** Checks that a rollout has as many environments, steps of each, and rows as one may have. */
  public static void rollout(int environments, int rolloutSteps) {
    inRange("environments", environments, 1, MOST_ENVIRONMENTS);
    inRange("rolloutSteps", rolloutSteps, 1, MOST_ROWS);
    long rows = (long) environments * rolloutSteps;
    inRange("environments times rolloutSteps", rows, 1, MOST_STEPS);
  }

  /** Checks {@code value ≥ least}. */
  public static void atLeast(String name, long value, long least) {
    check(value >= least, name, value, "at least " + least);
  }

  /** Checks {@code low ≤ value ≤ high}. */
  public static void inRange(String name, long value, long low, long high) {
    check(value >= low && value <= high, name, value, "in [" + low + ", " + high + "]");
  }

  /** Checks {@code low ≤ value ≤ high}; NaN fails. */
  public static void inRange(String name, double value, double low, double high) {
    check(value >= low && value <= high, name, value, "in [" + low + ", " + high + "]");
  }

  /** As above, or null. */
  public static void inRange(String name, @Nullable Double value, double low, double high) {
    if (value != null) {
      inRange(name, value.doubleValue(), low, high);
    }
  }

  /** Checks that at most one of two settings is set. */
  public static void notBoth(
      String name, @Nullable Double value, String other, @Nullable Double otherValue) {
    if (value != null && otherValue != null) {
      throw new IllegalArgumentException(
          "%s = %s has no effect with %s = %s: set one of them to none"
              .formatted(name, value, other, otherValue));
    }
  }

  /** Checks 0 &lt; value ≤ 10⁹, or null. */
  public static void positive(String name, @Nullable Double value) {
    if (value != null) {
      check(value > 0 && value <= MOST, name, value, "in (0, " + MOST + "]");
    }
  }

  /** Checks that a schedule starts positive, and stays in [0, 10⁹], or null; it may end at 0. */
  public static void positive(String name, @Nullable Schedule value) {
    if (value != null) {
      check(value.start() > 0 && value.start() <= MOST, name, value, "in (0, " + MOST + "]");
      nonNegative(name, value);
    }
  }

  /** Checks 0 ≤ value ≤ 10⁹. */
  public static void nonNegative(String name, double value) {
    inRange(name, value, 0, MOST);
  }

  /** As above, or null. */
  public static void nonNegative(String name, @Nullable Double value) {
    if (value != null) {
      inRange(name, value.doubleValue(), 0, MOST);
    }
  }

  /** Checks that a schedule stays in [0, 10⁹], or null. */
  public static void nonNegative(String name, @Nullable Schedule value) {
    if (value != null) {
      inRange(name, value, 0, MOST);
    }
  }

  /** Checks the step sizes of actor, critics and temperature. */
  public static void learningRates(
      Schedule actor, @Nullable Schedule critic, @Nullable Schedule temperature) {
    nonNegative("learningRate", actor);
    nonNegative("criticLearningRate", critic);
    nonNegative("temperatureLearningRate", temperature);
  }

  /** Checks that a schedule stays in [low, high]. */
  public static void inRange(String name, Schedule value, double low, double high) {
    inRange(name, value.least(), low, high);
    inRange(name, value.largest(), low, high);
  }

  /** Checks an optimiser's ε: positive also as a float, with room for its corrections. */
  public static void epsilon(String name, double value) {
    inRange(name, value, 1e-30, MOST);
  }

  /** Checks the settings of the off-policy regime. */
  public static void offPolicy(
      int environments,
      int bufferSize,
      long learningStarts,
      int stepsPerRound,
      int updatesPerRound,
      int batchSize,
      double gamma) {
    inRange("environments", environments, 1, MOST_ENVIRONMENTS);
    inRange("batchSize", batchSize, 1, MOST_ROWS);
    atLeast("bufferSize", bufferSize, Math.max(batchSize, environments));
    atLeast("learningStarts", learningStarts, 0);
    atLeast("stepsPerRound", stepsPerRound, 1);
    inRange("updatesPerRound", updatesPerRound, 1, 100_000);
    inRange("gamma", gamma, 0, 1);
  }

  /** Checks what off-policy algorithms sample from their memory. */
  public static void replay(
      int returnSteps, double priorityAlpha, Schedule priorityBeta, int hindsightGoals) {
    inRange("returnSteps", returnSteps, 1, 1_000);
    inRange("priorityAlpha", priorityAlpha, 0, 1);
    inRange("priorityBeta", priorityBeta, 0, 1);
    inRange("hindsightGoals", hindsightGoals, 0, 1_000);
  }

  /** Checks that gSDE has a last hidden layer to explore with, and what goes with it. */
  public static void exploration(
      LogStd logStd, List<Integer> hidden, boolean layerNorm, @Nullable Integer noiseHold) {
    layerNorm(layerNorm, logStd == LogStd.GSDE, "logStd = GSDE");
    if (logStd == LogStd.GSDE && hidden.isEmpty()) {
      throw new IllegalArgumentException(
          "logStd GSDE explores with the policy's last hidden layer, but hidden is empty");
    }
    noiseHold(noiseHold, logStd);
  }

  /** Checks that noise is held for at least one step, and with gSDE only. */
  public static void noiseHold(@Nullable Integer noiseHold, LogStd logStd) {
    if (noiseHold == null) {
      return;
    }
    atLeast("noiseHold", noiseHold, 1);
    if (logStd != LogStd.GSDE) {
      throw new IllegalArgumentException(
          "noiseHold = %d has no effect with logStd %s: set logStd to GSDE, or noiseHold to none"
              .formatted(noiseHold, logStd));
    }
  }

  /**
   * Returns the space as a Discrete one.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Discrete discrete(Space actions) {
    if (actions instanceof Discrete discrete) {
      return discrete;
    }
    throw new IllegalArgumentException(
        "this algorithm needs discrete actions, a Discrete space, not " + actions);
  }

  /** Checks that there are at most 64 layers of widths in [1, 65536], and copies them. */
  public static List<Integer> widths(String name, List<Integer> values) {
    check(values.size() <= MOST_LAYERS, name, values, "a list of at most " + MOST_LAYERS);
    for (int width : values) {
      check(width >= 1 && width <= 65_536, name, values, "a list of widths in [1, 65536]");
    }
    return List.copyOf(values);
  }

  /** As {@link #widths}, or null. */
  public static @Nullable List<Integer> optionalWidths(
      String name, @Nullable List<Integer> values) {
    return values == null ? null : widths(name, values);
  }

  /**
   * Checks that every hidden layer can be normalised: the last one cannot where several parts of a
   * network read it.
   *
   * @param setting that makes several parts read it, with its value
   */
  public static void layerNorm(boolean layerNorm, boolean readByMany, String setting) {
    if (layerNorm && readByMany) {
      throw new IllegalArgumentException(
          "layerNorm = true does not go with %s, where several parts read the last hidden layer"
              .formatted(setting));
    }
  }

  /**
   * Checks that a value function that shares the policy's hidden layers has no widths of its own.
   */
  public static void apart(String name, @Nullable List<Integer> widths, boolean shared) {
    if (shared && widths != null) {
      throw new IllegalArgumentException(
          "%s = %s has no effect with sharedNetwork = true: set it to none, or sharedNetwork to false"
              .formatted(name, widths));
    }
  }

  private static void check(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + " must be " + expected + ", not " + value);
    }
  }
}
