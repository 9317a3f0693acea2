package org.deeprl4j.algorithms.td3;

import java.util.List;
import org.deeprl4j.algorithms.learning.ActionNoise;
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
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * Twin delayed deep deterministic policy gradient (Fujimoto, van Hoof, Meger 2018, "Addressing
 * function approximation error in actor-critic methods", algorithm 1):
 *
 * <pre>
 * for each environment step t: a = π_φ(s) + ε, ε ~ N(0, σ²); remember (s, a, r, s′)
 *   on a batch of memories:
 *   ã   = clip(π_φ′(s′) + ε̃, −1, 1), ε̃ ~ clip(N(0, σ̃²), −c, c)
 *   y   = r + γ min_i Q_θ′i(s′, ã)
 *   θ_i ← argmin Ê[(y − Q_θi(s, a))²], i ∈ {1, 2}, by a step of the gradient
 *   if t mod d = 0:
 *     φ    ascends ∇_φ J = Ê[∇_a Q_θ1(s, a)|a=π_φ(s) ∇_φ π_φ(s)]
 *     θ′_i ← τ θ_i + (1 − τ) θ′_i,  φ′ ← τ φ + (1 − τ) φ′
 * </pre>
 */
public final class Td3 implements OffPolicyLearner {
  /** TD3 as registries know it. */
  public static final Algorithm<Td3Config> ALGORITHM =
      Algorithm.of(
          "td3",
          "Twin delayed deep deterministic policy gradient (Fujimoto et al. 2018)",
          Td3Config.defaults(),
          (observations, actions) -> ActionScale.require(actions),
          Td3::start);

  /** The gradient's norm is a metric, not a part of the update: measured once in so many. */
  private static final int NORM_EVERY = 32;

  private final Td3Config config;
  private final TrainingSetup setup;
  private final ObservationEncoder encoder;
  private final Space actionSpace;
  private final Mlp actorSpec;
  private final Network actor;
  private final Network targetActor;
  private final Adam actorAdam;
  private final Critics critics;
  private final ActionNoise noise;
  private long updates;

  // One batch, reused.
  private final Tensor exploring;
  private final float[] actions;
  private final float[] smoothing;
  private final float[] y;
  private final Tensor actionGradient;

  /** A learner at its start, targets equal to the networks they track. */
  public Td3(
      TrainingSetup setup,
      Td3Config config,
      ObservationEncoder encoder,
      Space actionSpace,
      Rng random) {
    this.config = config;
    this.setup = setup;
    this.encoder = encoder;
    this.actionSpace = actionSpace;
    int n = actionSpace.size();
    int rows = config.batchSize();
    int[] hidden = config.networks().stream().mapToInt(Integer::intValue).toArray();
    actorSpec =
        Mlp.of(encoder.size(), n, hidden)
            .withActivation(config.activation())
            .withOutputActivation(Activation.TANH)
            .withInit(new Mlp.Init.FanInUniform());
    actor = setup.compute().network(actorSpec, random);
    targetActor = setup.compute().network(actorSpec, random);
    targetActor.parameters().copyFrom(actor.parameters());
    actorAdam = new Adam(0.9, 0.999, config.adamEpsilon());
    Mlp criticSpec =
        Mlp.of(encoder.size() + n, 1, hidden)
            .withActivation(config.activation())
            .withInit(new Mlp.Init.FanInUniform());
    critics = new Critics(setup.compute(), criticSpec, 2, n, rows, config.adamEpsilon(), random);
    noise = new ActionNoise(config.noise(), config.environments(), n);
    exploring = setup.compute().tensor(config.environments(), encoder.size());
    actions = new float[rows * n];
    smoothing = new float[rows * n];
    y = new float[rows];
    actionGradient = setup.compute().tensor(rows, n);
  }

  /** Starts a run. */
  public static Trainer start(TrainingSetup setup, Td3Config config) {
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
        (encoder, actionSpace, random) -> new Td3(setup, config, encoder, actionSpace, random));
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "critic_loss", "q_mean", "actor_loss", "critic_gradient_norm", "actor_gradient_norm");
  }

  @Override
  public void explore(
      float[] observations, int rows, double progress, Rng random, float[] explored) {
    System.arraycopy(observations, 0, exploring.floatsForWriting(), 0, rows * encoder.size());
    System.arraycopy(actor.predict(exploring).floats(), 0, explored, 0, explored.length);
    noise.add(config.noiseSigma().at(progress), random, explored);
  }

  @Override
  public void episodeEnded(int environment) {
    noise.restart(environment);
  }

  @Override
  public void update(Minibatch batch, double progress, Rng random, Averages averages) {
    evaluatePolicy(batch, progress, random);
    critics.report(averages);
    updates++;
    if (updates % config.policyDelay() == 0) {
      improvePolicy(batch, progress, averages);
      critics.trackTargets(config.tau());
      targetActor.moveTowards(actor, config.tau());
    }
  }

  /** The critics towards r + γ min_i Q_θ′i(s′, ã). */
  private void evaluatePolicy(Minibatch batch, double progress, Rng random) {
    float[] next = targetActor.predict(batch.nextObservations()).floats();
    double sigma = config.targetNoise();
    double clip = config.targetNoiseClip();
    random.fillGaussian(smoothing, 0, smoothing.length);
    for (int i = 0; i < actions.length; i++) {
      double smooth = Math.min(Math.max(sigma * smoothing[i], -clip), clip);
      actions[i] = (float) Math.min(Math.max(next[i] + smooth, -1), 1);
    }
    float[] q = critics.targetMinimum(batch.nextObservations(), actions);
    for (int b = 0; b < y.length; b++) {
      y[b] = batch.rewards()[b] + batch.discounts()[b] * q[b];
    }
    critics.update(batch, y, 1, config.criticLearningRate().at(progress));
  }

  /** The actor along the deterministic policy gradient of Q_θ1. */
  private void improvePolicy(Minibatch batch, double progress, Averages averages) {
    int rows = batch.rows();
    float[] a = actor.forward(batch.observations()).floats();
    System.arraycopy(a, 0, actions, 0, actions.length);
    float[] q = critics.differentiateFirst(batch.observations(), actions);
    double loss = 0;
    for (int b = 0; b < rows; b++) {
      loss -= q[b] / (double) rows;
    }
    float[] gradient = actionGradient.floatsForWriting();
    for (int i = 0; i < actions.length; i++) {
      gradient[i] = -critics.actionGradient()[i] / rows;
    }
    actor.gradient().fill(0);
    actor.backward(actionGradient);
    if (updates % NORM_EVERY == 0) {
      averages.add("actor_gradient_norm", actor.gradient().norm2());
    }
    actorAdam.step(actor.parameters(), actor.gradient(), config.actorLearningRate().at(progress));
    averages.add("actor_loss", loss);
  }

  /** The policy's network, with its last gradient. */
  Network actor() {
    return actor;
  }

  /** The values whose gradient the policy follows, [B]. */
  float[] firstCriticsValues(Tensor observations, float[] chosen) {
    return critics.differentiateFirst(observations, chosen);
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
        NetworkPolicy.Head.DETERMINISTIC);
  }

  @Override
  public ActionValueFunction actionValueFunction() {
    return critics.valueFunction(encoder, new ActionScale(actionSpace));
  }

  @Override
  public void save(StateWriter out) {
    out.put("actor", actor);
    out.put("targetActor", targetActor);
    out.put("actorAdam", actorAdam);
    out.put("critics", critics);
    out.put("noise", noise);
    out.put("updates", updates);
  }

  @Override
  public void load(StateReader in) {
    in.get("actor", actor);
    in.get("targetActor", targetActor);
    in.get("actorAdam", actorAdam);
    in.get("critics", critics);
    in.get("noise", noise);
    updates = in.getLong("updates");
  }
}
