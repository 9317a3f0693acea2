package org.deeprl4j.rollout;

import java.util.function.Function;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a rollout, copied into one batch for a pass through a network. Reused.
 *
 * <p>For a network with memory they are arranged in sequences: an environment's whole rollout, or
 * as much of it as a batch holds. A sequence starts with the state that was stored, and begins anew
 * where an episode does.
 */
public final class RolloutBatch {
  private final Tensor observations;
  private final float[] actions;
  private final float[] z;
  private final float[] logProbs;
  private final float[] advantages;
  private final float[] values;
  private final float[] returns;
  private final int capacity;
  private final boolean remembers;
  private int[] sequences = new int[0]; // of one row each without memory
  private int[] order = new int[0];
  private int rows;

  /**
   * Creates an empty batch.
   *
   * @param network takes the observations, and has a memory or not
   * @param distribution of the actions
   * @param capacity the maximum number of rows
   */
  public RolloutBatch(
      Compute compute, Network network, ActionDistribution distribution, int capacity) {
    observations = compute.tensor(capacity, network.inputSize());
    actions = new float[capacity * distribution.actionSize()];
    z = new float[capacity * distribution.parameterSize()];
    logProbs = new float[capacity];
    advantages = new float[capacity];
    values = new float[capacity];
    returns = new float[capacity];
    this.capacity = capacity;
    remembers = network.spec().stateSize() > 0;
  }

  /** Arranges a rollout's rows, or sequences, in their natural order. */
  public void arrange(Rollout rollout) {
    arrange(rollout, null);
  }

  /** Arranges a rollout's rows, or sequences, in a random order. */
  public void shuffle(Rollout rollout, Rng random) {
    arrange(rollout, random);
  }

  private void arrange(Rollout rollout, @Nullable Rng random) {
    int n = rollout.environments();
    int steps = rollout.steps();
    int length = length(rollout);
    int count = n * ((steps - 1) / length + 1);
    if (order.length < rollout.rows()) {
      order = new int[rollout.rows()];
      sequences = new int[order.length];
    }
    for (int i = 0; i < count; i++) {
      sequences[i] = i;
    }
    if (random != null) {
      random.shuffle(sequences, count);
    }
    for (int i = 0, at = 0; i < count; i++) {
      int first = sequences[i] / n * length;
      for (int t = first; t < Math.min(first + length, steps); t++) {
        order[at++] = t * n + sequences[i] % n;
      }
    }
  }

  /** Rows of a sequence. */
  private int length(Rollout rollout) {
    return remembers ? Math.min(rollout.steps(), capacity) : 1;
  }

  /**
   * Copies up to {@code most} rows of this order, beginning with {@code start}; of sequences, as
   * many whole ones as fit.
   *
   * @return whether there was at least one row
   */
  public boolean take(Rollout rollout, int start, int most) {
    rows = Math.min(most - most % length(rollout), rollout.rows() - start);
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
      if (remembers) {
        int before = b == 0 ? -1 : order[start + b - 1];
        boolean follows = before >= 0 && row == before + rollout.environments();
        x[(b + 1) * inputs - 1] = follows && !rollout.ended()[before] ? 0 : 1;
      }
      System.arraycopy(rollout.actions(), row * outputs, actions, b * outputs, outputs);
      System.arraycopy(rollout.distribution(), row * parameters, z, b * parameters, parameters);
      logProbs[b] = rollout.logProbs()[row];
      advantages[b] = rollout.advantages()[row];
      values[b] = rollout.values()[row];
      returns[b] = rollout.returns()[row];
    }
    return true;
  }

  /**
   * Computes V of all that a rollout has seen anew, as advantages by other parameters need it: of
   * its rows, and of the observations that it keeps beside them ({@link Rollout#keepFinal}). A
   * network with memory sees each in the state in which it was seen.
   *
   * @param valuesOf V of observations [m, encoded observation], in the first m elements
   * @param rollout receives V and next values. Modified.
   */
  public void revalue(Rollout rollout, Function<Tensor, float[]> valuesOf) {
    for (int at = 0; at < rollout.rows(); at += observations.rows()) {
      float[] v = valuesOf.apply(seen(rollout.observations(), at, rollout.rows()));
      System.arraycopy(v, 0, rollout.values(), at, observations.rows());
    }
    for (int at = 0; at < rollout.finals(); at += observations.rows()) {
      float[] v = valuesOf.apply(seen(rollout.finalObservations(), at, rollout.finals()));
      for (int b = 0; b < observations.rows(); b++) {
        rollout.nextValues()[rollout.finalRow(at + b)] = v[b];
      }
    }
    rollout.bootstrap();
  }

  /** As many of the rows [from, end) as fit, each as it was seen. */
  private Tensor seen(float[] all, int from, int end) {
    observations.setRows(Math.min(capacity, end - from));
    int start = from * observations.columns();
    System.arraycopy(all, start, observations.floatsForWriting(), 0, observations.size());
    return observations;
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
