package org.deeprl4j.mdp;

import java.util.Arrays;
import java.util.Optional;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Dict;

/** What a task with goals is asked for later must be what its steps gave. */
final class GoalCheck {
  /** Steps of random actions, over as many episodes as they make. */
  private static final int STEPS = 3000;

  private final Trial trial;

  GoalCheck(Trial trial) {
    this.trial = trial;
  }

  void run() {
    try (Mdp mdp = trial.make()) {
      Optional<GoalMdp> found = MdpWrapper.find(mdp, GoalMdp.class);
      if (found.isEmpty()) {
        return;
      }
      if (!(trial.observationSpace instanceof Dict dict)
          || !dict.spaces().containsKey(Dict.ACHIEVED_GOAL)
          || !dict.spaces().containsKey(Dict.DESIRED_GOAL)) {
        trial.error(
            "goals", "a task with goals must observe a Dict.goal, not %s", trial.observationSpace);
        return;
      }
      Rng episodes = trial.episodes();
      Rng actions = trial.actions();
      float[] action = new float[trial.actionSpace.size()];
      Step step = trial.newStep();
      mdp.reset(episodes, new float[trial.observationSpace.size()]);
      for (int t = 1; t <= STEPS; t++) {
        Trial.draw(mdp, actions, action);
        step.clear();
        mdp.step(action, step);
        float[] achieved = part(dict, Dict.ACHIEVED_GOAL, step.observation());
        float[] desired = part(dict, Dict.DESIRED_GOAL, step.observation());
        if (!sound(found.get(), step, achieved, desired, t)) {
          return;
        }
        if (step.ended()) {
          mdp.reset(episodes, new float[trial.observationSpace.size()]);
        }
      }
    }
  }

  private boolean sound(GoalMdp task, Step step, float[] achieved, float[] desired, int t) {
    double reward = task.reward(achieved, desired);
    if (reward != step.reward()) {
      trial.error(
          "goals",
          "step %d gave a reward of %s, but reward(%s, %s) is %s: it must be a pure function of the goals in the observation",
          t,
          step.reward(),
          Arrays.toString(achieved),
          Arrays.toString(desired),
          reward);
      return false;
    }
    boolean terminated = task.terminated(achieved, desired);
    // Episodes may terminate for other reasons; one that does in success does for its goal.
    boolean forItsGoal = step.terminated() && step.successDefined() && step.success();
    if (terminated ? !step.terminated() : forItsGoal) {
      trial.error(
          "goals",
          "step %d %s, but terminated(%s, %s) is %s: a goal that ends an episode must do so in both",
          t,
          step.terminated() ? "terminated in success" : "did not terminate",
          Arrays.toString(achieved),
          Arrays.toString(desired),
          terminated);
      return false;
    }
    return true;
  }

  private static float[] part(Dict dict, String key, float[] observation) {
    int from = dict.offset(key);
    return Arrays.copyOfRange(observation, from, from + dict.space(key).size());
  }
}
