package org.deeprl4j.algorithms.ppo;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Metrics;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.OnPolicyLearner;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.optim.GradientClipping;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Advantages;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.space.Space;
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
 * <p>The paper's other surrogates are settings, see {@link Objective}: unclipped, and with a
 * penalty on the divergence, whose coefficient adapts after each iteration,
 *
 * <pre>
 * L^KLPEN(θ) = Ê_t[ r_t Â_t − β KL(π_θold(·|s_t) ‖ π_θ(·|s_t)) ]                      (eq. 8)
 * d = Ê_t[KL(π_θold(·|s_t) ‖ π_θ(·|s_t))];  β ← β/2 if d &lt; d_targ/1.5,  2β if d &gt; 1.5 d_targ
 * </pre>
 */
public final class Ppo implements OnPolicyLearner {
  /** PPO as registries know it. */
  public static final Algorithm<PpoConfig> ALGORITHM =
      Algorithm.of(
          "ppo",
          "Proximal policy optimisation (Schulman et al. 2017)",
          PpoConfig.defaults(),
          (observations, actions) -> Distributions.forActionSpace(actions),
          Ppo::start);

  /** Averages over an iteration's minibatches. */
  private static final List<String> METRICS =
      List.of("surrogate", "value_loss", "entropy", "approx_kl", "clip_fraction", "gradient_norm");

  private final PpoConfig config;
  private final ActorCritic model;
  private final Adam adam;
  private final double maxGradientNorm;

  // One minibatch, reused.
  private final Tensor observations;
  private final float[] actions;
  private final float[] oldLogProb;
  private final float[] oldZ;
  private final float[] advantages;
  private final float[] oldValues;
  private final float[] returns;
  private final float[] logProb;
  private final float[] klDivergence;
  private final float[] entropy;
  private final float[] weight;
  private final float[] valueGradient;
  private final float[] zGradient;
  private int[] order = new int[0];
  private double approximateKl;
  private double klPenalty;

  /**
   * A learner at its start.
   *
   * @param network outputs {@code [V | z]}, see {@link ActorCritic}
   * @param random draws the initial parameters
   */
  public Ppo(
      TrainingSetup setup, PpoConfig config, NetworkSpec network, Space actionSpace, Rng random) {
    this.config = config;
    model =
        new ActorCritic(
            setup.compute(),
            network,
            ActorCritic.distribution(actionSpace, config.logStd(), config.networks()),
            random);
    adam = new Adam(0.9, 0.999, config.adamEpsilon());
    Double bound = config.maxGradientNorm();
    maxGradientNorm = bound == null ? Double.POSITIVE_INFINITY : bound;
    int m = config.batchSize();
    int parameters = model.distribution().parameterSize();
    observations = setup.compute().tensor(m, network.inputs());
    actions = new float[m * model.distribution().actionSize()];
    oldLogProb = new float[m];
    oldZ = new float[m * parameters];
    advantages = new float[m];
    oldValues = new float[m];
    returns = new float[m];
    logProb = new float[m];
    klDivergence = new float[m];
    entropy = new float[m];
    weight = new float[m];
    valueGradient = new float[m];
    zGradient = new float[m * parameters];
    klPenalty = config.objective().penalised() ? config.klPenalty() : 0;
  }

  /** Starts a run with multilayer perceptrons, as the configuration describes them. */
  public static Trainer start(TrainingSetup setup, PpoConfig config) {
    return start(
        setup,
        config,
        (inputs, actionSpace) ->
            ActorCritic.mlp(
                inputs,
                actionSpace,
                config.networks(),
                config.activation(),
                config.sharedNetwork(),
                config.logStd(),
                config.initialLogStd()));
  }

  /** Starts a run with a network of one's own. */
  public static Trainer start(
      TrainingSetup setup, PpoConfig config, ActorCritic.Architecture architecture) {
    OnPolicyTrainer.Settings settings =
        new OnPolicyTrainer.Settings(
            config.environments(),
            config.steps(),
            config.gamma(),
            config.noiseSteps(),
            config.normalizeObservations(),
            config.normalizeRewards());
    return new OnPolicyTrainer(
        setup,
        settings,
        (encoder, actionSpace, random) ->
            new Ppo(
                setup,
                config,
                architecture.describe(encoder.size(), actionSpace),
                actionSpace,
                random));
  }

