package org.deeprl4j.rollout;

import java.util.Arrays;
import org.deeprl4j.memory.Heap;

/**
 * On-policy experience of N environments over T steps, row {@code t·N + e}, and the advantages and
 * returns computed from it. Allocated once and refilled.
 */
public final class Rollout {
  private final int capacity;
  private int steps;
  private final int environments;
  private final int observationSize;
  private final int actionSize;
  private final int parameterSize;
  private final float[] observations;
  private final float[] actions;
  private final float[] distribution;
  private final float[] logProbs;
  private final float[] values;
  private final float[] nextValues;
  private final float[] rewards;
  private final boolean[] terminated;
  private final boolean[] ended;
  private final float[] advantages;
  private final float[] returns;

  // Observations that rows led to and that are no row's.
  private int finals;
  private int[] finalRows = {};
  private float[] finalObservations = {};

  /**
   * An empty rollout.
   *
   * @param steps T, steps in each environment
   * @param environments N
   * @param observationSize floats in an observation as the network sees it
   * @param actionSize floats in an action
   * @param parameterSize columns of the action distribution's parameters z
   * @throws IllegalArgumentException if the heap has no room for it
   */
  public Rollout(
      int steps, int environments, int observationSize, int actionSize, int parameterSize) {
    this.capacity = steps;
    this.steps = steps;
    this.environments = environments;
    this.observationSize = observationSize;
    this.actionSize = actionSize;
    this.parameterSize = parameterSize;
    Heap.require(
        "a rollout of %d steps in %d environments, with %d observed numbers and %d parameters of the policy in each,"
            .formatted(steps, environments, observationSize, parameterSize),
        (double) steps * environments * Math.max(observationSize, parameterSize),
        (double) steps * environments * bytes(observationSize + actionSize + parameterSize),
        "lower rolloutSteps, environments or episodesPerUpdate, or the episodes' time limit");
    int rows = Math.multiplyExact(steps, environments);
    observations = new float[rows * observationSize];
    actions = new float[rows * actionSize];
    distribution = new float[rows * parameterSize];
    logProbs = new float[rows];
    values = new float[rows];
    nextValues = new float[rows];
    rewards = new float[rows];
    terminated = new boolean[rows];
    ended = new boolean[rows];
    advantages = new float[rows];
    returns = new float[rows];
  }

  /** Of a row, with its six other numbers and two flags. */
  private static double bytes(int numbers) {
    return Float.BYTES * (numbers + 6.0) + 2;
  }

  /**
   * A larger rollout that begins with the same experience; its advantages and returns are not
   * computed.
   *
   * @param most its capacity in steps, at least the current one
   */
  public Rollout withCapacity(int most) {
    Rollout larger = new Rollout(most, environments, observationSize, actionSize, parameterSize);
    System.arraycopy(observations, 0, larger.observations, 0, observations.length);
    System.arraycopy(actions, 0, larger.actions, 0, actions.length);
    System.arraycopy(distribution, 0, larger.distribution, 0, distribution.length);
    System.arraycopy(logProbs, 0, larger.logProbs, 0, logProbs.length);
    System.arraycopy(values, 0, larger.values, 0, values.length);
    System.arraycopy(nextValues, 0, larger.nextValues, 0, nextValues.length);
    System.arraycopy(rewards, 0, larger.rewards, 0, rewards.length);
    System.arraycopy(terminated, 0, larger.terminated, 0, terminated.length);
    System.arraycopy(ended, 0, larger.ended, 0, ended.length);
    larger.finals = finals;
    larger.finalRows = finalRows.clone();
    larger.finalObservations = finalObservations.clone();
    return larger;
  }

  /** The most steps in each environment, those it was created with. */
  public int capacity() {
    return capacity;
  }

  /**
   * Begins the next filling with so many steps, in [1, capacity]: the last rollout of a run may be
   * shorter.
   */
  public void setSteps(int value) {
    if (value < 1 || value > capacity) {
      throw new IllegalArgumentException("steps must be in [1, " + capacity + "], not " + value);
    }
    steps = value;
    finals = 0;
  }

