package org.deeprl4j.policy;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeprl4j.distributions.Categorical;
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
  private final int[] choices; // of indices; empty in other spaces
  private final float[] low; // empty unless the space is a Box
  private final float[] high;
  private float[] z = new float[0]; // 0, or −∞ where a mask forbids

  private LegalActions(Space space, boolean inUnits) {
    this.inUnits = inUnits;
    size = space.size();
    choices = space.choices();
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
   * Draws actions uniformly from the legal ones, in the form that {@link #of} takes.
   *
   * @param encoder knows whether the observations hold masks
   * @param observations raw, [rows, observation]; not modified
   * @param drawn receives [rows, space.size()]: indices, or numbers in [−1, 1]. Modified.
   */
  public void draw(
      ObservationEncoder encoder,
      float[] observations,
      int rows,
      RandomGenerator random,
      float[] drawn) {
    if (encoder.maskSize() > 0) {
      z = z.length == rows * encoder.maskSize() ? z : new float[rows * encoder.maskSize()];
      Arrays.fill(z, 0);
      encoder.forbid(observations, rows, z);
    }
    for (int k = 0, at = 0, i = 0; k < rows * size; k++, i = i + 1 == size ? 0 : i + 1) {
      if (choices.length == 0) {
        drawn[k] = 2 * random.nextFloat() - 1;
      } else if (encoder.maskSize() == 0) {
        drawn[k] = random.nextInt(choices[i]);
      } else {
        drawn[k] = Categorical.uniform(z, at, choices[i], random);
        at += choices[i];
      }
    }
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
