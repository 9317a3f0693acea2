package org.deeprl4j.replay;

import org.deeprl4j.mdp.GoalMdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Space;

/** Chooses the replay buffer that a configuration asks for. */
public final class ReplayChoice {
  /** The settings that this class reads. */
  public interface Settings {
    /** The maximum number of transitions remembered. */
    int bufferSize();

    /** γ, of n-step returns. */
    double gamma();

    /** n of n-step returns. */
    int returnSteps();

    /** Whether transitions are drawn in proportion to their errors. */
    boolean prioritizedReplay();

    /** α of prioritised replay. */
    double priorityAlpha();

    /** β of prioritised replay, by progress. */
    Schedule priorityBeta();

    /** Replaced goals for each goal kept, 0 for none. */
    int hindsightGoals();

    /** Where replaced goals come from. */
    HindsightReplayBuffer.Strategy hindsightStrategy();
  }

  private ReplayChoice() {}

  /**
   * Creates the buffer.
   *
   * @throws IllegalArgumentException if the settings cannot be combined, or request hindsight in
   *     environments without goals
   */
  public static ReplayBuffer create(Settings settings, VectorEnv environment) {
    int capacity = settings.bufferSize();
    int n = environment.count();
    Space observations = environment.observationSpace();
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
          capacity, n, actionSize, gamma, goals, settings.hindsightStrategy(), task, observations);
    }
    return settings.prioritizedReplay()
        ? new PrioritizedReplayBuffer(
            capacity,
            n,
            observations,
            actionSize,
            steps,
            gamma,
            settings.priorityAlpha(),
            settings.priorityBeta())
        : new UniformReplayBuffer(capacity, n, observations, actionSize, steps, gamma);
  }
}
