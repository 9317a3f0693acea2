package org.deeprl4j.algorithms.sac;

import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.ActionValues;
import org.deeprl4j.algorithms.learning.Averages;
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
  private final SacDiscreteConfig config;
  private final LearnerContext context;
  private final int n;
  private final Schedule criticRate;
  private final Schedule temperatureRate;
  final CategoricalActor actor;
  final ActionValues[] critics;
  final Temperature temperature;

  // Reused for each batch.
  final float[] y;
  private final float[][] q;
  private final float[][] errors;

  /** Creates a learner in its initial state. */
  SacDiscrete(SacDiscreteConfig config, LearnerContext context) {
    this.config = config;
    this.context = context;
    n = Require.discrete(context.actionSpace()).n();
    Schedule common = config.learningRate();
    criticRate = Objects.requireNonNullElse(config.criticLearningRate(), common);
    temperatureRate = Objects.requireNonNullElse(config.temperatureLearningRate(), common);
    int rows = config.batchSize();
    actor = new CategoricalActor(context, config);
    critics = new ActionValues[2];
    for (int i = 0; i < critics.length; i++) {
      critics[i] = new ActionValues(context, n, config, false);
    }
    temperature =
        new Temperature(
            config.fixedTemperature(), config.initialTemperature(), config.adamEpsilon());
    y = new float[rows];
    q = new float[critics.length][];
    errors = new float[critics.length][rows];
  }

  /** Starts a run. */
  public static OffPolicyTrainer start(TrainingSetup setup, SacDiscreteConfig config) {
    return new OffPolicyTrainer(setup, config, context -> new SacDiscrete(config, context));
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
      Tensor observations, float[] raw, double progress, Rng random, float[] actions) {
    actor.explore(observations, raw, random, actions);
  }

  @Override
  public boolean needsStatesBetween() {
    return true;
  }

  @Override
  public void update(Minibatch batch, double progress, Rng random, Averages averages) {
    double learningRate = config.learningRate().at(progress);
    double alpha = temperature.alpha();
    evaluatePolicy(batch, alpha, criticRate.at(progress), averages);
    double entropy = improvePolicy(batch, alpha, learningRate, averages);
    if (temperature.isTuned()) {
      // J(α) = α (H(π) − H̄), whose derivative by log α is itself.
      double most = actor.uniformEntropy(batch.sampled().observations(), batch.rows());
      double loss = alpha * (entropy - config.targetEntropyRatio() * most);
      temperature.descend(loss, temperatureRate.at(progress));
      averages.add("temperature_loss", loss);
    }
    for (ActionValues critic : critics) {
      critic.trackTarget(config.tau());
      critic.report("critic_loss", "critic_gradient_norm", averages);
    }
    averages.add("temperature", alpha);
    averages.add("learning_rate", learningRate);
  }

  /** Takes one step of the critics down J_Q. */
  private void evaluatePolicy(
      Minibatch batch, double alpha, double learningRate, Averages averages) {
    actor.predict(batch.nextObservations(), batch.sampled().nextObservations());
    each(i -> q[i] = critics[i].targetValues(batch.nextObservations()));
    for (int b = 0; b < y.length; b++) {
      double value = 0;
      double[] logPi = actor.logProbs(b);
      for (int k = 0; k < n; k++) {
        value += Math.exp(logPi[k]) * (least(b, k) - alpha * logPi[k]);
      }
      y[b] = (float) (batch.rewards()[b] + batch.discounts()[b] * value);
    }
    addEntropiesBetween(batch, alpha);
    float[] w = batch.weights();
    each(
        i ->
            critics[i].descend(
                batch.observations(),
                (values, gradient) -> {
                  double loss = 0;
                  for (int b = 0; b < y.length; b++) {
                    int chosen = b * n + (int) batch.actions()[b];
                    double error = (double) values[chosen] - y[b];
                    loss += 0.5 * w[b] * error * error / y.length;
                    gradient[chosen] = (float) (w[b] * error / y.length);
                    errors[i][b] = (float) error;
                  }
                  return loss;
                },
                learningRate));
    double mean = 0;
    for (int b = 0; b < y.length; b++) {
      batch.errors()[b] = (Math.abs(errors[0][b]) + Math.abs(errors[1][b])) / 2;
      mean += (y[b] + (errors[0][b] + errors[1][b]) / 2) / y.length;
    }
    averages.add("q_mean", mean);
  }

  /** Adds what n-step returns leave out, the entropies between: Σ_k γᵏ α H(π_φ(·|s_{t+k})). */
  private void addEntropiesBetween(Minibatch batch, double alpha) {
    for (int k = 0; k < batch.between().size(); k++) {
      actor.predict(batch.between().get(k), batch.sampled().between().get(k));
      for (int b = 0; b < y.length; b++) {
        for (double log : actor.logProbs(b)) {
          y[b] -= (float) (batch.betweenDiscounts().get(k)[b] * alpha * Math.exp(log) * log);
        }
      }
    }
  }

  /**
   * Takes one step of the actor down J_π.
   *
   * @return Ê[H(π_φ(·|s))]
   */
  private double improvePolicy(
      Minibatch batch, double alpha, double learningRate, Averages averages) {
    int rows = batch.rows();
    actor.forward(batch.observations(), batch.sampled().observations());
    each(i -> q[i] = critics[i].values(batch.observations()));
    float[] gradient = actor.network().outputGradient().floatsForWriting();
    double loss = 0;
    double entropy = 0;
    for (int b = 0; b < rows; b++) {
      double[] logPi = actor.logProbs(b);
      double mean = 0; // of f = α log π − min Q under π
      for (int k = 0; k < n; k++) {
        double pi = Math.exp(logPi[k]);
        mean += pi * (alpha * logPi[k] - least(b, k));
        entropy -= pi * logPi[k] / rows;
      }
      loss += mean / rows;
      for (int k = 0; k < n; k++) {
        // ∂(πᵀf)/∂z_k = π_k (f_k − πᵀf): the terms from f's own dependence on z add up to 0.
        double f = alpha * logPi[k] - least(b, k);
        gradient[b * n + k] = (float) (Math.exp(logPi[k]) * (f - mean) / rows);
      }
    }
    actor.network().descend(learningRate);
    actor.network().reportGradientNorm("policy_gradient_norm", averages);
    averages.add("policy_loss", loss);
    averages.add("entropy", entropy);
    return entropy;
  }

  private double least(int b, int k) {
    return Math.min(q[0][b * n + k], q[1][b * n + k]);
  }

  /** Runs the work of each critic, side by side. */
  private void each(IntConsumer work) {
    context.compute().run(() -> work.accept(0), () -> work.accept(1));
  }

  @Override
  public Policy policy() {
    return actor.policy();
  }

  @Override
  public ActionValueFunction actionValueFunction() {
    return ActionValues.valueFunction(context.encoder(), critics);
  }

  @Override
  public void save(StateWriter out) {
    out.put("actor", actor);
    out.put("critic0", critics[0]);
    out.put("critic1", critics[1]);
    out.put("temperature", temperature);
  }

  @Override
  public void load(StateReader in) {
    in.get("actor", actor);
    in.get("critic0", critics[0]);
    in.get("critic1", critics[1]);
    in.get("temperature", temperature);
  }
}
