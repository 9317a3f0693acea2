package org.deeprl4j.mdp;

import java.util.Arrays;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/**
 * Checks actions as the contract of {@link Mdp} asks: they have the space's length, and no NaN
 * where the space is a {@link Box}, whose bounds are for the environment to enforce; in any other
 * space they must be an element of it.
 */
public final class ActionCheck {
  private final String name;
  private final Space space;
  private final int size;
  private final boolean box;

  /**
   * A check of an environment's actions.
   *
   * @param name what messages call the environment
   */
  public ActionCheck(String name, Space space) {
    this.name = name;
    this.space = space;
    size = space.size();
    box = space instanceof Box;
  }

  /**
   * Accepts a legal action.
   *
   * @throws IllegalArgumentException if it is not one
   */
  public void require(float[] action) {
    if (action.length != size) {
      throw new IllegalArgumentException(
          "%s: the action must have length %d, not %d".formatted(name, size, action.length));
    }
    if (!box) {
      if (!space.contains(action, 0)) {
        throw new IllegalArgumentException(
            "%s: %s must be an element of %s"
                .formatted(
                    name,
                    action.length == 1
                        ? "action[0] = " + action[0]
                        : "the action " + Arrays.toString(action),
                    space));
      }
      return;
    }
    for (int i = 0; i < action.length; i++) {
      if (Float.isNaN(action[i])) {
        throw new IllegalArgumentException(
            "%s: action[%d] is NaN, but it must be a number of %s (those beyond its bounds are clipped)"
                .formatted(name, i, space));
      }
    }
  }

  /** Whether {@link #require} accepts an action. */
  public boolean accepts(float[] action) {
    try {
      require(action);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
