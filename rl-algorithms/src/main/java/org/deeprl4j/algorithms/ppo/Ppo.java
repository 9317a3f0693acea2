package org.deeprl4j.algorithms.ppo;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.training.OnPolicyLearner;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.optim.GradientClipping;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Advantages;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.rollout.RolloutBatch;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.stats.Statistics;

/**
 * Proximal policy optimisation, actor-critic style (Schulman et al. 2017, algorithm 1):
 *
 * <pre>
 * for iteration = 1, 2, … do
 *   for actor = 1, …, N do
 *     run π_θold for T steps
 *     compute advantage estimates Â_1, …, Â_T
 *   end for
 *   optimise L^{CLIP+VF+S} with respect to θ, K epochs, minibatches of M ≤ N·T rows
 *   θ_old ← θ
 * end for
 * </pre>
 *
 * <p>with r_t(θ) = π_θ(a_t|s_t) / π_θold(a_t|s_t) and
 *
 * <pre>
 * L^CLIP(θ)      = Ê_t[ min(r_t Â_t, clip(r_t, 1−ε, 1+ε) Â_t) ]                      (eq. 7)
 * L^{CLIP+VF+S}  = Ê_t[ L^CLIP − c₁ (V_θ(s_t) − V_t^targ)² + c₂ S[π_θ](s_t) ]         (eq. 9)
 * Â_t            = Σ_l (γλ)^l δ_{t+l},  δ_t = r_t + γ V(s_{t+1}) − V(s_t)            (eq. 11, 12)
 * </pre>
 *
 * <p>A setting selects the paper's other surrogates, see {@link Objective}: the unclipped one, and
 * those with a penalty on the divergence, whose coefficient may adapt after each iteration,
 *
 * <pre>
 * L^KLPEN(θ) = Ê_t[ r_t Â_t − β KL(π_θold(·|s_t) ‖ π_θ(·|s_t)) ]                      (eq. 8)
 * d = Ê_t[KL(π_θold(·|s_t) ‖ π_θ(·|s_t))];  β ← β/2 if d &lt; d_targ/1.5,  2β if d &gt; 1.5 d_targ
 * </pre>
 */
public final class Ppo implements OnPolicyLearner {
  private final PpoConfig config;
  private final ActorCritic model;
  private final Adam adam;
  private double adapted = 1; // β as a multiple of its initial value

  // Reused for each minibatch.
  final RolloutBatch batch;
  private final float[] weight;
  private double approximateKl;

  Ppo(PpoConfig config, ActorCritic.Architecture architecture, LearnerContext context) {
    this.config = config;
    model =
        ActorCritic.together(
            context,
            architecture,
            config.logStd().distribution(context.actionSpace(), config.hidden()));
    adam = new Adam(0.9, 0.999, config.adamEpsilon());
    batch = model.batch(config.batchSize());
    weight = new float[config.batchSize()];
  }

  /** Starts a run with the multilayer perceptrons that the configuration describes. */
  public static OnPolicyTrainer start(TrainingSetup setup, PpoConfig config) {
    return start(setup, config, config.architecture());
  }

  /** Starts a run with a custom network. */
  public static OnPolicyTrainer start(
      TrainingSetup setup, PpoConfig config, ActorCritic.Architecture architecture) {
    return new OnPolicyTrainer(setup, config, context -> new Ppo(config, architecture, context));
  }

