package org.deeprl4j.algorithms.learning;

import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.jspecify.annotations.Nullable;

/**
 * Maps the actions that a policy draws to those that an environment accepts. Actions of spaces
 * other than Box are legal unchanged.
 */
public final class LegalActions {
  private final Space space;
  private final @Nullable ActionScale scale;

  private LegalActions(Space space, @Nullable ActionScale scale) {
    this.space = space;
    this.scale = scale;
  }

  /** For policies in a Box's own units: clips to its bounds. */
  public static LegalActions clipped(Space space) {
    return new LegalActions(space, null);
  }

  /**
   * For policies in [−1, 1]: scales to a Box's bounds.
   *
   * @throws IllegalArgumentException for a Box without finite bounds
   */
  public static LegalActions scaled(Space space) {
    return new LegalActions(space, space instanceof Box ? new ActionScale(space) : null);
  }

  /**
   * Makes actions legal. The learner keeps the actions as drawn.
   *
   * @param drawn [rows, space.size()]; not modified
   * @param legal receives [rows, space.size()]. Modified.
   */
  public void of(float[] drawn, int rows, float[] legal) {
    if (scale != null) {
      scale.scale(drawn, rows, legal);
    } else if (space instanceof Box box) {
      int size = box.size();
      for (int i = 0; i < rows * size; i++) {
        legal[i] = Math.min(Math.max(drawn[i], box.low(i % size)), box.high(i % size));
      }
    } else {
      System.arraycopy(drawn, 0, legal, 0, rows * space.size());
    }
  }
}
