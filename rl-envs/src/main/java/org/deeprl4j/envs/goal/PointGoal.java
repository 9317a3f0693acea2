package org.deeprl4j.envs.goal;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.GoalMdp;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;

/**
 * Move a point in a square to another one. Every step costs 1 until the two are closer than {@value
 * #REACHED} (the sparse reward of Plappert et al. 2018, "Multi-goal reinforcement learning:
 * challenging robotics environments"). The smallest task for hindsight experience replay.
 *
 * <p>State [x, y, goal x, goal y] in [−1, 1]⁴, drawn uniformly; the action, clipped to [−1, 1]²,
 * moves the point by {@value #SPEED} of it. The task's time limit of 50 steps is a wrapper's.
 */
public final class PointGoal extends Simulation implements GoalMdp {
  private static final double SPEED = 0.1;
  private static final double REACHED = 0.1;

  /** The task before its first episode. */
  public PointGoal() {
    super(4, Dict.goal(Box.of(-1, 1, 2), Box.of(-1, 1, 2)), Box.of(-1, 1, 2));
  }

  @Override
  protected void start(RandomGenerator random) {
    for (int i = 0; i < state.length; i++) {
      state[i] = random.nextDouble(-1, 1);
    }
  }

  @Override
  protected void advance(float[] action, Step next) {
    for (int i = 0; i < 2; i++) {
      double move = SPEED * Math.min(Math.max(action[i], -1), 1);
      state[i] = Math.min(Math.max(state[i] + move, -1), 1);
    }
    double distance =
        distance((float) state[0], (float) state[1], (float) state[2], (float) state[3]);
    next.setReward(rewardAt(distance));
    next.setSuccess(distance < REACHED);
  }

  @Override
  protected void observe(float[] observation) {
    for (int i = 0; i < 2; i++) {
      observation[i] = (float) state[i]; // the point
      observation[2 + i] = (float) state[i]; // the goal achieved, which is the point too
      observation[4 + i] = (float) state[2 + i]; // the goal desired
    }
  }

  @Override
  public double reward(float[] achieved, float[] desired) {
    return rewardAt(distance(achieved[0], achieved[1], desired[0], desired[1]));
  }

  private static double rewardAt(double distance) {
    return distance < REACHED ? 0 : -1;
  }

  /** As observations hold the positions, so that a reward asked for later is the same. */
  private static double distance(float x, float y, float goalX, float goalY) {
    return Math.hypot((double) x - goalX, (double) y - goalY);
  }
}
