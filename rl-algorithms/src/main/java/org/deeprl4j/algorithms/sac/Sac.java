package org.deeprl4j.algorithms.sac;

import java.util.List;
import java.util.Objects;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Critics;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.learning.Temperature;
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
import org.jspecify.annotations.Nullable;

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
  private final SacConfig config;
  final SquashedActor actor;
  final Critics critics;
  final Temperature temperature;
  private final Schedule criticRate;
  private final Schedule temperatureRate;
  private final double targetEntropy;
  private final @Nullable SacOnDevice onDevice;

  // Reused for each batch.
  final float[] y;
  private final float[] actionGradient;
  private final float[] logProbGradient;

  /** Creates a learner in its initial state. */
  Sac(SacConfig config, LearnerContext context) {
    this.config = config;
    int n = context.actionSpace().size();
    actor = new SquashedActor(context, config);
    critics = new Critics(context, config, config.critics(), n);
    temperature =
        new Temperature(
            config.fixedTemperature(), config.initialTemperature(), config.adamEpsilon());
    Schedule common = config.learningRate();
    criticRate = Objects.requireNonNullElse(config.criticLearningRate(), common);
    temperatureRate = Objects.requireNonNullElse(config.temperatureLearningRate(), common);
    targetEntropy = Objects.requireNonNullElse(config.targetEntropy(), (double) -n);
    onDevice = SacOnDevice.fits(config, actor, critics) ? new SacOnDevice(config, context) : null;
    y = new float[config.batchSize()];
    actionGradient = new float[y.length * n];
    logProbGradient = new float[y.length];
  }

  /** Starts a run. */
  public static OffPolicyTrainer start(TrainingSetup setup, SacConfig config) {
    return new OffPolicyTrainer(setup, config, context -> new Sac(config, context));
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "critic_loss",
        "q_mean",
        "critic_gradient_norm",
        "policy_loss",
        "policy_gradient_norm",
        "entropy",
        "temperature",
        "temperature_loss",
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
    double alpha = temperature.alpha();
    if (onDevice != null) {
      onDevice.update(
          actor, critics, batch, alpha, learningRate, criticRate.at(progress), random, averages);
    } else {
      evaluatePolicy(batch, alpha, criticRate.at(progress), random);
      improvePolicy(batch, alpha, learningRate, random, averages);
      critics.trackTargets(config.tau());
    }
    if (temperature.isTuned()) {
      tuneTemperature(alpha, temperatureRate.at(progress), averages);
    }
    critics.report("critic_loss", "q_mean", "critic_gradient_norm", averages);
    actor.report(averages);
    averages.add("temperature", alpha);
    averages.add("learning_rate", learningRate);
  }

  /** Takes one step of the critics down J_Q. */
  private void evaluatePolicy(Minibatch batch, double alpha, double learningRate, Rng random) {
    actor.sample(batch.nextObservations(), random);
    float[] next = critics.targetMinimum(batch.nextObservations(), actor.actions());
    for (int b = 0; b < y.length; b++) {
      double soft = next[b] - alpha * actor.logProbs()[b];
      y[b] = (float) (batch.rewards()[b] + batch.discounts()[b] * soft);
    }
    actor.addEntropiesBetween(batch, alpha, random, y);
    float[] w = batch.weights();
    critics.descend(
        batch.observations(),
        batch.actions(),
        (q, gradient) -> {
          double loss = 0;
          for (int b = 0; b < y.length; b++) {
            double error = (double) q[b] - y[b];
            loss += 0.5 * w[b] * error * error / y.length;
            gradient[b] = (float) (w[b] * error / y.length);
          }
          return loss;
        },
        learningRate);
    critics.errors(y, batch.errors());
  }

  /** Takes one step of the actor down J_π. */
  private void improvePolicy(
      Minibatch batch, double alpha, double learningRate, Rng random, Averages averages) {
    int rows = batch.rows();
    actor.rsample(batch.observations(), random);
    float[] q = critics.differentiateMinimum(batch.observations(), actor.actions());
    double loss = 0;
    for (int b = 0; b < rows; b++) {
      loss += (alpha * actor.logProbs()[b] - q[b]) / rows;
      logProbGradient[b] = (float) (alpha / rows);
    }
    for (int i = 0; i < actionGradient.length; i++) {
      actionGradient[i] = -critics.actionGradient()[i] / rows;
    }
    actor.descend(actionGradient, logProbGradient, learningRate);
    averages.add("policy_loss", loss);
  }

  /** Takes one step of α down J(α), whose derivative by log α is J(α) itself. */
  private void tuneTemperature(double alpha, double learningRate, Averages averages) {
    double loss = alpha * (actor.entropy() - targetEntropy);
    temperature.descend(loss, learningRate);
    averages.add("temperature_loss", loss);
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
    out.put("temperature", temperature);
  }

  @Override
  public void load(StateReader in) {
    in.get("actor", actor);
    in.get("critics", critics);
    in.get("temperature", temperature);
  }
}
