package org.deeprl4j.training;

import org.deeprl4j.replay.PrioritizedReplayBuffer;
import org.deeprl4j.replay.ReplayBuffer;
import org.deeprl4j.replay.UniformReplayBuffer;

/**
 * Which replay buffer an off-policy algorithm's configuration asks for.
 *
 * @param capacity the most transitions
 * @param steps n of n-step returns
 * @param gamma γ
 * @param prioritized whether transitions are drawn in proportion to their errors
 */
public record ReplaySettings(int capacity, int steps, double gamma, boolean prioritized) {
  private static final double ALPHA = 0.6; // Schaul et al. 2016, table 3, proportional
  private static final double BETA = 0.4; // Schaul et al. 2016, table 3, proportional

  /** Makes the buffer. */
  public ReplayBuffer create(int environments, int observationSize, int actionSize) {
    return prioritized
        ? new PrioritizedReplayBuffer(
            capacity, environments, observationSize, actionSize, steps, gamma, ALPHA, BETA)
        : new UniformReplayBuffer(
            capacity, environments, observationSize, actionSize, steps, gamma);
  }
}
