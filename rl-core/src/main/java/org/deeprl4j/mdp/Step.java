package org.deeprl4j.mdp;

/**
 * The outcome of one step of an {@link Mdp}. Allocated once by the caller and reused, so that
 * stepping allocates nothing.
 *
 * <p>Terminated and truncated are different things: a terminated episode has no future (its value
 * is 0), a truncated one was only stopped there, by a time limit say, and its value is still
 * bootstrapped from {@link #observation()}. Both may hold at once; termination then decides.
 */
public final class Step {
  private final float[] observation;
  private double reward;
  private boolean terminated;
  private boolean truncated;
  private boolean success;
  private boolean successDefined;

  /**
   * A cleared step.
   *
   * @param observationSize the number of floats in an observation
   */
  public Step(int observationSize) {
    observation = new float[observationSize];
  }

  /** Sets reward and flags to 0 and false; the observation keeps its values. */
  public void clear() {
    reward = 0;
    terminated = false;
    truncated = false;
    success = false;
    successDefined = false;
  }

  /**
   * Takes over another step's reward and flags, not its observation: for wrappers that step the
   * environment within with a step of its own size.
   */
  public void copyOutcome(Step from) {
    reward = from.reward;
    terminated = from.terminated;
    truncated = from.truncated;
    success = from.success;
    successDefined = from.successDefined;
  }

  /** The observation after the step, the live array: the environment writes here. */
  public float[] observation() {
    return observation;
  }

  /** The reward of the step. */
  public double reward() {
    return reward;
  }

  /** Sets the reward. */
  public void setReward(double value) {
    reward = value;
  }

  /** Whether the episode reached a terminal state. */
  public boolean terminated() {
    return terminated;
  }

  /** Marks the new state as terminal, or not. */
  public void setTerminated(boolean value) {
    terminated = value;
  }

  /** Whether the episode was cut off at a state that is not terminal in itself. */
  public boolean truncated() {
    return truncated;
  }

  /** Marks the episode as cut off here, or not. */
  public void setTruncated(boolean value) {
    truncated = value;
  }

  /** Whether the episode is over, for either reason. */
  public boolean ended() {
    return terminated || truncated;
  }

  /** Whether the environment defines success and reported it for this step. */
  public boolean successDefined() {
    return successDefined;
  }

  /** Whether the task stands achieved; meaningful where {@link #successDefined()}. */
  public boolean success() {
    return success;
  }

  /** Reports whether the task stands achieved; environments without such a notion never call it. */
  public void setSuccess(boolean value) {
    success = value;
    successDefined = true;
  }
}
