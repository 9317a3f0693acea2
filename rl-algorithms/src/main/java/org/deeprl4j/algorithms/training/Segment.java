package org.deeprl4j.algorithms.training;

import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;

/** The steps of one actor-learner between two updates. Reused. */
public final class Segment {
  private final SingleEnvironment environment;
  private final Tensor observations;
  private final Tensor nextObservations;
  private final float[] actions;
  private final float[] rewards;
  private int steps;

  /**
   * Creates a segment without steps.
   *
   * @param most the maximum number of steps
   */
  public Segment(Compute compute, SingleEnvironment environment, int most) {
    this.environment = environment;
    int inputs = environment.observation().columns();
    observations = compute.tensor(most, inputs);
    nextObservations = compute.tensor(most, inputs);
    actions = new float[most * environment.actionSpace().size()];
    rewards = new float[most];
  }

  /** Removes all steps. */
  public void clear() {
    steps = 0;
  }

  /**
   * Takes a step in the environment and keeps it.
   *
   * @param action as the policy drew it; not modified
   */
  public void step(float[] action) {
    int inputs = observations.columns();
    System.arraycopy(
        environment.observation().floats(),
        0,
        observations.floatsForWriting(),
        steps * inputs,
        inputs);
    System.arraycopy(action, 0, actions, steps * action.length, action.length);
    environment.step(action);
    rewards[steps] = environment.reward();
    System.arraycopy(
        environment.nextObservation().floats(),
        0,
        nextObservations.floatsForWriting(),
        steps * inputs,
        inputs);
    steps++;
  }

  /** n, the number of steps. */
  public int steps() {
    return steps;
  }

  /** s_i, encoded, [n, encoder.size()]. */
  public Tensor observations() {
    observations.setRows(steps);
    return observations;
  }

  /** The true s_{i+1}, encoded, [n, encoder.size()]. */
  public Tensor nextObservations() {
    nextObservations.setRows(steps);
    return nextObservations;
  }

  /** a_i, [n, action]; the array is longer. */
  public float[] actions() {
    return actions;
  }

  /** r_i, [n]; the array is longer. */
  public float[] rewards() {
    return rewards;
  }
}
