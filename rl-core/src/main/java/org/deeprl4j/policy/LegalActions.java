package org.deeprl4j.policy;

import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.DivergenceException;

/**
 * Maps the actions that a policy draws to those that an environment accepts. Actions of spaces
 * other than Box are legal unchanged.
 */
public final class LegalActions {
  private final boolean inUnits; // drawn in [−1, 1], to be scaled
  private final int size;
  private final float[] low; // empty unless the space is a Box
  private final float[] high;

  private LegalActions(Space space, boolean inUnits) {
    this.inUnits = inUnits;
    size = space.size();
    low = space instanceof Box box ? box.low() : new float[0];
    high = space instanceof Box box ? box.high() : new float[0];
  }

  /** For policies in a Box's own units: clips to its bounds. */
  public static LegalActions clipped(Space space) {
    return new LegalActions(space, false);
  }

  /**
   * For policies in [−1, 1]: scales to a Box's bounds.
   *
   * @throws IllegalArgumentException for a Box without finite bounds
   */
  public static LegalActions scaled(Space space) {
    return new LegalActions(space instanceof Box ? boundedBox(space) : space, true);
  }

  /**
   * Returns the space as a Box with finite bounds.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Box boundedBox(Space space) {
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
   * Makes actions legal. The learner keeps the actions as drawn.
   *
   * @param drawn [rows, space.size()]; not modified
   * @param legal receives [rows, space.size()]. Modified.
   * @throws DivergenceException if one is not finite: the policy is at fault, not the environment
   */
  public void of(float[] drawn, int rows, float[] legal) {
    DivergenceException.check("the policy's action", drawn, rows, size);
    System.arraycopy(drawn, 0, legal, 0, rows * size);
    for (int k = 0, i = 0; k < rows * low.length; k++) {
      float value = inUnits ? scale(drawn[k], i) : drawn[k];
      legal[k] = Math.min(Math.max(value, low[i]), high[i]);
      i = i + 1 == size ? 0 : i + 1;
    }
  }

  /** Maps from [−1, 1] to a component's bounds; rounding may lead slightly out of them. */
  private float scale(float drawn, int i) {
    float unit = Math.min(Math.max(drawn, -1), 1);
    return low[i] + (unit + 1) * 0.5f * (high[i] - low[i]);
  }

  /**
   * Maps legal actions of a Box back to [−1, 1]; gives 0 for a component with a single value.
   *
   * @param legal [rows, space.size()]; not modified
   * @param units receives them. Modified.
   */
  public void toUnits(float[] legal, int rows, float[] units) {
    for (int k = 0, i = 0; k < rows * low.length; k++) {
      float width = high[i] - low[i];
      units[k] = width == 0 ? 0 : 2 * (legal[k] - low[i]) / width - 1;
      i = i + 1 == size ? 0 : i + 1;
    }
  }
}
