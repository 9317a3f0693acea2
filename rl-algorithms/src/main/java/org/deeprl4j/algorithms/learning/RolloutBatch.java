package org.deeprl4j.algorithms.learning;

import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;

/** Rows of a rollout, copied into one batch for a pass through a network. Reused. */
public final class RolloutBatch {
  private final Tensor observations;
  private final float[] actions;
  private final float[] z;
  private final float[] logProbs;
  private final float[] advantages;
  private final float[] values;
  private final float[] returns;
  private int[] order = new int[0];
  private int rows;

  /**
   * Creates an empty batch.
   *
   * @param model whose observations, actions and distribution parameters it holds
   * @param capacity the maximum number of rows
   */
  public RolloutBatch(Compute compute, ActorCritic model, int capacity) {
    observations = compute.tensor(capacity, model.network().inputSize());
    actions = new float[capacity * model.distribution().actionSize()];
    z = new float[capacity * model.distribution().parameterSize()];
    logProbs = new float[capacity];
    advantages = new float[capacity];
    values = new float[capacity];
    returns = new float[capacity];
  }

  /** Arranges a rollout's rows in their natural order. */
  public void arrange(Rollout rollout) {
    int n = rollout.rows();
    if (order.length < n) {
      order = new int[n];
    }
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
  }

  /** Arranges a rollout's rows in a random order. */
  public void shuffle(Rollout rollout, Rng random) {
    arrange(rollout);
    random.shuffle(order, rollout.rows());
  }

  /**
   * Copies up to {@code most} rows of this order, beginning with {@code start}.
   *
   * @return whether there was at least one row
   */
  public boolean take(Rollout rollout, int start, int most) {
    rows = Math.min(most, rollout.rows() - start);
    if (rows <= 0) {
      return false;
    }
    observations.setRows(rows);
    float[] x = observations.floatsForWriting();
    int inputs = rollout.observationSize();
    int outputs = rollout.actionSize();
    int parameters = rollout.parameterSize();
    for (int b = 0; b < rows; b++) {
      int row = order[start + b];
      System.arraycopy(rollout.observations(), row * inputs, x, b * inputs, inputs);
      System.arraycopy(rollout.actions(), row * outputs, actions, b * outputs, outputs);
      System.arraycopy(rollout.distribution(), row * parameters, z, b * parameters, parameters);
      logProbs[b] = rollout.logProbs()[row];
      advantages[b] = rollout.advantages()[row];
      values[b] = rollout.values()[row];
      returns[b] = rollout.returns()[row];
    }
    return true;
  }

  /** m, the number of rows. */
  public int rows() {
    return rows;
  }

  /** s, [m, encoded observation]. */
  public Tensor observations() {
    return observations;
  }

  /** a, [m, action]. */
  public float[] actions() {
    return actions;
  }

  /** z of the policy that acted, [m, parameters]. */
  public float[] distribution() {
    return z;
  }

  /** log π_old(a|s), [m]. */
  public float[] logProbs() {
    return logProbs;
  }

  /** Â, [m]; the caller may normalise it in place. */
  public float[] advantages() {
    return advantages;
  }

  /** V_old(s), [m]. */
  public float[] values() {
    return values;
  }

  /** V^targ, [m]. */
  public float[] returns() {
    return returns;
  }
}
