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
  private Require() {}

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

  /** Checks that a value is positive and finite, or null. */
  public static void positive(String name, @Nullable Double value) {
    if (value != null) {
      check(value > 0 && value < Double.POSITIVE_INFINITY, name, value, "positive and finite");
    }
  }

  /** Checks that a value is finite and ≥ 0. */
  public static void nonNegative(String name, double value) {
    check(value >= 0 && value < Double.POSITIVE_INFINITY, name, value, "finite and not negative");
  }

  /** Checks that a schedule stays finite and ≥ 0. */
  public static void nonNegative(String name, Schedule value) {
    nonNegative(name, value.start());
    nonNegative(name, value.end());
  }

  /** Checks that gSDE has a last hidden layer to explore with. */
  public static void lastLayer(LogStd logStd, List<Integer> networks) {
    if (logStd == LogStd.GSDE && networks.isEmpty()) {
      throw new IllegalArgumentException(
          "logStd GSDE explores with the policy's last hidden layer, but hidden is empty");
    }
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

  /** Checks that layer widths are positive, and copies them. */
  public static List<Integer> widths(String name, List<Integer> values) {
    for (int width : values) {
      check(width >= 1 && width <= 65_536, name, values, "a list of widths in [1, 65536]");
    }
    return List.copyOf(values);
  }

  private static void check(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + " must be " + expected + ", not " + value);
    }
  }
}
