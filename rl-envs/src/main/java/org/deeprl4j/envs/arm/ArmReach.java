package org.deeprl4j.envs.arm;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Step;

/**
 * Reach a point with the fingertip of an arm, with torques.
 *
 * <p>State [q (n) rad, q̇ (n) rad/s, target (3) m]; observation (3 n + 9) [cos q, sin q, q̇/10,
 * tip, target, target − tip]; actions, clipped to [−1, 1]ⁿ, are parts of the joints' torques, held
 * for 20 ms. Episodes start near the model's posture, uniformly within ±0.1 rad and at rest, and
 * the target is the fingertip's place for joints drawn from the middle 60 % of their ranges, so
 * that it can be reached. Success: the distance d of tip and target is below {@value #REACHED} m.
 * Never terminates; the task's time limit of 100 steps is a wrapper's.
 */
public final class ArmReach extends ArmSimulation {

  /** The reward of a step. */
  public enum Reward {
    /** −d − 0.01 ‖a‖², a clipped. */
    DENSE,
    /** −1 while d &gt; 0.05 m, else 0. */
    SPARSE
  }

  private final Reward reward;

  /** The task of an arm, before its first episode. */
  public ArmReach(ArmModel model, Reward reward) {
    super(model, 0, observations(model, 6));
    this.reward = reward;
  }

  @Override
  protected void start(RandomGenerator random) {
    startReaching(random);
  }

  @Override
  protected void advance(float[] action, Step next) {
    double effort = actuate(action);
    move(0, 0, 0);
    double distance = measure();
    rewardDensely(effort, next);
    if (reward == Reward.SPARSE) {
      next.setReward(distance > REACHED ? -1 : 0);
    }
  }

  @Override
  protected void observe(float[] observation) {
    observeArm(observation);
    observeTarget(observation);
  }
}
