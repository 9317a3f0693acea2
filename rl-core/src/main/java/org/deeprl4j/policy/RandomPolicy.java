package org.deeprl4j.policy;

import java.util.random.RandomGenerator;
import org.deeprl4j.space.Space;

/**
 * Draws legal actions evenly, as {@link Space#sample} does, whatever it observes: what trained
 * policies are compared with. For one thread at a time.
 */
public final class RandomPolicy implements StochasticPolicy {
  private final Space observationSpace;
  private final Space actionSpace;
  private final ObservationEncoder encoder;
  private final LegalActions legal;

  /**
   * A policy for an environment's spaces.
   *
   * @param observationSpace with the action masks, if there are any, as {@link
   *     org.deeprl4j.mdp.ActionMasks#of} puts them there
   */
  public RandomPolicy(Space observationSpace, Space actionSpace) {
    this.observationSpace = observationSpace;
    this.actionSpace = actionSpace;
    encoder = new ObservationEncoder(observationSpace, false);
    legal = LegalActions.clipped(actionSpace);
  }

  @Override
  public Space observationSpace() {
    return observationSpace;
  }

  @Override
  public Space actionSpace() {
    return actionSpace;
  }

  /**
   * Always throws.
   *
   * @throws IllegalArgumentException since no action is more likely than others
   */
  @Override
  public void act(float[] observations, int rows, float[] actions) {
    throw new IllegalArgumentException("a random policy has no mode: sample its actions");
  }

  @Override
  public void sample(float[] observations, int rows, RandomGenerator random, float[] actions) {
    if (encoder.maskSize() > 0) {
      legal.draw(encoder, observations, rows, random, actions);
      return;
    }
    for (int row = 0; row < rows; row++) {
      actionSpace.sample(random, actions, row * actionSpace.size());
    }
  }
}
