package org.deeprl4j.envs.classic;

import org.deeprl4j.envs.dynamics.Joint;

/**
 * Stops that give way about as much as MuJoCo's default ones: critically damped, with the time
 * constant of its solref, 0.02 s. They are springs, not MuJoCo's constraints: where a stop acts,
 * motions differ.
 */
final class SoftStops {
  private static final double TIME_CONSTANT = 0.02;

  private SoftStops() {}

  /**
   * Stops for a joint.
   *
   * @param inertia what it moves, kg or kg m²
   */
  static Joint.Stop of(double lower, double upper, double inertia) {
    return new Joint.Stop(
        lower, upper, inertia / (TIME_CONSTANT * TIME_CONSTANT), 2 * inertia / TIME_CONSTANT);
  }
}
