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
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * Soft actor-critic with a state-value network and a fixed temperature (Haarnoja et al. 2018, "Soft
 * actor-critic: off-policy maximum entropy deep reinforcement learning with a stochastic actor",
 * algorithm 1):
 *
 * <pre>
 * for each environment step: a ~ π_φ(·|s); remember (s, a, r, s′)
 * for each gradient step, on a batch of memories:
 *   ψ   ← ψ − λ ∇J_V(ψ)
 *   θ_i ← θ_i − λ ∇J_Q(θ_i), i ∈ {1, 2}
 *   φ   ← φ − λ ∇J_π(φ)
 *   ψ̄   ← τ ψ + (1 − τ) ψ̄
 * </pre>
 *
 * <p>with ã = f_φ(ε; s) = tanh(μ_φ(s) + σ_φ(s) ε), ε ~ N(0, I), and
 *
 * <pre>
 * J_V(ψ)   = Ê[½ (V_ψ(s) − (min_i Q_θi(s, ã) − α log π_φ(ã|s)))²]   (eq. 5)
 * J_Q(θ_i) = Ê[½ (Q_θi(s, a) − (r + γ V_ψ̄(s′)))²]                   (eq. 7)
 * J_π(φ)   = Ê[α log π_φ(ã|s) − min_i Q_θi(s, ã)]                   (eq. 12)
 * </pre>
 *
 * <p>All gradients of a step are taken at the parameters it started from, with one ã.
 */
public final class SacV implements OffPolicyLearner {
  /** This algorithm as registries know it. */
  public static final Algorithm<SacVConfig> ALGORITHM =
      Algorithm.of(
          "sac-v",
          "Soft actor-critic with a state-value network and a fixed temperature (Haarnoja et al. 2018)",
          SacVConfig.defaults(),
          (observations, actions) -> ActionScale.require(actions),
          SacV::start);

  /** The gradient's norm is a metric, not a part of the update: measured once in so many. */
  private static final int NORM_EVERY = 32;

  private static final float[] NO_ACTIONS = {};

  private final SacVConfig config;
  private final TrainingSetup setup;
  private final ObservationEncoder encoder;
  private final Space actionSpace;
  private final SquashedActor actor;
  private final Critics critics;
  private final Critics value; // V_ψ with its average V_ψ̄: a critic of states alone
  private final int noiseSteps;
  private final Tensor exploring;
  private final float[] y; // targets of a batch, reused
  private long explorations;
  private long updates;

  /** A learner at its start. */
  public SacV(
      TrainingSetup setup,
      SacVConfig config,
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
    Mlp valueSpec =
        Mlp.of(encoder.size(), 1, hidden)
            .withActivation(config.activation())
            .withInit(new Mlp.Init.FanInUniform());
    value = new Critics(setup.compute(), valueSpec, 1, 0, rows, config.adamEpsilon(), random);
    Integer held = config.noiseSteps();
    noiseSteps = held == null ? Math.max(1, config.trainEvery() / config.environments()) : held;
    exploring = setup.compute().tensor(config.environments(), encoder.size());
    y = new float[rows];
  }

  /** Starts a run. */
  public static Trainer start(TrainingSetup setup, SacVConfig config) {
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
        (encoder, actionSpace, random) -> new SacV(setup, config, encoder, actionSpace, random));
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "value_loss",
        "value_mean",
        "critic_loss",
        "q_mean",
        "actor_loss",
        "entropy",
        "value_gradient_norm",
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
    double alpha = config.temperature();
    actor.rsample(batch.observations(), random);
    float[] q = critics.differentiateMinimum(batch.observations(), actor.actions());
    double loss = 0;
    for (int b = 0; b < y.length; b++) {
      double soft = q[b] - alpha * actor.logProbs()[b];
      loss -= soft / y.length;
      y[b] = (float) soft;
    }
    actor.differentiate(alpha, critics.actionGradient());

    value.update(batch, NO_ACTIONS, y, 0.5, learningRate);

    float[] next = value.targetMinimum(batch.nextObservations(), NO_ACTIONS);
    for (int b = 0; b < y.length; b++) {
      y[b] = batch.rewards()[b] + batch.discounts()[b] * next[b];
    }
    critics.update(batch, y, 0.5, learningRate);

    if (updates % NORM_EVERY == 0) {
      averages.add("actor_gradient_norm", actor.network().gradient().norm2());
    }
    actor.descend(learningRate);

    value.trackTargets(config.tau());

    value.report(averages, "value_loss", "value_mean", "value_gradient_norm");
    critics.report(averages);
    averages.add("actor_loss", loss);
    averages.add("entropy", actor.entropy());
    updates++;
  }

  /** V_ψ̄ of a batch, [B]. */
  float[] averagedValues(Tensor observations) {
    return value.targetMinimum(observations, NO_ACTIONS);
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
    out.put("value", value);
    out.put("explorations", explorations);
    out.put("updates", updates);
  }

  @Override
  public void load(StateReader in) {
    in.get("actor", actor);
    in.get("critics", critics);
    in.get("value", value);
    explorations = in.getLong("explorations");
    updates = in.getLong("updates");
  }
}
