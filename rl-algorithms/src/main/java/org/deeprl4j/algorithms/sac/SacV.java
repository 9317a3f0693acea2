package org.deeprl4j.algorithms.sac;

import java.util.List;
import java.util.Objects;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Critics;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.training.OffPolicyLearner;
import org.deeprl4j.algorithms.training.OffPolicyTrainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.schedule.Schedule;
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
  static final float[] NO_ACTIONS = {};

  private final SacVConfig config;
  private final Schedule criticRate;
  final SquashedActor actor;
  final Critics critics;
  final Critics value; // V_ψ and its average V_ψ̄, a critic of states alone

  // Reused for each batch.
  final float[] y;
  private final float[] actionGradient;
  private final float[] logProbGradient;

  /** Creates a learner in its initial state. */
  SacV(SacVConfig config, LearnerContext context) {
    this.config = config;
    criticRate = Objects.requireNonNullElse(config.criticLearningRate(), config.learningRate());
    int n = context.actionSpace().size();
    int rows = config.batchSize();
    actor = new SquashedActor(context, config);
    critics = new Critics(context, config, config.critics(), n);
    value = new Critics(context, config, 1, 0);
    y = new float[rows];
    actionGradient = new float[rows * n];
    logProbGradient = new float[rows];
  }

  /** Starts a run. */
  public static OffPolicyTrainer start(TrainingSetup setup, SacVConfig config) {
    return new OffPolicyTrainer(setup, config, context -> new SacV(config, context));
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "value_loss",
        "value_mean",
        "value_gradient_norm",
        "critic_loss",
        "q_mean",
        "critic_gradient_norm",
        "policy_loss",
        "policy_gradient_norm",
        "entropy",
        "learning_rate");
  }

  @Override
  public void explore(
      Tensor observations, float[] raw, double progress, Rng random, float[] explored) {
    actor.explore(observations, random, explored);
  }

  @Override
  public boolean needsStatesBetween() {
    return true;
  }

  @Override
  public void update(Minibatch batch, double progress, Rng random, Averages averages) {
    double learningRate = config.learningRate().at(progress);
    double criticLearningRate = criticRate.at(progress);
    int rows = batch.rows();
    improvePolicy(batch, learningRate, random, averages);

    // y is now min_i Q_θi(s, ã) − α log π_φ(ã|s): step V_ψ down J_V.
    value.descend(batch.observations(), NO_ACTIONS, squaredError(batch), criticLearningRate);

    float[] next = value.targetMinimum(batch.nextObservations(), NO_ACTIONS);
    for (int b = 0; b < rows; b++) {
      y[b] = batch.rewards()[b] + batch.discounts()[b] * next[b];
    }
    actor.addEntropiesBetween(batch, config.fixedTemperature(), random, y);
    critics.descend(batch.observations(), batch.actions(), squaredError(batch), criticLearningRate);
    critics.errors(y, batch.errors());

    value.trackTargets(config.tau());

    value.report("value_loss", "value_mean", "value_gradient_norm", averages);
    critics.report("critic_loss", "q_mean", "critic_gradient_norm", averages);
    actor.report(averages);
    averages.add("learning_rate", learningRate);
  }

  /**
   * Takes one step of the actor down J_π; leaves min_i Q_θi(s, ã) − α log π_φ(ã|s) in {@link #y}.
   */
  private void improvePolicy(Minibatch batch, double learningRate, Rng random, Averages averages) {
    int rows = batch.rows();
    double alpha = config.fixedTemperature();
    actor.rsample(batch.observations(), random);
    float[] q = critics.differentiateMinimum(batch.observations(), actor.actions());
    double loss = 0;
    for (int b = 0; b < rows; b++) {
      double soft = q[b] - alpha * actor.logProbs()[b];
      loss -= soft / rows;
      y[b] = (float) soft;
      logProbGradient[b] = (float) (alpha / rows);
    }
    for (int i = 0; i < actionGradient.length; i++) {
      actionGradient[i] = -critics.actionGradient()[i] / rows;
    }
    actor.descend(actionGradient, logProbGradient, learningRate);
    averages.add("policy_loss", loss);
  }

  /** J_V and J_Q: Ê[½ w (x − y)²] of values x, with the batch's weights w. */
  private Critics.Loss squaredError(Minibatch batch) {
    float[] w = batch.weights();
    return (x, gradient) -> {
      double loss = 0;
      for (int b = 0; b < y.length; b++) {
        double error = (double) x[b] - y[b];
        loss += 0.5 * w[b] * error * error / y.length;
        gradient[b] = (float) (w[b] * error / y.length);
      }
      return loss;
    };
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
    out.put("value", value);
  }

  @Override
  public void load(StateReader in) {
    in.get("actor", actor);
    in.get("critics", critics);
    in.get("value", value);
  }
}
