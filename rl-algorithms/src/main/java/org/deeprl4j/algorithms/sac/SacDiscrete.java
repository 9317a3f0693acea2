package org.deeprl4j.algorithms.sac;

import java.util.List;
import java.util.function.IntConsumer;
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
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * Soft actor-critic for discrete actions (Christodoulou 2019, "Soft actor-critic for discrete
 * action settings"): the expectations over actions are sums, and nothing is reparameterised.
 *
 * <pre>
 * for each environment step: a ~ π_φ(·|s); remember (s, a, r, s′)
 * for each gradient step, on a batch of memories:
 *   θ_i ← θ_i − λ ∇J_Q(θ_i), i ∈ {1, 2}
 *   φ   ← φ − λ ∇J_π(φ)
 *   α   ← α − λ ∇J(α)
 *   θ̄_i ← τ θ_i + (1 − τ) θ̄_i
 * </pre>
 *
 * <p>with
 *
 * <pre>
 * J_Q(θ_i) = Ê[½ (Q_θi(s, a) − (r + γ V(s′)))²]
 * V(s′)    = π_φ(s′)ᵀ (min_i Q_θ̄i(s′) − α log π_φ(s′))               (eq. 10)
 * J_π(φ)   = Ê[π_φ(s)ᵀ (α log π_φ(s) − min_i Q_θi(s))]              (eq. 12)
 * J(α)     = Ê[π_φ(s)ᵀ (−α (log π_φ(s) + H̄))], as a function of log α  (eq. 11)
 * </pre>
 */
public final class SacDiscrete implements OffPolicyLearner {
  /** This algorithm as registries know it. */
  public static final Algorithm<SacDiscreteConfig> ALGORITHM =
      Algorithm.of(
          "sac-discrete",
          "Soft actor-critic for discrete actions (Christodoulou 2019)",
          SacDiscreteConfig.defaults(),
          (observations, actions) -> Require.discrete(actions),
          SacDiscrete::start);

  private final SacDiscreteConfig config;
  private final TrainingSetup setup;
  private final ObservationEncoder encoder;
  private final Discrete actionSpace;
  private final int n;
  private final Mlp actorSpec;
  private final Network actor;
  private final Adam actorAdam;
  private final ActionValues[] critics;
  private final Categorical distribution;
  private final double targetEntropy;
  private final Tensor logAlpha;
  private final Tensor logAlphaGradient;
  private final Adam alphaAdam;

  // One batch, reused.
  private final Tensor exploring;
  private final double[] logPi;
  private final float[] y;
  private final float[][] q;
  private final Tensor zGradient;

  /** A learner at its start. */
  public SacDiscrete(
      TrainingSetup setup,
      SacDiscreteConfig config,
      ObservationEncoder encoder,
      Space actionSpace,
      Rng random) {
    this.config = config;
    this.setup = setup;
    this.encoder = encoder;
    this.actionSpace = Require.discrete(actionSpace);
    n = this.actionSpace.n();
    int rows = config.batchSize();
    int[] hidden = config.networks().stream().mapToInt(Integer::intValue).toArray();
    actorSpec =
        Mlp.of(encoder.size(), n, hidden)
            .withActivation(config.activation())
            .withInit(new Mlp.Init.FanInUniform());
    actor = setup.compute().network(actorSpec, random);
    actorAdam = new Adam(0.9, 0.999, config.adamEpsilon());
    critics = new ActionValues[2];
    for (int i = 0; i < critics.length; i++) {
      critics[i] =
          new ActionValues(
              setup.compute(),
              encoder.size(),
              n,
              config.networks(),
              config.activation(),
              false,
              rows,
              config.adamEpsilon(),
              random);
    }
    distribution = new Categorical(n);
    targetEntropy = config.targetEntropyRatio() * Math.log(n);
    Double fixed = config.temperature();
    double alpha = fixed == null ? config.initialTemperature() : fixed;
    logAlpha = Tensor.host(1, 1);
    logAlpha.fill((float) Math.log(alpha));
    logAlphaGradient = Tensor.host(1, 1);
    alphaAdam = new Adam(0.9, 0.999, config.adamEpsilon());
    exploring = setup.compute().tensor(config.environments(), encoder.size());
    logPi = new double[n];
    y = new float[rows];
    q = new float[critics.length][];
    zGradient = setup.compute().tensor(rows, n);
  }

  /** Starts a run. */
  public static Trainer start(TrainingSetup setup, SacDiscreteConfig config) {
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
        (encoder, actionSpace, random) ->
            new SacDiscrete(setup, config, encoder, actionSpace, random));
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "critic_loss",
        "q_mean",
        "actor_loss",
        "entropy",
        "temperature",
        "temperature_loss",
        "critic_gradient_norm",
        "actor_gradient_norm");
  }

  @Override
  public void explore(
      float[] observations, int rows, double progress, Rng random, float[] actions) {
    System.arraycopy(observations, 0, exploring.floatsForWriting(), 0, rows * encoder.size());
    distribution.sample(actor.predict(exploring).floats(), rows, random, actions);
  }

  @Override
  public void update(Minibatch batch, double progress, Rng random, Averages averages) {
    double learningRate = config.learningRate().at(progress);
    double alpha = alpha();
    evaluatePolicy(batch, alpha, learningRate);
    double entropy = improvePolicy(batch, alpha, learningRate, averages);
    if (config.temperature() == null) {
      // J(α) = α (H(π) − H̄), whose derivative by log α is itself.
      double loss = alpha * (entropy - targetEntropy);
      logAlphaGradient.fill((float) loss);
      alphaAdam.step(logAlpha, logAlphaGradient, learningRate);
      averages.add("temperature_loss", loss);
    }
    for (ActionValues critic : critics) {
      critic.trackTarget(config.tau());
      averages.add("critic_loss", critic.loss());
      averages.add("q_mean", critic.mean());
      averages.add("critic_gradient_norm", critic.gradientNorm());
    }
    averages.add("temperature", alpha);
  }

  /** J_Q: the critics towards the soft Bellman target. */
  private void evaluatePolicy(Minibatch batch, double alpha, double learningRate) {
    float[] z = actor.predict(batch.nextObservations()).floats();
    each(i -> q[i] = critics[i].targetValues(batch.nextObservations()));
    for (int b = 0; b < y.length; b++) {
      double value = 0;
      logSoftmax(z, b * n);
      for (int k = 0; k < n; k++) {
        double least = Math.min(q[0][b * n + k], q[1][b * n + k]);
        value += Math.exp(logPi[k]) * (least - alpha * logPi[k]);
      }
      y[b] = (float) (batch.rewards()[b] + batch.discounts()[b] * value);
    }
    each(
        i ->
            critics[i].update(
                batch, y, ActionValues.Loss.SQUARED, learningRate, Double.POSITIVE_INFINITY));
    for (int b = 0; b < y.length; b++) {
      batch.errors()[b] = (critics[0].errors()[b] + critics[1].errors()[b]) / 2;
    }
  }

  /**
   * J_π: the actor towards the exponential of the critics' minimum.
   *
   * @return Ê[H(π_φ(·|s))]
   */
  private double improvePolicy(
      Minibatch batch, double alpha, double learningRate, Averages averages) {
    int rows = batch.rows();
    float[] z = actor.forward(batch.observations()).floats();
    each(i -> q[i] = critics[i].values(batch.observations()));
    float[] gradient = zGradient.floatsForWriting();
    double loss = 0;
    double entropy = 0;
    for (int b = 0; b < rows; b++) {
      logSoftmax(z, b * n);
      double mean = 0; // of f = α log π − min Q under π
      for (int k = 0; k < n; k++) {
        double pi = Math.exp(logPi[k]);
        mean += pi * (alpha * logPi[k] - least(b, k));
        entropy -= pi * logPi[k] / rows;
      }
      loss += mean / rows;
      for (int k = 0; k < n; k++) {
        // ∂(πᵀf)/∂z_k = π_k (f_k − πᵀf): what f's own dependence adds sums up to 0.
        double f = alpha * logPi[k] - least(b, k);
        gradient[b * n + k] = (float) (Math.exp(logPi[k]) * (f - mean) / rows);
      }
    }
    actor.gradient().fill(0);
    actor.backward(zGradient);
    averages.add("actor_gradient_norm", actor.gradient().norm2());
    actorAdam.step(actor.parameters(), actor.gradient(), learningRate);
    averages.add("actor_loss", loss);
    averages.add("entropy", entropy);
    return entropy;
  }

  private double least(int b, int k) {
    return Math.min(q[0][b * n + k], q[1][b * n + k]);
  }

  /** log π of n logits. */
  private void logSoftmax(float[] z, int at) {
    double most = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < n; k++) {
      most = Math.max(most, z[at + k]);
    }
    double sum = 0;
    for (int k = 0; k < n; k++) {
      sum += Math.exp(z[at + k] - most);
    }
    double shift = most + Math.log(sum);
    for (int k = 0; k < n; k++) {
      logPi[k] = z[at + k] - shift;
    }
  }

  /** Work of each critic, side by side. */
  private void each(IntConsumer work) {
    setup.compute().run(() -> work.accept(0), () -> work.accept(1));
  }

  /** α. */
  double alpha() {
    Double fixed = config.temperature();
    return fixed != null ? fixed : Math.exp(logAlpha.floats()[0]);
  }

  /** The policy's logits of a batch, [B, n]. */
  float[] logits(Tensor observations) {
    return actor.predict(observations).floats();
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
        actorSpec,
        actor,
        0,
        NetworkPolicy.Head.DISTRIBUTION);
  }

  @Override
  public ActionValueFunction actionValueFunction() {
    return ActionValues.valueFunction(encoder, critics);
  }

  @Override
  public void save(StateWriter out) {
    out.put("actor", actor);
    out.put("actorAdam", actorAdam);
    out.put("critic0", critics[0]);
    out.put("critic1", critics[1]);
    out.put("logAlpha", logAlpha.floats());
    out.put("alphaAdam", alphaAdam);
  }

  @Override
  public void load(StateReader in) {
    in.get("actor", actor);
    in.get("actorAdam", actorAdam);
    in.get("critic0", critics[0]);
    in.get("critic1", critics[1]);
    in.get("logAlpha", logAlpha.floatsForWriting());
    in.get("alphaAdam", alphaAdam);
  }
}
