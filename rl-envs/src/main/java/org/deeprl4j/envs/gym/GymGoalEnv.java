package org.deeprl4j.envs.gym;

import org.deeprl4j.mdp.GoalMdp;

/**
 * An environment of Gymnasium with goals: its observations are a Dict with {@code achieved_goal}
 * and {@code desired_goal}, and it has {@code compute_reward(achieved_goal, desired_goal, info)},
 * which is given an empty info. Where it has {@code compute_terminated}, that says which goals end
 * an episode; its {@code compute_truncated} is not asked, since truncation changes no target.
 *
 * <p>Functions that take whole batches are given whole batches. Whether they do is found out by
 * comparing the first batch with its rows one by one.
 */
final class GymGoalEnv extends GymEnv implements GoalMdp {
  private final double[] reward = new double[1];
  private final boolean[] end = new boolean[1];

  GymGoalEnv(GymProcess process, GymProcess.Slot slot) {
    super(process, slot);
  }

  @Override
  public double reward(float[] achieved, float[] desired) {
    judge(1, achieved.length, achieved, desired, reward, end);
    return reward[0];
  }

  @Override
  public boolean terminated(float[] achieved, float[] desired) {
    if (!process.goalsEnd()) {
      return false;
    }
    judge(1, achieved.length, achieved, desired, reward, end);
    return end[0];
  }

  @Override
  public void judge(
      int count,
      int size,
      float[] achieved,
      float[] desired,
      double[] rewards,
      boolean[] terminated) {
    process.judge(slot, count, size, achieved, desired, rewards, terminated);
  }
}
