package org.deeprl4j.algorithms.dqn;

import java.util.List;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.ActionValues;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.learning.NetworkPolicy;
import org.deeprl4j.algorithms.learning.ObservationEncoder;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.OffPolicyLearner;
import org.deeprl4j.algorithms.training.OffPolicyTrainer;
import org.deeprl4j.algorithms.training.ReplaySettings;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
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
 */
public final class Dqn implements OffPolicyLearner {
  /** DQN as registries know it. */
  public static final Algorithm<DqnConfig> ALGORITHM =
      Algorithm.of(
          "dqn",
          "Deep Q-learning, double and dueling by setting (Mnih et al. 2015)",
          DqnConfig.defaults(),
          (observations, actions) -> Require.discrete(actions),
          Dqn::start);

  private final DqnConfig config;
  private final TrainingSetup setup;
  private final ObservationEncoder encoder;
  private final Discrete actionSpace;
  private final int n;
  private final ActionValues q;
  private final double maxGradientNorm;
  private final Tensor exploring;
  private final float[] exploringValues;
  private final float[] y; // targets of a batch, reused
  private long updates;

  /** A learner at its start. */
  public Dqn(
      TrainingSetup setup,
      DqnConfig config,
      ObservationEncoder encoder,
      Space actionSpace,
      Rng random) {
    this.config = config;
    this.setup = setup;
    this.encoder = encoder;
    this.actionSpace = Require.discrete(actionSpace);
    n = this.actionSpace.n();
    q =
        new ActionValues(
            setup.compute(),
            encoder.size(),
            n,
            config.networks(),
            config.activation(),
            config.dueling(),
            config.batchSize(),
            config.adamEpsilon(),
            random);
    Double bound = config.maxGradientNorm();
    maxGradientNorm = bound == null ? Double.POSITIVE_INFINITY : bound;
    exploring = setup.compute().tensor(config.environments(), encoder.size());
    exploringValues = new float[config.environments() * n];
    y = new float[config.batchSize()];
  }

  /** Starts a run. */
  public static Trainer start(TrainingSetup setup, DqnConfig config) {
    return new OffPolicyTrainer(
        setup,
        new OffPolicyTrainer.Settings(
            config.environments(),
            config.learningStarts(),
            config.trainEvery(),
            config.updates(),
            config.batchSize(),
            config.normalizeObservations()),
        new ReplaySettings(
            config.bufferSize(),
            config.returnSteps(),
            config.gamma(),
            config.prioritizedReplay(),
            config.hindsight()),
        (encoder, actionSpace, random) -> new Dqn(setup, config, encoder, actionSpace, random));
  }

  @Override
  public List<String> metrics() {
    return List.of("loss", "q_mean", "gradient_norm", "epsilon");
  }

  @Override
  public void explore(
      float[] observations, int rows, double progress, Rng random, float[] actions) {
    System.arraycopy(observations, 0, exploring.floatsForWriting(), 0, rows * encoder.size());
    q.predict(exploring, exploringValues);
    double epsilon = config.epsilon(progress);
    for (int e = 0; e < rows; e++) {
      actions[e] =
          random.nextDouble() < epsilon ? random.nextInt(n) : largest(exploringValues, e * n);
    }
  }

  @Override
  public void update(Minibatch batch, double progress, Rng random, Averages averages) {
    float[] target = q.targetValues(batch.nextObservations());
    // Double: the network chooses, the target values.
    float[] choosing = config.doubleQ() ? q.values(batch.nextObservations()) : target;
    for (int b = 0; b < y.length; b++) {
      float next = target[b * n + largest(choosing, b * n)];
      y[b] = batch.rewards()[b] + batch.discounts()[b] * next;
    }
    q.update(batch, y, config.loss(), config.learningRate().at(progress), maxGradientNorm);
    System.arraycopy(q.errors(), 0, batch.errors(), 0, y.length);
    updates++;
    if (updates % config.targetEvery() == 0) {
      q.trackTarget(config.tau());
    }
    averages.add("loss", q.loss());
    averages.add("q_mean", q.mean());
    averages.add("gradient_norm", q.gradientNorm());
    averages.add("epsilon", config.epsilon(progress));
  }

  /** The first action with the largest of n values. */
  private int largest(float[] values, int at) {
    int best = 0;
    for (int k = 1; k < n; k++) {
      if (values[at + k] > values[at + best]) {
        best = k;
      }
    }
    return best;
  }

  /** y of the last batch, [B]. */
  float[] targets() {
    return y;
  }

  @Override
  public Policy policy() {
    return new NetworkPolicy(
        setup.compute(),
        encoder,
        actionSpace,
        q.spec(),
        q.network(),
        q.firstColumn(),
        NetworkPolicy.Head.ACTION_VALUES);
  }

  @Override
  public ActionValueFunction actionValueFunction() {
    return ActionValues.valueFunction(encoder, q);
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
