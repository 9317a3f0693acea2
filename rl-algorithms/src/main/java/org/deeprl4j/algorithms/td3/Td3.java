package org.deeprl4j.algorithms.td3;

import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Critics;
import org.deeprl4j.algorithms.learning.DeterministicActor;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.training.OffPolicyLearner;
import org.deeprl4j.algorithms.training.OffPolicyTrainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
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
 *   θ_i ← argmin Ê[(y − Q_θi(s, a))²], i ∈ {1, 2}, by one gradient step
 *   if t mod d = 0:
 *     φ    ascends ∇_φ J = Ê[∇_a Q_θ1(s, a)|a=π_φ(s) ∇_φ π_φ(s)]
 *     θ′_i ← τ θ_i + (1 − τ) θ′_i,  φ′ ← τ φ + (1 − τ) φ′
 * </pre>
 */
public final class Td3 implements OffPolicyLearner {
  private final Td3Config config;
  final DeterministicActor actor;
  final Critics critics;
  private long updates;

  // Reused for each batch.
  private final float[] actions;
  private final float[] smoothing;
  final float[] y;

  /** Creates a learner in its initial state, with targets equal to the networks they track. */
  Td3(Td3Config config, LearnerContext context) {
    this.config = config;
    int n = context.actionSpace().size();
    int rows = config.batchSize();
    actor = new DeterministicActor(context, config, config.noise());
    critics = new Critics(context, config, 2, n);
    actions = new float[rows * n];
    smoothing = new float[rows * n];
    y = new float[rows];
  }

  /** Starts a run. */
  public static OffPolicyTrainer start(TrainingSetup setup, Td3Config config) {
    return new OffPolicyTrainer(setup, config, context -> new Td3(config, context));
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "critic_loss", "q_mean", "critic_gradient_norm", "policy_loss", "policy_gradient_norm");
  }

  @Override
  public void explore(
      Tensor observations, float[] raw, double progress, Rng random, float[] explored) {
    actor.explore(observations, config.noiseSigma().at(progress), random, explored);
  }

  @Override
  public void episodeEnded(int environment) {
    actor.episodeEnded(environment);
  }

  @Override
  public void update(Minibatch batch, double progress, Rng random, Averages averages) {
    evaluatePolicy(batch, config.criticLearningRate().at(progress), random);
    critics.report("critic_loss", "q_mean", "critic_gradient_norm", averages);
    updates++;
    if (updates % config.policyDelay() == 0) {
      improvePolicy(batch, config.actorLearningRate().at(progress), averages);
      critics.trackTargets(config.tau());
      actor.trackTarget(config.tau());
    }
  }

  /** Takes one step of the critics down Ê[w (Q_θi(s, a) − y)²]. */
  private void evaluatePolicy(Minibatch batch, double learningRate, Rng random) {
    float[] next = actor.target(batch.nextObservations());
    double sigma = config.targetNoise();
    double clip = config.targetNoiseClip();
    random.fillGaussian(smoothing, 0, smoothing.length);
    for (int i = 0; i < actions.length; i++) {
      double smooth = Math.min(Math.max(sigma * smoothing[i], -clip), clip);
      actions[i] = (float) Math.min(Math.max(next[i] + smooth, -1), 1);
    }
    float[] least = critics.targetMinimum(batch.nextObservations(), actions);
    for (int b = 0; b < y.length; b++) {
      y[b] = batch.rewards()[b] + batch.discounts()[b] * least[b];
    }
    float[] w = batch.weights();
    critics.descend(
        batch.observations(),
        batch.actions(),
        (q, gradient) -> {
          double loss = 0;
          for (int b = 0; b < y.length; b++) {
            double error = (double) q[b] - y[b];
            loss += w[b] * error * error / y.length;
            gradient[b] = (float) (2.0 * w[b] * error / y.length);
          }
          return loss;
        },
        learningRate);
    critics.errors(y, batch.errors());
  }

  /** Takes one step of the actor up J = Ê[Q_θ1(s, π_φ(s))], which is down −J. */
  private void improvePolicy(Minibatch batch, double learningRate, Averages averages) {
    int rows = batch.rows();
    float[] a = actor.forward(batch.observations());
    float[] q = critics.differentiateFirst(batch.observations(), a);
    double loss = 0;
    for (int b = 0; b < rows; b++) {
      loss -= q[b] / (double) rows;
    }
    float[] gradient = actor.outputGradient();
    for (int i = 0; i < actions.length; i++) {
      gradient[i] = -critics.actionGradient()[i] / rows;
    }
    actor.descend(learningRate);
    averages.add("policy_loss", loss);
    actor.report("policy_gradient_norm", averages);
  }

  @Override
  public Policy policy() {
    return actor.policy();
  }

  @Override
  public ActionValueFunction actionValueFunction() {
    return critics.valueFunction();
  }

  @Override
  public void save(StateWriter out) {
    out.put("actor", actor);
    out.put("critics", critics);
    out.put("updates", updates);
  }

  @Override
  public void load(StateReader in) {
    in.get("actor", actor);
    in.get("critics", critics);
    updates = in.getLong("updates");
  }
}
