package org.deeprl4j.algorithms.dqn;

import java.util.List;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.ActionValues;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.training.OffPolicyLearner;
import org.deeprl4j.algorithms.training.OffPolicyTrainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * Deep Q-learning (Mnih et al. 2015, "Human-level control through deep reinforcement learning",
 * algorithm 1):
 *
 * <pre>
 * for each environment step: with probability ε a random action, else a = argmax_a Q(s, a; θ);
 *   remember (s, a, r, s′)
 * for each gradient step, on a batch of memories:
 *   y = r + γ max_a′ Q(s′, a′; θ⁻)
 *   or, double (van Hasselt et al. 2016): y = r + γ Q(s′, argmax_a′ Q(s′, a′; θ); θ⁻)
 *   θ descends Ê[ℓ(y − Q(s, a; θ))]
 *   every C steps θ⁻ ← θ
 * </pre>
 *
 * <p>a, a′ and random actions are legal ones, see {@link org.deeprl4j.mdp.MaskedMdp}.
 */
public final class Dqn implements OffPolicyLearner {
  private final DqnConfig config;
  private final LearnerContext context;
  private final int n;
  final ActionValues q;
  private final float[] exploringValues;
  final float[] y; // targets of a batch, reused
  private long updates;

  /** Creates a learner in its initial state. */
  Dqn(DqnConfig config, LearnerContext context) {
    this.config = config;
    this.context = context;
    n = Require.discrete(context.actionSpace()).n();
    q = new ActionValues(context, n, config, config.dueling());
    exploringValues = new float[config.environments() * n];
    y = new float[config.batchSize()];
  }

  /** Starts a run. */
  public static OffPolicyTrainer start(TrainingSetup setup, DqnConfig config) {
    return new OffPolicyTrainer(setup, config, context -> new Dqn(config, context));
  }

  @Override
  public List<String> metrics() {
    return List.of("critic_loss", "q_mean", "critic_gradient_norm", "epsilon", "learning_rate");
  }

  @Override
  public void explore(
      Tensor observations, float[] raw, double progress, Rng random, float[] actions) {
    q.predict(observations, exploringValues);
    context.encoder().forbid(raw, observations.rows(), exploringValues);
    boolean masked = context.encoder().maskSize() > 0;
    double epsilon = config.explorationRate().at(progress);
    for (int e = 0; e < observations.rows(); e++) {
      actions[e] =
          random.nextDouble() >= epsilon
              ? ActionValues.largest(exploringValues, e * n, n)
              : masked ? Categorical.uniform(exploringValues, e * n, n, random) : random.nextInt(n);
    }
  }

  @Override
  public void update(Minibatch batch, double progress, Rng random, Averages averages) {
    double learningRate = config.learningRate().at(progress);
    float[] target = q.targetValues(batch.nextObservations());
    // Double: the network selects the action, and the target network evaluates it.
    float[] choosing = config.doubleQ() ? q.values(batch.nextObservations()) : target;
    context.encoder().forbid(batch.sampled().nextObservations(), y.length, choosing);
    for (int b = 0; b < y.length; b++) {
      float next = target[b * n + ActionValues.largest(choosing, b * n, n)];
      y[b] = batch.rewards()[b] + batch.discounts()[b] * next;
    }
    q.descend(
        batch.observations(),
        (values, gradient) -> loss(batch, values, gradient, averages),
        learningRate);
    updates++;
    if (updates % config.targetEveryUpdates() == 0) {
      q.trackTarget(config.tau());
    }
    q.report("critic_loss", "critic_gradient_norm", averages);
    averages.add("epsilon", config.explorationRate().at(progress));
    averages.add("learning_rate", learningRate);
  }

  /**
   * Ê[w ℓ(Q(s, a) − y)].
   *
   * @param batch its errors receive |Q(s, a) − y|. Modified.
   * @param gradient receives the derivative by Q(s, ·), [B, n]. Modified.
   */
  private double loss(Minibatch batch, float[] values, float[] gradient, Averages averages) {
    int rows = batch.rows();
    double loss = 0;
    double mean = 0;
    for (int b = 0; b < rows; b++) {
      int chosen = b * n + (int) batch.actions()[b];
      double error = (double) values[chosen] - y[b];
      double size = Math.abs(error);
      double w = batch.weights()[b];
      boolean linear = config.loss() == DqnConfig.Loss.HUBER && size > 1;
      loss += w * (linear ? size - 0.5 : 0.5 * error * error) / rows;
      gradient[chosen] = (float) (w * (linear ? Math.signum(error) : error) / rows);
      batch.errors()[b] = (float) size;
      mean += (double) values[chosen] / rows;
    }
    averages.add("q_mean", mean);
    return loss;
  }

  @Override
  public Policy policy() {
    return context.policy(q.network(), q.firstColumn(), NetworkPolicy.Head.ACTION_VALUES);
  }

  @Override
  public ActionValueFunction actionValueFunction() {
    return ActionValues.valueFunction(context.encoder(), q);
  }

  @Override
  public void save(StateWriter out) {
    out.put("q", q);
    out.put("updates", updates);
  }

  @Override
  public void load(StateReader in) {
    in.get("q", q);
    updates = in.getLong("updates");
  }
}
