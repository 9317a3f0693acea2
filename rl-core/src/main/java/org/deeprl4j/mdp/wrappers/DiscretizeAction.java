package org.deeprl4j.mdp.wrappers;

import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;

/**
 * Joint discretisation of a Box: each of d dimensions takes one of L levels evenly spaced from its
 * lower to its upper bound, and one index names a combination of all of them, L^d in number. With
 * three levels in [−1, 1]⁷ these are the 2187 joint actions {−1, 0, 1}⁷.
 *
 * <p>An index is a number in base L whose most significant digit is the first dimension's level, so
 * index 0 is the lower corner and L^d − 1 the upper one.
 */
public final class DiscretizeAction extends MdpWrapper {
  private final Discrete space;
  private final float[][] levels;
  private final float[] action;

  /**
   * Discretises the actions of {@code inner}.
   *
   * @param levelCount L, at least 2
   * @throws IllegalArgumentException if its actions are not in a Box with finite bounds, or the
   *     joint actions are more than {@link Discrete#MAX}
   */
  public DiscretizeAction(Mdp inner, int levelCount) {
    super(inner);
    if (!(inner.actionSpace() instanceof Box box && box.bounded())) {
      throw new IllegalArgumentException(
          "DiscretizeAction needs actions in a bounded Box, not in " + inner.actionSpace());
    }
    if (levelCount < 2) {
      throw new IllegalArgumentException("levels must be at least 2, not " + levelCount);
    }
    double joint = Math.pow(levelCount, box.size());
    if (joint > Discrete.MAX) {
      throw new IllegalArgumentException(
          "%d levels in %d dimensions make %.4g joint actions, more than the %d of a Discrete space: use fewer levels or a continuous policy"
              .formatted(levelCount, box.size(), joint, Discrete.MAX));
    }
    space = new Discrete((int) Math.round(joint));
    action = new float[box.size()];
    levels = new float[box.size()][levelCount];
    for (int i = 0; i < levels.length; i++) {
      double low = box.low(i);
      double width = box.high(i) - low;
      for (int k = 0; k < levelCount; k++) {
        levels[i][k] = (float) (low + width * k / (levelCount - 1));
      }
    }
  }

  @Override
  public Space actionSpace() {
    return space;
  }

  @Override
  public void step(float[] index, Step next) {
    if (index.length != 1) {
      throw new IllegalArgumentException("the action must have length 1, not " + index.length);
    }
    if (!space.contains(index, 0)) {
      throw new IllegalArgumentException(
          "action[0] must be an integer in [0, " + space.n() + "), not " + index[0]);
    }
    int rest = (int) index[0];
    for (int i = action.length - 1; i >= 0; i--) {
      int base = levels[i].length;
      action[i] = levels[i][rest % base];
      rest /= base;
    }
    inner().step(action, next);
  }
}
