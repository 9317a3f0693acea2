package org.deeprl4j.algorithms.training;

import org.deeprl4j.mdp.GoalMdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.replay.HindsightReplayBuffer;
import org.deeprl4j.replay.PrioritizedReplayBuffer;
import org.deeprl4j.replay.ReplayBuffer;
import org.deeprl4j.replay.UniformReplayBuffer;

/** Chooses the replay buffer for a configuration. */
final class ReplayChoice {
  private static final double ALPHA = 0.6; // Schaul et al. 2016, table 3, proportional
  private static final double BETA = 0.4; // Schaul et al. 2016, table 3, proportional

  private ReplayChoice() {}

  /**
   * Creates the buffer.
   *
   * @throws IllegalArgumentException if the settings cannot be combined, or request hindsight in
   *     environments without goals
   */
  static ReplayBuffer create(OffPolicySettings settings, VectorEnv environment) {
    int capacity = settings.bufferSize();
    int n = environment.count();
    int observationSize = environment.observationSpace().size();
    int actionSize = environment.actionSpace().size();
    int steps = settings.returnSteps();
    double gamma = settings.gamma();
    int goals = settings.hindsightGoals();
    if (goals > 0) {
      if (steps > 1 || settings.prioritizedReplay()) {
        throw new IllegalArgumentException(
            "hindsightGoals = %d goes with returnSteps = 1 and prioritizedReplay = false only, not with %d and %s"
                .formatted(goals, steps, settings.prioritizedReplay()));
      }
      GoalMdp task =
          MdpWrapper.find(environment.environment(0), GoalMdp.class)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "hindsightGoals = %d needs an environment with goals, a GoalMdp"
                              .formatted(goals)));
      return new HindsightReplayBuffer(
          capacity, n, actionSize, gamma, goals, task, environment.observationSpace());
    }
    return settings.prioritizedReplay()
        ? new PrioritizedReplayBuffer(
            capacity, n, observationSize, actionSize, steps, gamma, ALPHA, BETA)
        : new UniformReplayBuffer(capacity, n, observationSize, actionSize, steps, gamma);
  }
}
