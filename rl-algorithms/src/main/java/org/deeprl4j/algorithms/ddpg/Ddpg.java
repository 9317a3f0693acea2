package org.deeprl4j.algorithms.ddpg;

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
 * Deep deterministic policy gradient (Lillicrap et al. 2016, "Continuous control with deep
 * reinforcement learning", algorithm 1):
 *
 * <pre>
 * for each environment step: a = μ(s|θ^μ) + N, a random process; remember (s, a, r, s′)
 *   on a batch of memories:
 *   y = r + γ Q′(s′, μ′(s′|θ^μ′)|θ^Q′)
 *   θ^Q descends L = Ê[(y − Q(s, a|θ^Q))²]
 *   θ^μ ascends ∇_θμ J = Ê[∇_a Q(s, a|θ^Q)|a=μ(s) ∇_θμ μ(s|θ^μ)]
 *   θ^Q′ ← τ θ^Q + (1 − τ) θ^Q′,  θ^μ′ ← τ θ^μ + (1 − τ) θ^μ′
 * </pre>
 */
public final class Ddpg implements OffPolicyLearner {
  private final DdpgConfig config;
  final DeterministicActor actor;
  final Critics critics;

  // Reused for each batch.
  final float[] y;

  /** Creates a learner in its initial state, with targets equal to the networks they track. */
  Ddpg(DdpgConfig config, LearnerContext context) {
    this.config = config;
    int n = context.actionSpace().size();
    int rows = config.batchSize();
    actor = new DeterministicActor(context, config, config.noise());
    critics = new Critics(context, config, 1, n);
    y = new float[rows];
  }

  /** Starts a run. */
  public static OffPolicyTrainer start(TrainingSetup setup, DdpgConfig config) {
    return new OffPolicyTrainer(setup, config, context -> new Ddpg(config, context));
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
    evaluatePolicy(batch, config.criticLearningRate().at(progress));
    critics.report("critic_loss", "q_mean", "critic_gradient_norm", averages);
    improvePolicy(batch, config.actorLearningRate().at(progress), averages);
    critics.trackTargets(config.tau());
    actor.trackTarget(config.tau());
  }

  /** Takes one step of the critic down L = Ê[w (Q(s, a) − y)²]. */
  private void evaluatePolicy(Minibatch batch, double learningRate) {
    float[] next =
        critics.targetMinimum(batch.nextObservations(), actor.target(batch.nextObservations()));
    for (int b = 0; b < y.length; b++) {
      y[b] = batch.rewards()[b] + batch.discounts()[b] * next[b];
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

  /** Takes one step of the actor up J = Ê[Q(s, μ(s))], which is down −J. */
  private void improvePolicy(Minibatch batch, double learningRate, Averages averages) {
    int rows = batch.rows();
    float[] a = actor.forward(batch.observations());
    float[] q = critics.differentiateFirst(batch.observations(), a);
    double loss = 0;
    for (int b = 0; b < rows; b++) {
      loss -= q[b] / (double) rows;
    }
    float[] gradient = actor.outputGradient();
    for (int i = 0; i < critics.actionGradient().length; i++) {
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
  }

  @Override
  public void load(StateReader in) {
    in.get("actor", actor);
    in.get("critics", critics);
  }
}