  /** T, the steps in each environment. */
  public int steps() {
    return steps;
  }

  /** N, the number of environments. */
  public int environments() {
    return environments;
  }

  /** The number of rows, T·N. */
  public int rows() {
    return steps * environments;
  }

  /** Floats in an observation as the network sees it. */
  public int observationSize() {
    return observationSize;
  }

  /** Floats in an action. */
  public int actionSize() {
    return actionSize;
  }

  /** Columns of {@link #distribution()}. */
  public int parameterSize() {
    return parameterSize;
  }

  /** s_t as the network saw it, [T·N, observationSize]; live, as all arrays here. */
  public float[] observations() {
    return observations;
  }

  /** a_t as drawn, before any clipping to the environment's bounds, [T·N, actionSize]. */
  public float[] actions() {
    return actions;
  }

  /** The parameters z of π_old(·|s_t), [T·N, parameterSize]. */
  public float[] distribution() {
    return distribution;
  }

  /** log π_old(a_t|s_t), [T·N]. */
  public float[] logProbs() {
    return logProbs;
  }

  /** V(s_t), [T·N]. */
  public float[] values() {
    return values;
  }

  /** V of the true next observation (the final one where an episode ended), [T·N]. */
  public float[] nextValues() {
    return nextValues;
  }

  /** r_t as the learner sees it, [T·N]. */
  public float[] rewards() {
    return rewards;
  }

  /** Whether s_{t+1} is terminal, [T·N]. */
  public boolean[] terminated() {
    return terminated;
  }

  /** Whether the episode ended at s_{t+1}, terminated or truncated, [T·N]. */
  public boolean[] ended() {
    return ended;
  }

  /** Â_t, [T·N]. */
  public float[] advantages() {
    return advantages;
  }

  /** The value targets Â_t + V(s_t), [T·N]. */
  public float[] returns() {
    return returns;
  }

  /**
   * Keeps the observation that a row led to where it is no row's, which values computed anew need:
   * the last one of a truncated episode, or of an environment when the rollout ends.
   *
   * @param row whose step led there
   * @param x holds the observation as the network sees it from {@code at} on
   */
  public void keepFinal(int row, float[] x, int at) {
    if (finals == finalRows.length) {
      int room = Math.min(rows(), Math.max(environments, 2 * finals));
      Heap.require(
          "the last observations of %d episodes, of %d numbers each,"
              .formatted(room, observationSize),
          (double) room * observationSize,
          Float.BYTES * (double) room * observationSize,
          "lower rolloutSteps or environments, or set recomputeAdvantages to false");
      finalRows = Arrays.copyOf(finalRows, room);
      finalObservations = Arrays.copyOf(finalObservations, room * observationSize);
    }
    finalRows[finals] = row;
    System.arraycopy(x, at, finalObservations, finals * observationSize, observationSize);
    finals++;
  }

  /** How many observations it keeps that are no row's. */
  public int finals() {
    return finals;
  }

  /** The row that led to one of them. */
  public int finalRow(int i) {
    return finalRows[i];
  }

  /** These observations as the network saw them, [finals, observationSize]. */
  public float[] finalObservations() {
    return finalObservations;
  }

  /**
   * Fills {@link #nextValues()} where the next observation is that of a row: with the value there.
   */
  public void bootstrap() {
    for (int row = 0; row < rows() - environments; row++) {
      if (!ended[row]) {
        nextValues[row] = values[row + environments];
      }
    }
  }

  /**
   * Fills {@link #advantages()} and {@link #returns()} with GAE(γ, λ); see {@link Advantages#gae}.
   */
  public void computeAdvantages(double gamma, double lambda) {
    Advantages.gae(
        rewards,
        values,
        nextValues,
        terminated,
        ended,
        steps,
        environments,
        gamma,
        lambda,
        advantages,
        returns);
  }
}
