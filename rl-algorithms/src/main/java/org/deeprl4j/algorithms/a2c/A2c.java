package org.deeprl4j.algorithms.a2c;

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
import org.deeprl4j.optim.Optimizer;
import org.deeprl4j.optim.RmsProp;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Advantages;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.rollout.RolloutBatch;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.stats.Statistics;

/**
 * Advantage actor-critic, the synchronous form of A3C (Mnih et al. 2016, "Asynchronous methods for
 * deep reinforcement learning", algorithm S3): N environments advance t_max steps with one policy,
 * and one update uses their gradients together.
 *
 * <pre>
 * repeat
 *   for each of N environments: t_max steps with a_t ~ π(a_t|s_t; θ)
 *   R_t = Σ_{k&lt;n} γᵏ r_{t+k} + γⁿ V(s_{t+n}; θ_v), to the end of the rollout or of the episode;
 *         no V where that is terminal
 *   θ   ascends  Σ ∇_θ log π(a_t|s_t; θ)(R_t − V(s_t; θ_v)) + β ∇_θ H(π(s_t; θ))
 *   θ_v descends Σ ∂(R_t − V(s_t; θ_v))²/∂θ_v
 * until the steps are done
 * </pre>
 *
 * <p>R_t − V(s_t) is GAE with λ = 1; smaller λ trade variance for bias. This implementation takes
 * means instead of sums.
 */
public final class A2c implements OnPolicyLearner {
  private final A2cConfig config;
  private final ActorCritic model;
  private final Optimizer optimizer;

  // Reused for each rollout.
  private final RolloutBatch batch;
  private final float[] weight;

  /** Creates a learner in its initial state. */
  A2c(A2cConfig config, ActorCritic.Architecture architecture, LearnerContext context) {
    this.config = config;
    model =
        ActorCritic.together(
            context,
            architecture,
            config.logStd().distribution(context.actionSpace(), config.hidden()));
    optimizer =
        switch (config.optimizer()) {
          case RMSPROP -> new RmsProp(config.rmsPropDecay(), config.rmsPropEpsilon());
          case ADAM -> new Adam(0.9, 0.999, config.adamEpsilon());
        };
    int rows = config.environments() * config.rolloutSteps();
    batch = model.batch(rows);
    weight = new float[rows];
  }

  /** Starts a run with the multilayer perceptrons that the configuration describes. */
  public static OnPolicyTrainer start(TrainingSetup setup, A2cConfig config) {
    return start(setup, config, config.architecture());
  }

  /** Starts a run with a custom network. */
  public static OnPolicyTrainer start(
      TrainingSetup setup, A2cConfig config, ActorCritic.Architecture architecture) {
    return new OnPolicyTrainer(setup, config, context -> new A2c(config, architecture, context));
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
        "gradient_norm",
        "explained_variance",
        "learning_rate");
  }

  @Override
  public void update(Rollout rollout, double progress, Rng random, Averages averages) {
    rollout.computeAdvantages(config.gamma(), config.lambda());
    averages.addOrUndefined(
        "explained_variance",
        Statistics.explainedVariance(rollout.values(), rollout.returns(), rollout.rows()));
    if (config.normalizeAdvantage()) {
      Advantages.normalize(rollout.advantages(), rollout.rows());
    }
    objective(rollout, progress, averages);
    Tensor gradient = model.network().gradient();
    averages.add("gradient_norm", GradientClipping.globalNorm(config.maxGradientNorm(), gradient));
    double learningRate = config.learningRate().at(progress);
    optimizer.step(model.network().parameters(), gradient, learningRate);
    averages.add("learning_rate", learningRate);
  }

  /**
   * Ê[log π(a_t|s_t) Â_t − c₁ (R_t − V(s_t))² + β H(π(s_t))] over a rollout with computed
   * advantages. Leaves its negative derivative in the network's gradient.
   */
  double objective(Rollout rollout, double progress, Averages averages) {
    double entropyCoefficient = config.entropyCoefficient().at(progress);
    int rows = rollout.rows();
    batch.arrange(rollout);
    batch.take(rollout, 0, rows);
    model.forward(batch.observations());
    model.forbidAs(batch.distribution());
    ActionDistribution distribution = model.distribution();
    float[] z = model.distributionParameters();
    float[] values = model.values();
    float[] logProb = model.logProbs(batch.actions());
    float[] entropy = model.entropies();
    float[] valueGradient = model.valueGradient();
    double policyLoss = 0;
    double valueLoss = 0;
    double meanEntropy = 0;
    for (int b = 0; b < rows; b++) {
      double advantage = batch.advantages()[b];
      double error = (double) values[b] - batch.returns()[b];
      policyLoss -= logProb[b] * advantage / rows;
      valueLoss += error * error / rows;
      meanEntropy += (double) entropy[b] / rows;
      weight[b] = (float) (-advantage / rows);
      valueGradient[b] = (float) (2 * config.valueCoefficient() * error / rows);
    }
    float[] zGradient = model.zGradient();
    distribution.addLogProbGradient(z, batch.actions(), rows, weight, zGradient);
    if (entropyCoefficient != 0) {
      Arrays.fill(weight, (float) (-entropyCoefficient / rows));
      distribution.addEntropyGradient(z, rows, weight, zGradient);
    }
    model.network().gradient().fill(0);
    model.backward();
    averages.add("policy_loss", policyLoss);
    averages.add("value_loss", valueLoss);
    averages.add("entropy", meanEntropy);
    return -policyLoss - config.valueCoefficient() * valueLoss + entropyCoefficient * meanEntropy;
  }

  @Override
  public void save(StateWriter out) {
    out.put("model", model);
    out.put("optimizer", optimizer);
  }

  @Override
  public void load(StateReader in) {
    in.get("model", model);
    in.get("optimizer", optimizer);
  }
}
