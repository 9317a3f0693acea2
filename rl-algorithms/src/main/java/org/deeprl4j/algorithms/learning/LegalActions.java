package org.deeprl4j.algorithms.learning;

import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/** What an environment accepts of what a policy draws. */
public final class LegalActions {
  private LegalActions() {}

  /**
   * Clips actions to a Box's bounds; the learner keeps them as drawn. Actions of other spaces are
   * legal as they are.
   *
   * @param drawn [rows, space.size()]; not modified
   * @param legal receives [rows, space.size()]. Modified.
   */
  public static void clip(Space space, float[] drawn, int rows, float[] legal) {
    if (space instanceof Box box) {
      int size = box.size();
      for (int i = 0; i < rows * size; i++) {
        legal[i] = Math.min(Math.max(drawn[i], box.low(i % size)), box.high(i % size));
      }
    } else {
      System.arraycopy(drawn, 0, legal, 0, rows * space.size());
    }
  }
}
