package org.deeprl4j.algorithms.learning;

import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/** Maps a learner's actions in [−1, 1] to a Box and back. */
public final class ActionScale {
  private final float[] low;
  private final float[] high;

  /**
   * Creates the map onto a space.
   *
   * @throws IllegalArgumentException if it is not a Box with finite bounds
   */
  public ActionScale(Space space) {
    Box box = require(space);
    low = new float[box.size()];
    high = new float[box.size()];
    for (int i = 0; i < low.length; i++) {
      low[i] = box.low(i);
      high[i] = box.high(i);
    }
  }

  /**
   * Returns the space as a Box with finite bounds.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Box require(Space space) {
    if (!(space instanceof Box box)) {
      throw new IllegalArgumentException(
          "this algorithm needs continuous actions, a Box with finite bounds, not " + space);
    }
    for (int i = 0; i < box.size(); i++) {
      if (!Float.isFinite(box.low(i)) || !Float.isFinite(box.high(i))) {
        throw new IllegalArgumentException(
            "this algorithm needs actions with finite bounds, but component %d lies in [%s, %s]"
                .formatted(i, box.low(i), box.high(i)));
      }
    }
    return box;
  }

  /**
   * Maps from [−1, 1] to the space.
   *
   * @param actions [rows, action], clipped to [−1, 1]; not modified
   * @param scaled receives them. Modified.
   */
  public void scale(float[] actions, int rows, float[] scaled) {
    for (int k = 0, i = 0; k < rows * low.length; k++) {
      float unit = Math.min(Math.max(actions[k], -1), 1);
      // Rounding must not lead out of the bounds.
      float value = low[i] + (unit + 1) * 0.5f * (high[i] - low[i]);
      scaled[k] = Math.min(Math.max(value, low[i]), high[i]);
      i = i + 1 == low.length ? 0 : i + 1;
    }
  }

  /**
   * Maps from the space to [−1, 1]; gives 0 for a component with a single value.
   *
   * @param scaled [rows, action]; not modified
   * @param actions receives them. Modified.
   */
  public void unscale(float[] scaled, int rows, float[] actions) {
    for (int k = 0, i = 0; k < rows * low.length; k++) {
      float width = high[i] - low[i];
      actions[k] = width == 0 ? 0 : 2 * (scaled[k] - low[i]) / width - 1;
      i = i + 1 == low.length ? 0 : i + 1;
    }
  }
}
