package org.deeprl4j.envs.dynamics;

import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.space.Space;

/**
 * A base class for simulations of a chain. The state begins with the joints' positions; the
 * subclass says where in it the velocities are, and what else it holds.
 */
public abstract class ChainSimulation extends Simulation {
  /** The chain in motion. */
  protected final ChainIntegrator integrator;

  /** Its equations of motion. */
  protected final ChainDynamics dynamics;

  /** The number of its joints. */
  protected final int joints;

  /** Working copy of the joint positions, [joints], rad or m. */
  protected final double[] q;

  /** Working copy of the joint velocities, [joints]. */
  protected final double[] qd;

  /** Joint forces, [joints], N m or N. */
  protected final double[] tau;

  private final int velocities;

  /**
   * A simulation before its first episode.
   *
   * @param stateSize the number of doubles in the state
   * @param velocities the index in the state where the joints' velocities begin
   */
  protected ChainSimulation(
      Chain chain, int stateSize, int velocities, Space observationSpace, Space actionSpace) {
    super(stateSize, observationSpace, actionSpace);
    dynamics = new ChainDynamics(chain);
    integrator = new ChainIntegrator(dynamics);
    joints = dynamics.size();
    this.velocities = velocities;
    q = new double[joints];
    qd = new double[joints];
    tau = new double[joints];
  }

  /** The chain. */
  public final Chain chain() {
    return dynamics.chain();
  }

  /** Copies the joints' positions and velocities out of the state. */
  protected final void readJoints() {
    System.arraycopy(state, 0, q, 0, joints);
    System.arraycopy(state, velocities, qd, 0, joints);
  }

  /** Copies the joints' positions and velocities into the state. */
  protected final void writeJoints() {
    System.arraycopy(q, 0, state, 0, joints);
    System.arraycopy(qd, 0, state, velocities, joints);
  }

  /** A number limited to ±{@code limit}. */
  protected static double clip(double value, double limit) {
    return Math.max(-limit, Math.min(limit, value));
  }
}
