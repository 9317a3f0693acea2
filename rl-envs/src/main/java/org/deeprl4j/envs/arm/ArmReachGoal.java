package org.deeprl4j.envs.arm;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.GoalMdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;

/**
 * {@link ArmReach} with the sparse reward as a task with goals, for hindsight experience replay:
 * the observation is [cos q, sin q, q̇/10, tip] (3 n + 3), the goal achieved is the tip (3), the
 * goal desired the target (3), and a step earns −1 while the two are more than 0.05 m apart, else
 * 0.
 */
public final class ArmReachGoal extends ArmSimulation implements GoalMdp {

  /** The task of an arm, before its first episode. */
  public ArmReachGoal(ArmModel model) {
    super(
        model,
        0,
        Dict.goal(
            observations(model, 0), Box.of(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 3)));
  }

  @Override
  protected void start(RandomGenerator random) {
    startReaching(random);
  }

  @Override
  protected void advance(float[] action, Step next) {
    actuate(action);
    move(0, 0, 0);
    measure();
    double seen =
        distance(
            (float) dynamics.tip(0),
            (float) dynamics.tip(1),
            (float) dynamics.tip(2),
            (float) state[target],
            (float) state[target + 1],
            (float) state[target + 2]);
    next.setReward(rewardAt(seen));
    next.setSuccess(seen < REACHED);
  }

  @Override
  protected void observe(float[] observation) {
    observeArm(observation);
    for (int i = 0; i < 3; i++) {
      observation[3 * n + 3 + i] = (float) dynamics.tip(i);
      observation[3 * n + 6 + i] = (float) state[target + i];
    }
  }

  @Override
  public double reward(float[] achieved, float[] desired) {
    return rewardAt(
        distance(achieved[0], achieved[1], achieved[2], desired[0], desired[1], desired[2]));
  }

  private static double rewardAt(double distance) {
    return distance > REACHED ? -1 : 0;
  }

  /** Of single-precision positions, as observed, so that a reward asked for later is the same. */
  private static double distance(float x, float y, float z, float gx, float gy, float gz) {
    double dx = (double) x - gx;
    double dy = (double) y - gy;
    double dz = (double) z - gz;
    return Math.sqrt(dx * dx + dy * dy + dz * dz);
  }
}
