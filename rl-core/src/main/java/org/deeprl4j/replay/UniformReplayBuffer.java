package org.deeprl4j.replay;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/** Draws every transition with the same probability; returns may be of n steps. */
public final class UniformReplayBuffer implements ReplayBuffer {
  private final Transitions transitions;
  private final NStep nStep;

  // Written only, so that the reads of Transitions.touch are not dead code.
  @SuppressWarnings("UnusedVariable")
  private int touched;

  /**
   * An empty buffer; memory for observations is taken as they arrive.
   *
   * @param capacity the most transitions, cut to a multiple of {@code environments}
   * @param environments stepped together
   * @param observations of the environments; whole numbers from 0 to 255 are kept as bytes
   * @param actionSize floats of an action
   * @param steps n of the n-step returns, ≥ 1
   * @param gamma γ, in [0, 1]
   * @throws IllegalArgumentException if it would not fit into the JVM's memory
   */
  public UniformReplayBuffer(
      int capacity, int environments, Space observations, int actionSize, int steps, double gamma) {
    transitions = new Transitions(capacity, environments, observations, actionSize);
    nStep = new NStep(transitions, steps, gamma);
  }

  @Override
  public int capacity() {
    return transitions.capacity;
  }

  @Override
  public int size() {
    return transitions.size();
  }

  @Override
  public void add(
      float[] observations,
      float[] actions,
      double[] rewards,
      float[] nextObservations,
      boolean[] terminated,
      boolean[] ended) {
    transitions.add(observations, actions, rewards, nextObservations, terminated, ended);
  }

  @Override
  public void endEpisode(int environment) {
    transitions.endEpisode(environment);
  }

  @Override
  public void sample(RandomGenerator random, ReplayBatch batch) {
    if (transitions.size() == 0) {
      throw new IllegalStateException("nothing can be sampled from an empty replay buffer");
    }
    int[] rows = batch.indices();
    for (int b = 0; b < batch.rows(); b++) {
      rows[b] = random.nextInt(transitions.size());
    }
    touched = transitions.touch(rows, batch.rows());
    for (int b = 0; b < batch.rows(); b++) {
      nStep.copy(rows[b], batch, b);
    }
    Arrays.fill(batch.weights(), 1);
  }

  @Override
  public void save(StateWriter out) {
    out.put("transitions", transitions);
  }

  @Override
  public void load(StateReader in) {
    in.get("transitions", transitions);
  }
}