  @Override
  public ActorCritic model() {
    return model;
  }

  @Override
  public Metrics update(Rollout rollout, double progress, Rng random) {
    rollout.computeAdvantages(config.gamma(), config.lambda());
    double explainedVariance =
        Statistics.explainedVariance(rollout.values(), rollout.returns(), rollout.rows());
    double learningRate = config.learningRate().at(progress);
    double clipRange = config.clipRange().at(progress);
    Averages averages = new Averages();
    int rows = rollout.rows();
    int epoch = 0;
    boolean stop = false;
    while (epoch < config.epochs() && !stop) {
      arrange(rows);
      random.shuffle(order, rows);
      for (int start = 0; start < rows && !stop; start += config.batchSize()) {
        int m = Math.min(config.batchSize(), rows - start);
        stop = !minibatch(rollout, start, m, clipRange, learningRate, averages);
      }
      epoch++;
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (String name : METRICS) {
      metrics.put(name, averages.of(name));
    }
    metrics.put("explained_variance", explainedVariance);
    metrics.put("learning_rate", learningRate);
    metrics.put("clip_range", clipRange);
    metrics.put("epochs", (double) epoch);
    if (config.objective().penalised()) {
      metrics.put("kl_penalty", klPenalty);
      double kl = divergence(rollout);
      metrics.put("kl", kl);
      if (config.objective() == Objective.ADAPTIVE_KL) {
        klPenalty *= adaptation(kl, config.adaptiveKlTarget());
      }
    }
    return new Metrics(metrics);
  }

  /**
   * One ascent step on the objective over the rows order[start .. start + m), unless the policy has
   * already moved beyond the target KL.
   *
   * @return whether the step was taken
   */
  private boolean minibatch(
      Rollout rollout, int start, int m, double clipRange, double learningRate, Averages averages) {
    objective(rollout, start, m, clipRange, averages);
    if (config.targetKl() != null && approximateKl > 1.5 * config.targetKl()) {
      return false;
    }
    Tensor gradient = model.network().gradient();
    averages.add("gradient_norm", GradientClipping.globalNorm(maxGradientNorm, gradient));
    adam.step(model.network().parameters(), gradient, learningRate);
    return true;
  }

  /** Ê[KL(π_old ‖ π)] over a whole rollout. */
  private double divergence(Rollout rollout) {
    int rows = rollout.rows();
    arrange(rows);
    double sum = 0;
    for (int start = 0; start < rows; start += config.batchSize()) {
      int m = Math.min(config.batchSize(), rows - start);
      gather(rollout, start, m);
      model.predict(observations);
      model.distribution().kl(oldZ, model.distributionParameters(), m, klDivergence);
      for (int b = 0; b < m; b++) {
        sum += klDivergence[b];
      }
    }
    return sum / rows;
  }

  /** What β is multiplied by once an iteration has moved the policy by a divergence. */
  static double adaptation(double kl, double target) {
    return kl < target / 1.5 ? 0.5 : kl > target * 1.5 ? 2 : 1;
  }

  /**
   * L^{CLIP+VF+S}, or with another surrogate, over the rows order[start .. start + m). Leaves
   * −dL/dθ in the network's gradient and the estimate of KL(π_old ‖ π) in {@link #approximateKl}.
   */
  double objective(Rollout rollout, int start, int m, double clipRange, Averages averages) {
    gather(rollout, start, m);
    if (config.normalizeAdvantage() && m > 1) {
      Advantages.normalize(advantages, m);
    }
    model.forward(observations);
    double policy = policyObjective(m, clipRange, averages);
    double value = valueLoss(m, averages);
    model.network().gradient().fill(0);
    model.backward(valueGradient, zGradient, m);
    return policy - config.valueCoefficient() * value;
  }

  /** Ê[L^CLIP − β KL + c₂ S], and minus its derivative by z into {@link #zGradient}. */
  private double policyObjective(int m, double clipRange, Averages averages) {
    ActionDistribution distribution = model.distribution();
    float[] z = model.distributionParameters();
    distribution.logProb(z, actions, m, logProb);
    distribution.entropy(z, m, entropy);
    boolean clips = config.objective() == Objective.CLIP;
    double surrogate = 0;
    double kl = 0;
    double meanEntropy = 0;
    int clipped = 0;
    for (int b = 0; b < m; b++) {
      double logRatio = (double) logProb[b] - oldLogProb[b];
      double ratio = Math.exp(logRatio);
      double advantage = advantages[b];
      surrogate += (clips ? clippedSurrogate(ratio, advantage, clipRange) : ratio * advantage) / m;
      // The estimator (r − 1) − log r of KL(π_old ‖ π) is never negative and has a low variance.
      kl += (ratio - 1 - logRatio) / m;
      clipped += Math.abs(ratio - 1) > clipRange ? 1 : 0;
      meanEntropy += (double) entropy[b] / m;
      double slope = clips ? clippedSurrogateSlope(ratio, advantage, clipRange) : ratio * advantage;
      weight[b] = (float) (-slope / m);
    }
    Arrays.fill(zGradient, 0);
    distribution.addLogProbGradient(z, actions, m, weight, zGradient);
    if (config.entropyCoefficient() != 0) {
      Arrays.fill(weight, (float) (-config.entropyCoefficient() / m));
      distribution.addEntropyGradient(z, m, weight, zGradient);
    }
    double penalty = 0;
    if (klPenalty > 0) {
      distribution.kl(oldZ, z, m, klDivergence);
      for (int b = 0; b < m; b++) {
        penalty += klPenalty * klDivergence[b] / m;
      }
      Arrays.fill(weight, (float) (klPenalty / m));
      distribution.addKlGradient(oldZ, z, m, weight, zGradient);
    }
    approximateKl = kl;
    averages.add("surrogate", surrogate);
    averages.add("approx_kl", kl);
    averages.add("entropy", meanEntropy);
    averages.add("clip_fraction", (double) clipped / m);
    return surrogate - penalty + config.entropyCoefficient() * meanEntropy;
  }

  /** Ê[(V − V^targ)²], and c₁ times its derivative by V into {@link #valueGradient}. */
  private double valueLoss(int m, Averages averages) {
    float[] values = model.values();
    Double clip = config.valueClipRange();
    double loss = 0;
    for (int b = 0; b < m; b++) {
      double value = values[b];
      boolean beyond = false;
      if (clip != null) {
        beyond = Math.abs(value - oldValues[b]) > clip;
        value = Math.min(Math.max(value, oldValues[b] - clip), oldValues[b] + clip);
      }
      double error = value - returns[b];
      loss += error * error / m;
      valueGradient[b] = beyond ? 0 : (float) (2 * config.valueCoefficient() * error / m);
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

  /** Puts the rows in their natural order. */
  void arrange(int rows) {
    if (order.length < rows) {
      order = new int[rows];
    }
    for (int i = 0; i < rows; i++) {
      order[i] = i;
    }
  }

  private void gather(Rollout rollout, int start, int m) {
    observations.setRows(m);
    float[] x = observations.floatsForWriting();
    int inputs = rollout.observationSize();
    int outputs = rollout.actionSize();
    int parameters = rollout.parameterSize();
    for (int b = 0; b < m; b++) {
      int row = order[start + b];
      System.arraycopy(rollout.observations(), row * inputs, x, b * inputs, inputs);
      System.arraycopy(rollout.actions(), row * outputs, actions, b * outputs, outputs);
      System.arraycopy(rollout.distribution(), row * parameters, oldZ, b * parameters, parameters);
      oldLogProb[b] = rollout.logProbs()[row];
      advantages[b] = rollout.advantages()[row];
      oldValues[b] = rollout.values()[row];
      returns[b] = rollout.returns()[row];
    }
  }

  @Override
  public void save(StateWriter out) {
    out.put("model", model);
    out.put("adam", adam);
    out.put("klPenalty", klPenalty);
  }

  @Override
  public void load(StateReader in) {
    in.get("model", model);
    in.get("adam", adam);
    klPenalty = in.getDouble("klPenalty");
  }
}
