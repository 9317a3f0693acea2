package org.deeprl4j.replay;

import java.util.random.RandomGenerator;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * Proportional prioritised replay (Schaul et al. 2016, algorithm 1 and section 3.3): row i is drawn
 * with P(i) = p_i^α / Σ_k p_k^α, p_i = |δ_i| + ε, from strata of equal probability, and its loss
 * counts w_i = (N·P(i))^−β / max_j w_j. New rows have the largest priority so far. β changes over
 * the run, usually up to 1.
 */
public final class PrioritizedReplayBuffer implements ReplayBuffer {
  /** Keeps rows without an error from never being drawn again; the paper's "small positive". */
  private static final double EPSILON = 1e-6;

  private final Transitions transitions;
  private final NStep nStep;
  private final SumTree tree;
  private final double alpha;
  private final Schedule betas;
  private double beta;
  private double largest = 1;

  /**
   * An empty buffer; memory for observations is taken as they arrive.
   *
   * @param capacity the most transitions, cut to a multiple of {@code environments}
   * @param environments stepped together
   * @param observations of the environments; whole numbers from 0 to 255 are kept as bytes
   * @param actionSize floats of an action
   * @param steps n of the n-step returns, ≥ 1
   * @param gamma γ, in [0, 1]
   * @param alpha α in [0, 1], how much priorities count; the paper's 0.6
   * @param betas β in [0, 1], how much of the bias by α is corrected, by progress; the paper's
   *     linear(0.4, 1)
   * @throws IllegalArgumentException if it would not fit into the JVM's memory
   */
  public PrioritizedReplayBuffer(
      int capacity,
      int environments,
      Space observations,
      int actionSize,
      int steps,
      double gamma,
      double alpha,
      Schedule betas) {
    if (!(alpha >= 0 && alpha <= 1 && betas.least() >= 0 && betas.largest() <= 1)) {
      throw new IllegalArgumentException(
          "prioritised replay needs alpha and beta in [0, 1], not %s and %s"
              .formatted(alpha, betas));
    }
    transitions = new Transitions(capacity, environments, observations, actionSize);
    nStep = new NStep(transitions, steps, gamma);
    tree = new SumTree(transitions.capacity);
    this.alpha = alpha;
    this.betas = betas;
    beta = betas.start();
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
    int first =
        transitions.add(observations, actions, rewards, nextObservations, terminated, ended);
    double priority = Math.pow(largest, alpha);
    for (int e = 0; e < transitions.environments; e++) {
      tree.set(first + e, priority);
    }
  }

  @Override
  public void endEpisode(int environment) {
    transitions.endEpisode(environment);
  }

  @Override
  public void sample(RandomGenerator random, ReplayBatch batch) {
    int size = transitions.size();
    if (size == 0) {
      throw new IllegalStateException("nothing can be sampled from an empty replay buffer");
    }
    int rows = batch.rows();
    double total = tree.total();
    double most = 0;
    for (int b = 0; b < rows; b++) {
      int row = tree.find((b + random.nextDouble()) / rows * total);
      nStep.copy(row, batch, b);
      double weight = Math.pow(size * tree.get(row) / total, -beta);
      batch.weights()[b] = (float) weight;
      most = Math.max(most, weight);
    }
    for (int b = 0; b < rows; b++) {
      batch.weights()[b] /= (float) most;
    }
  }

  @Override
  public void updatePriorities(ReplayBatch batch) {
    DivergenceException.check("the batch's error", batch.errors(), 1, batch.rows());
    for (int b = 0; b < batch.rows(); b++) {
      double error = Math.abs(batch.errors()[b]);
      largest = Math.max(largest, error + EPSILON);
      tree.set(batch.indices()[b], Math.pow(error + EPSILON, alpha));
    }
  }

  @Override
  public void setProgress(double progress) {
    beta = betas.at(progress);
  }

  @Override
  public void save(StateWriter out) {
    out.put("transitions", transitions);
    out.put("priorities", tree.leaves(transitions.size()));
    out.put("largest", largest);
    out.put("beta", beta);
  }

  @Override
  public void load(StateReader in) {
    in.get("transitions", transitions);
    double[] priorities = new double[transitions.size()];
    in.get("priorities", priorities);
    tree.setLeaves(priorities);
    largest = in.getDouble("largest");
    beta = in.getDouble("beta");
  }
}
