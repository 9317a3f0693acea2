package org.deeprl4j.mdp.wrappers;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/**
 * Hides elements of the observation, which makes a task partially observed: CartPole without the
 * elements 1 and 3 shows no velocities.
 */
public final class Hide extends MdpWrapper {
  private final int[] shown;
  private final Box space;
  private final Step step;

  /**
   * Hides elements of what {@code inner} observes.
   *
   * @param hidden their indices, from 0, in any order; not modified
   * @throws IllegalArgumentException if observations are not in a Box of one dimension, an index is
   *     not among its elements or given twice, or none is left
   */
  public Hide(Mdp inner, int... hidden) {
    super(inner);
    if (!(inner.observationSpace() instanceof Box box) || box.shape().length != 1) {
      throw new IllegalArgumentException(
          "elements can be hidden of a Box of one dimension, not of " + inner.observationSpace());
    }
    boolean[] hides = new boolean[box.size()];
    for (int i : hidden) {
      if (i < 0 || i >= hides.length) {
        throw new IllegalArgumentException(
            "an element to hide must be in [0, %d), not %d".formatted(hides.length, i));
      }
      if (hides[i]) {
        throw new IllegalArgumentException("element %d is hidden twice".formatted(i));
      }
      hides[i] = true;
    }
    if (hidden.length == hides.length) {
      throw new IllegalArgumentException("no element of the observation would be left");
    }
    shown = new int[hides.length - hidden.length];
    float[] low = new float[shown.length];
    float[] high = new float[shown.length];
    for (int i = 0, at = 0; i < hides.length; i++) {
      if (!hides[i]) {
        shown[at] = i;
        low[at] = box.low(i);
        high[at++] = box.high(i);
      }
    }
    space = Box.of(low, high);
    step = new Step(box.size());
  }

  @Override
  public Space observationSpace() {
    return space;
  }

  @Override
  protected boolean passesActions() {
    return true;
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner().reset(random, step.observation());
    show(observation);
  }

  @Override
  public void step(float[] action, Step next) {
    step.clear();
    inner().step(action, step);
    next.copyOutcome(step);
    show(next.observation());
  }

  private void show(float[] observation) {
    for (int i = 0; i < shown.length; i++) {
      observation[i] = step.observation()[shown[i]];
    }
  }
}
