package org.deeprl4j.algorithms.training;

import org.deeprl4j.mdp.GoalMdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.replay.HindsightReplayBuffer;
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
 * @param hindsight goals replaced to one kept, 0 for none; not together with n-step returns or
 *     priorities
 */
public record ReplaySettings(
    int capacity, int steps, double gamma, boolean prioritized, int hindsight) {
  private static final double ALPHA = 0.6; // Schaul et al. 2016, table 3, proportional
  private static final double BETA = 0.4; // Schaul et al. 2016, table 3, proportional

  /** Checks that the choices go together. */
  public ReplaySettings {
    if (hindsight > 0 && (steps > 1 || prioritized)) {
      throw new IllegalArgumentException(
          "hindsight = %d goes with returnSteps = 1 and prioritizedReplay = false only, not with %d and %s"
              .formatted(hindsight, steps, prioritized));
    }
  }

  /**
   * Makes the buffer.
   *
   * @throws IllegalArgumentException if it is to use hindsight and the environments have no goals
   */
  ReplayBuffer create(VectorEnv environment) {
    int n = environment.count();
    int observationSize = environment.observationSpace().size();
    int actionSize = environment.actionSpace().size();
    if (hindsight > 0) {
      GoalMdp task =
          MdpWrapper.find(environment.environment(0), GoalMdp.class)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "hindsight = %d needs an environment with goals, a GoalMdp"
                              .formatted(hindsight)));
      return new HindsightReplayBuffer(
          capacity, n, actionSize, gamma, hindsight, task, environment.observationSpace());
    }
    return prioritized
        ? new PrioritizedReplayBuffer(
            capacity, n, observationSize, actionSize, steps, gamma, ALPHA, BETA)
        : new UniformReplayBuffer(capacity, n, observationSize, actionSize, steps, gamma);
  }
}
