package org.deeprl4j.algorithms.sac;

import java.util.Arrays;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.TrainableNetwork;
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/** Discrete SAC's policy π_φ(·|s), a softmax over the actions that are legal in s. */
final class CategoricalActor implements Stateful {
  /** Stands for log 0: its exponential is 0, and 0 times it is 0 too. */
  private static final double LOG_0 = -1e9;

  private final LearnerContext context;
  private final int n;
  private final TrainableNetwork trained;
  private final Categorical distribution;

  // Of the last batch.
  private final float[] legal; // logits, −∞ where an action is illegal; unused without masks
  private final double[] logPi;
  private float[] z = new float[0];

  /** Creates a policy in its initial state. */
  CategoricalActor(LearnerContext context, SacDiscreteConfig config) {
    this.context = context;
    n = Require.discrete(context.actionSpace()).n();
    Mlp logits = TrainableNetwork.mlp(context.features().size(), n, config.hidden(), config);
    trained = TrainableNetwork.alone(context, context.features().under(logits), config);
    distribution = new Categorical(n);
    legal = new float[Math.max(config.batchSize(), config.environments()) * n];
    logPi = new double[n];
  }

  /**
   * Draws actions for exploration.
   *
   * @param observations s, [environments, encoded observation]
   * @param raw the same with action masks, [environments, observation]
   * @param actions receives a, [environments]. Modified.
   */
  void explore(Tensor observations, float[] raw, Rng random, float[] actions) {
    float[] logits = trained.network().predict(observations).floats();
    DivergenceException.check("the policy's output", logits, observations.rows(), n);
    restrict(logits, observations.rows(), raw);
    distribution.sample(z, observations.rows(), random, actions);
  }

  /** Computes π of a batch. */
  void predict(Tensor observations, float[] raw) {
    restrict(trained.network().predict(observations).floats(), observations.rows(), raw);
  }

  /** Computes π of a batch, for {@link TrainableNetwork#descend}. */
  void forward(Tensor observations, float[] raw) {
    float[] logits = trained.network().forward(observations).floats();
    restrict(logits, observations.rows(), raw);
  }

  private void restrict(float[] logits, int rows, float[] raw) {
    z = logits;
    if (context.encoder().maskSize() > 0) {
      System.arraycopy(logits, 0, legal, 0, rows * n);
      context.encoder().forbid(raw, rows, legal);
      z = legal;
    }
  }

  /**
   * log π(·|s) of a row of the last batch, [n], until the next call; of an illegal action a number
   * whose exponential is 0.
   */
  double[] logProbs(int row) {
    distribution.logProbs(z, row, logPi);
    Arrays.setAll(logPi, k -> Math.max(logPi[k], LOG_0));
    return logPi;
  }

  /** The mean entropy of choosing uniformly from the legal actions of raw observations. */
  double uniformEntropy(float[] raw, int rows) {
    if (context.encoder().maskSize() == 0) {
      return Math.log(n);
    }
    double sum = 0;
    for (int b = 0; b < rows; b++) {
      sum += Math.log(context.encoder().legalActions(raw, b));
    }
    return sum / rows;
  }

  /** The network of φ and its gradient. */
  TrainableNetwork network() {
    return trained;
  }

  /** The policy, sharing the network. */
  Policy policy() {
    return context.policy(trained.network(), 0, NetworkPolicy.Head.DISTRIBUTION);
  }

  @Override
  public void save(StateWriter out) {
    trained.save(out);
  }

  @Override
  public void load(StateReader in) {
    trained.load(in);
  }
}
