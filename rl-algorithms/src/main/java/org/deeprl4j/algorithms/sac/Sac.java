package org.deeprl4j.algorithms.sac;

import java.util.List;
import org.deeprl4j.algorithms.learning.ActionScale;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Critics;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.learning.NetworkPolicy;
import org.deeprl4j.algorithms.learning.ObservationEncoder;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.OffPolicyLearner;
import org.deeprl4j.algorithms.training.OffPolicyTrainer;
import org.deeprl4j.algorithms.training.ReplaySettings;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * Soft actor-critic with twin target critics and a tuned temperature (Haarnoja et al. 2018, "Soft
 * actor-critic algorithms and applications", algorithm 1):
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
 * <p>with a = f_φ(ε; s) = tanh(μ_φ(s) + σ_φ(s) ε), ε ~ N(0, I), and
 *
 * <pre>
 * J_Q(θ_i) = Ê[½ (Q_θi(s, a) − y)²],  y = r + γ (min_i Q_θ̄i(s′, a′) − α log π_φ(a′|s′))   (eq. 5)
 * J_π(φ)   = Ê[α log π_φ(f_φ(ε; s)|s) − min_i Q_θi(s, f_φ(ε; s))]                        (eq. 9)
 * J(α)     = Ê[−α (log π_φ(a|s) + H̄)], as a function of log α                           (eq. 18)
 * </pre>
 */
public final class Sac implements OffPolicyLearner {
  /** SAC as registries know it. */
  public static final Algorithm<SacConfig> ALGORITHM =
      Algorithm.of(
          "sac",
          "Soft actor-critic with a tuned temperature (Haarnoja et al. 2018)",
          SacConfig.defaults(),
          (observations, actions) -> ActionScale.require(actions),
          Sac::start);

  /** The gradient's norm is a metric, not a part of the update: measured once in so many. */
  private static final int NORM_EVERY = 32;

  private final SacConfig config;
  private final TrainingSetup setup;
  private final ObservationEncoder encoder;
  private final Space actionSpace;
  private final SquashedActor actor;
  private final Critics critics;
  private final double targetEntropy;
  private final Tensor logAlpha;
  private final Tensor logAlphaGradient;
  private final Adam alphaAdam;
  private final int noiseSteps;
  private final Tensor exploring;
  private final float[] y; // targets of a batch, reused
  private long explorations;
  private long updates;

  /** A learner at its start. */
  public Sac(
      TrainingSetup setup,
      SacConfig config,
      ObservationEncoder encoder,
      Space actionSpace,
      Rng random) {
    this.config = config;
    this.setup = setup;
    this.encoder = encoder;
    this.actionSpace = actionSpace;
    int n = actionSpace.size();
    int rows = config.batchSize();
    actor =
        new SquashedActor(
            setup.compute(),
            encoder.size(),
            n,
            config.networks(),
            config.activation(),
            config.logStd(),
            config.initialLogStd(),
            rows,
            config.adamEpsilon(),
            random);
    int[] hidden = config.networks().stream().mapToInt(Integer::intValue).toArray();
    Mlp criticSpec =
        Mlp.of(encoder.size() + n, 1, hidden)
            .withActivation(config.activation())
            .withInit(new Mlp.Init.FanInUniform());
    critics =
        new Critics(
            setup.compute(), criticSpec, config.critics(), n, rows, config.adamEpsilon(), random);
    Integer held = config.noiseSteps();
    noiseSteps = held == null ? Math.max(1, config.trainEvery() / config.environments()) : held;
    exploring = setup.compute().tensor(config.environments(), encoder.size());
    y = new float[rows];
    Double entropy = config.targetEntropy();
    targetEntropy = entropy == null ? -n : entropy;
    Double fixed = config.temperature();
    double alpha = fixed == null ? config.initialTemperature() : fixed;
    logAlpha = Tensor.host(1, 1);
    logAlpha.fill((float) Math.log(alpha));
    logAlphaGradient = Tensor.host(1, 1);
    alphaAdam = new Adam(0.9, 0.999, config.adamEpsilon());
  }

  /** Starts a run. */
  public static Trainer start(TrainingSetup setup, SacConfig config) {
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
        (encoder, actionSpace, random) -> new Sac(setup, config, encoder, actionSpace, random));
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
      float[] observations, int rows, double progress, Rng random, float[] explored) {
    if (explorations++ % noiseSteps == 0) {
      actor.resample(rows, random);
    }
    System.arraycopy(observations, 0, exploring.floatsForWriting(), 0, rows * encoder.size());
    actor.explore(exploring, random, explored);
  }

  @Override
  public void update(Minibatch batch, double progress, Rng random, Averages averages) {
    double learningRate = config.learningRate().at(progress);
    double alpha = alpha();
    evaluatePolicy(batch, alpha, learningRate, random);
    improvePolicy(batch, alpha, learningRate, random, averages);
    if (config.temperature() == null) {
      tuneTemperature(alpha, learningRate, averages);
    }
    critics.trackTargets(config.tau());
    critics.report(averages);
    averages.add("temperature", alpha);
    updates++;
  }

  /** J_Q: the critics towards the soft Bellman target. */
  private void evaluatePolicy(Minibatch batch, double alpha, double learningRate, Rng random) {
    actor.sample(batch.nextObservations(), random);
    float[] next = critics.targetMinimum(batch.nextObservations(), actor.actions());
    for (int b = 0; b < y.length; b++) {
      double soft = next[b] - alpha * actor.logProbs()[b];
      y[b] = (float) (batch.rewards()[b] + batch.discounts()[b] * soft);
    }
    critics.update(batch, y, 0.5, learningRate);
  }

  /** J_π: the actor towards the exponential of the critics' minimum. */
  private void improvePolicy(
      Minibatch batch, double alpha, double learningRate, Rng random, Averages averages) {
    actor.rsample(batch.observations(), random);
    float[] q = critics.differentiateMinimum(batch.observations(), actor.actions());
    actor.differentiate(alpha, critics.actionGradient());
    if (updates % NORM_EVERY == 0) {
      averages.add("actor_gradient_norm", actor.network().gradient().norm2());
    }
    actor.descend(learningRate);
    double loss = 0;
    for (int b = 0; b < y.length; b++) {
      loss += (alpha * actor.logProbs()[b] - q[b]) / y.length;
    }
    averages.add("actor_loss", loss);
    averages.add("entropy", actor.entropy());
  }

  /** J(α): the entropy towards its target; J's derivative by log α is J itself. */
  private void tuneTemperature(double alpha, double learningRate, Averages averages) {
    double loss = alpha * (actor.entropy() - targetEntropy);
    logAlphaGradient.fill((float) loss);
    alphaAdam.step(logAlpha, logAlphaGradient, learningRate);
    averages.add("temperature_loss", loss);
  }

  /** α. */
  double alpha() {
    Double fixed = config.temperature();
    return fixed != null ? fixed : Math.exp(logAlpha.floats()[0]);
  }

  /** y of the last batch, [B]. */
  float[] targets() {
    return y;
  }

  @Override
  public Policy policy() {
    return new NetworkPolicy(
        setup.compute(), encoder, actionSpace, actor.spec(), actor.network(), 0, actor.head());
  }

  @Override
  public ActionValueFunction actionValueFunction() {
    return critics.valueFunction(encoder, new ActionScale(actionSpace));
  }

  @Override
  public void save(StateWriter out) {
    out.put("actor", actor);
    out.put("critics", critics);
    out.put("logAlpha", logAlpha.floats());
    out.put("alphaAdam", alphaAdam);
    out.put("explorations", explorations);
    out.put("updates", updates);
  }

  @Override
  public void load(StateReader in) {
    in.get("actor", actor);
    in.get("critics", critics);
    in.get("logAlpha", logAlpha.floatsForWriting());
    in.get("alphaAdam", alphaAdam);
    explorations = in.getLong("explorations");
    updates = in.getLong("updates");
  }
}
