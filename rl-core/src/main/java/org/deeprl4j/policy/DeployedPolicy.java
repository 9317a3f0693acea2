package org.deeprl4j.policy;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.DivergenceException;
import org.jspecify.annotations.Nullable;

/**
 * A trained policy for use in a program: it takes raw observations, returns legal actions and
 * checks the lengths of both. Any number of threads may use it at once, with the same bits as one;
 * after a thread's first call it allocates nothing.
 */
public final class DeployedPolicy implements StochasticPolicy {
  private final NetworkPolicy original;

  /** Copies that no thread is using, each with a network of its own. */
  private final AtomicReferenceArray<@Nullable NetworkPolicy> idle =
      new AtomicReferenceArray<>(2 * Runtime.getRuntime().availableProcessors());

  /** Takes over a policy, whose parameters must not change any more. */
  DeployedPolicy(NetworkPolicy original) {
    this.original = original;
  }

  /**
   * A policy as it is now, as if it had been written to a file and read again: training that goes
   * on changes nothing of it, and whatever it ran on may be closed.
   *
   * @throws IllegalArgumentException if a file cannot hold it
   * @throws DivergenceException if a number of it is not finite
   */
  public static DeployedPolicy of(Policy policy) {
    return new DeployedPolicy(PolicyFile.copy(policy));
  }

  /** The policy itself, which must not be changed. */
  NetworkPolicy original() {
    return original;
  }

  @Override
  public Space observationSpace() {
    return original.observationSpace();
  }

  @Override
  public Space actionSpace() {
    return original.actionSpace();
  }

  @Override
  public int stateSize() {
    return original.stateSize();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the observation has another length than the space
   */
  @Override
  public float[] act(float[] observation) {
    requireWhole(observation);
    return StochasticPolicy.super.act(observation);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the observation has another length than the space
   */
  @Override
  public float[] act(float[] observation, float[] state) {
    requireWhole(observation);
    return StochasticPolicy.super.act(observation, state);
  }

  private void requireWhole(float[] observation) {
    int size = observationSpace().size();
    if (observation.length != size) {
      throw new IllegalArgumentException(
          "the observation has %d numbers; this policy takes %d, of %s"
              .formatted(observation.length, size, observationSpace()));
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if an array is shorter than its rows
   */
  @Override
  public void act(float[] observations, int rows, float[] actions) {
    check(observations, rows, actions);
    NetworkPolicy own = take();
    own.act(observations, rows, actions);
    giveBack(own);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if an array is shorter than its rows
   */
  @Override
  public void act(float[] observations, int rows, float[] states, float[] actions) {
    check(observations, rows, actions);
    check(states, rows);
    NetworkPolicy own = take();
    own.act(observations, rows, states, actions);
    giveBack(own);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if an array is shorter than its rows
   */
  @Override
  public void sample(float[] observations, int rows, RandomGenerator random, float[] actions) {
    check(observations, rows, actions);
    NetworkPolicy own = take();
    own.sample(observations, rows, random, actions);
    giveBack(own);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if an array is shorter than its rows
   */
  @Override
  public void sample(
      float[] observations, int rows, float[] states, RandomGenerator random, float[] actions) {
    check(observations, rows, actions);
    check(states, rows);
    NetworkPolicy own = take();
    own.sample(observations, rows, states, random, actions);
    giveBack(own);
  }

  private void check(float[] states, int rows) {
    if (states.length < (long) rows * stateSize()) {
      throw new IllegalArgumentException(
          "states has %d numbers; %d rows of a state take %d"
              .formatted(states.length, rows, (long) rows * stateSize()));
    }
  }

  private void check(float[] observations, int rows, float[] actions) {
    if (rows < 1) {
      throw new IllegalArgumentException("rows must be at least 1, not " + rows);
    }
    require("observations", observations.length, rows, observationSpace());
    require("actions", actions.length, rows, actionSpace());
  }

  private static void require(String name, int length, int rows, Space space) {
    if (length < (long) rows * space.size()) {
      throw new IllegalArgumentException(
          "%s has %d numbers; %d rows of %s take %d"
              .formatted(name, length, rows, space, (long) rows * space.size()));
    }
  }

  private NetworkPolicy take() {
    for (int i = 0; i < idle.length(); i++) {
      NetworkPolicy free = idle.getPlain(i) == null ? null : idle.getAndSet(i, null);
      if (free != null) {
        return free;
      }
    }
    return original.copy(Compute.light());
  }

  /** Keeps a copy for the next call, or drops it if there are enough. */
  private void giveBack(NetworkPolicy own) {
    for (int i = 0; i < idle.length(); i++) {
      if (idle.compareAndSet(i, null, own)) {
        return;
      }
    }
  }
}