  @Override
  public ActorCritic model() {
    return model;
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "policy_loss",
        "value_loss",
        "entropy",
        "approx_kl",
        "clip_fraction",
        "gradient_norm",
        "explained_variance",
        "learning_rate",
        "clip_range",
        "epochs_run",
        "kl_penalty",
        "kl");
  }

  @Override
  public void update(Rollout rollout, double progress, Rng random, Averages averages) {
    rollout.computeAdvantages(config.gamma(), config.lambda());
    averages.addOrUndefined(
        "explained_variance",
        Statistics.explainedVariance(rollout.values(), rollout.returns(), rollout.rows()));
    int epoch = 0;
    for (boolean stop = false; epoch < config.epochs() && !stop; epoch++) {
      if (epoch > 0 && config.recomputeAdvantages()) {
        batch.revalue(rollout, model::valuesOf);
        rollout.computeAdvantages(config.gamma(), config.lambda());
      }
      batch.shuffle(rollout, random);
      for (int at = 0; !stop && batch.take(rollout, at, config.batchSize()); at += batch.rows()) {
        stop = !step(progress, averages);
      }
    }
    averages.add("learning_rate", config.learningRate().at(progress));
    averages.add("clip_range", config.clipRange().at(progress));
    averages.add("epochs_run", epoch);
    if (config.objective().penalised()) {
      averages.add("kl_penalty", klPenalty());
      double kl = divergence(rollout);
      averages.add("kl", kl);
      if (config.objective() == Objective.ADAPTIVE_KL) {
        adapted *= adaptation(kl, config.adaptiveKlTarget());
      }
    }
  }

  /**
   * Takes one step up the objective over the batch, unless the KL already exceeds its target.
   *
   * @return whether the step was taken
   */
  private boolean step(double progress, Averages averages) {
    objective(progress, averages);
    if (config.targetKl() != null && approximateKl > 1.5 * config.targetKl()) {
      return false;
    }
    Tensor gradient = model.network().gradient();
    averages.add("gradient_norm", GradientClipping.globalNorm(config.maxGradientNorm(), gradient));
    adam.step(model.network().parameters(), gradient, config.learningRate().at(progress));
    return true;
  }

  /** Ê[KL(π_old ‖ π)] over a whole rollout. */
  private double divergence(Rollout rollout) {
    batch.arrange(rollout);
    double sum = 0;
    for (int at = 0; batch.take(rollout, at, config.batchSize()); at += batch.rows()) {
      model.predict(batch.observations());
      model.forbidAs(batch.distribution());
      sum += batch.rows() * divergence();
    }
    return sum / rollout.rows();
  }

  /** Ê[KL(π_old ‖ π)] over the batch that last passed through the model. */
  private double divergence() {
    int m = batch.rows();
    model.distribution().kl(batch.distribution(), model.distributionParameters(), m, weight);
    double sum = 0;
    for (int b = 0; b < m; b++) {
      sum += weight[b];
    }
    return sum / m;
  }

  /** β of L^KLPEN. */
  private double klPenalty() {
    return config.klPenalty() * adapted;
  }

  /** The factor of β after an iteration, given the divergence of the new policy from the old. */
  static double adaptation(double kl, double target) {
    return kl < target / 1.5 ? 0.5 : kl > target * 1.5 ? 2 : 1;
  }

  /**
   * Computes L^{CLIP+VF+S}, or its form with another surrogate, over the batch. Leaves −dL/dθ in
   * the network's gradient and the estimate of KL(π_old ‖ π) in {@link #approximateKl}.
   */
  double objective(double progress, Averages averages) {
    if (config.normalizeAdvantage()) {
      Advantages.normalize(batch.advantages(), batch.rows());
    }
    model.forward(batch.observations());
    model.forbidAs(batch.distribution());
    double value =
        policyObjective(progress, averages)
            - config.valueCoefficient() * valueLoss(progress, averages);
    model.network().gradient().fill(0);
    model.backward();
    return value;
  }

  /** Returns Ê[L^CLIP − β KL + c₂ S] and writes its negative derivative by z into the model. */
  private double policyObjective(double progress, Averages averages) {
    int m = batch.rows();
    double clipRange = config.clipRange().at(progress);
    double entropyCoefficient = config.entropyCoefficient().at(progress);
    ActionDistribution distribution = model.distribution();
    float[] z = model.distributionParameters();
    float[] logProb = model.logProbs(batch.actions());
    float[] entropy = model.entropies();
    boolean clips = config.objective() == Objective.CLIP;
    double surrogate = 0;
    double kl = 0;
    double meanEntropy = 0;
    int clipped = 0;
    for (int b = 0; b < m; b++) {
      double logRatio = (double) logProb[b] - batch.logProbs()[b];
      double ratio = Math.exp(logRatio);
      double advantage = batch.advantages()[b];
      surrogate += (clips ? clippedSurrogate(ratio, advantage, clipRange) : ratio * advantage) / m;
      // The estimator (r − 1) − log r of KL(π_old ‖ π) is never negative and has low variance.
      kl += (ratio - 1 - logRatio) / m;
      clipped += Math.abs(ratio - 1) > clipRange ? 1 : 0;
      meanEntropy += (double) entropy[b] / m;
      double slope = clips ? clippedSurrogateSlope(ratio, advantage, clipRange) : ratio * advantage;
      weight[b] = (float) (-slope / m);
    }
    float[] zGradient = model.zGradient();
    distribution.addLogProbGradient(z, batch.actions(), m, weight, zGradient);
    if (entropyCoefficient != 0) {
      Arrays.fill(weight, (float) (-entropyCoefficient / m));
      distribution.addEntropyGradient(z, m, weight, zGradient);
    }
    double penalty = 0;
    if (config.objective().penalised()) {
      penalty = klPenalty() * divergence();
      Arrays.fill(weight, (float) (klPenalty() / m));
      distribution.addKlGradient(batch.distribution(), z, m, weight, zGradient);
    }
    approximateKl = kl;
    averages.add("policy_loss", -surrogate);
    averages.add("approx_kl", kl);
    averages.add("entropy", meanEntropy);
    averages.add("clip_fraction", (double) clipped / m);
    return surrogate - penalty + entropyCoefficient * meanEntropy;
  }

  /** Returns Ê[(V − V^targ)²] and writes c₁ times its derivative by V into the model. */
  private double valueLoss(double progress, Averages averages) {
    int m = batch.rows();
    Schedule bound = config.valueClipRange();
    double clip = bound == null ? Double.POSITIVE_INFINITY : bound.at(progress);
    double loss = 0;
    for (int b = 0; b < m; b++) {
      double value = model.values()[b];
      double old = batch.values()[b];
      boolean beyond = Math.abs(value - old) > clip;
      value = Math.min(Math.max(value, old - clip), old + clip);
      double error = value - batch.returns()[b];
      loss += error * error / m;
      model.valueGradient()[b] = beyond ? 0 : (float) (2 * config.valueCoefficient() * error / m);
    }
    averages.add("value_loss", loss);
    return loss;
  }

  /** min(r·Â, clip(r, 1−ε, 1+ε)·Â), eq. 7 for one sample. */
  static double clippedSurrogate(double ratio, double advantage, double clipRange) {
    double clipped = Math.min(Math.max(ratio, 1 - clipRange), 1 + clipRange);
    return Math.min(ratio * advantage, clipped * advantage);
  }

  /**
   * The derivative of {@link #clippedSurrogate} by log π: r·Â where the unclipped term is the
   * minimum, 0 where the clip has removed the incentive.
   */
  static double clippedSurrogateSlope(double ratio, double advantage, double clipRange) {
    boolean beyond = advantage > 0 ? ratio > 1 + clipRange : ratio < 1 - clipRange;
    return beyond ? 0 : ratio * advantage;
  }

  @Override
  public void save(StateWriter out) {
    out.put("model", model);
    out.put("adam", adam);
    out.put("adaptedKlPenalty", adapted);
  }

  @Override
  public void load(StateReader in) {
    in.get("model", model);
    in.get("adam", adam);
    adapted = in.getDouble("adaptedKlPenalty");
  }
}
