package org.deeprl4j.algorithms.reinforce;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.training.EpisodicTrainer;
import org.deeprl4j.algorithms.training.OnPolicyLearner;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.optim.GradientClipping;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Advantages;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.rollout.RolloutBatch;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.stats.Statistics;

/**
 * REINFORCE (Williams 1992, "Simple statistical gradient-following algorithms for connectionist
 * reinforcement learning"), with or without a baseline:
 *
 * <pre>
 * repeat
 *   run K episodes with a_t ~ π(a_t|s_t; θ)
 *   R_t = Σ_{k≥t} γ^{k−t} r_k, to the end of the episode
 *   θ   ascends  1/K Σ_episodes Σ_t ∇_θ log π(a_t|s_t; θ)(R_t − V(s_t; θ_v)) + β ∇_θ H(π(s_t; θ))
 *   θ_v descends the mean of (R_t − V(s_t; θ_v))²
 * until the steps are done
 * </pre>
 *
 * <p>Without a baseline V is 0. If a setting multiplies each term of the sum by γᵗ, its expectation
 * is exactly the gradient of E[Σ_t γᵗ r_t], for any V. With a baseline, V of the last state
 * replaces the rest of the return of a truncated episode.
 */
public final class Reinforce implements OnPolicyLearner {
  /** Rows in one forward and backward pass. */
  private static final int CHUNK = 256;

  private final ReinforceConfig config;
  private final ActorCritic model;
  private final Adam adam;

  // Reused for each chunk.
  private final RolloutBatch batch;
  private final float[] weight;

  /** Creates a learner in its initial state. */
  Reinforce(ReinforceConfig config, ActorCritic.Architecture architecture, LearnerContext context) {
    this.config = config;
    model =
        ActorCritic.together(
            context, architecture, Distributions.forActionSpace(context.actionSpace()));
    adam = new Adam(0.9, 0.999, config.adamEpsilon());
    batch = model.batch(CHUNK);
    weight = new float[CHUNK];
  }

  /** Starts a run with the multilayer perceptrons that the configuration describes. */
  public static EpisodicTrainer start(TrainingSetup setup, ReinforceConfig config) {
    return start(setup, config, config.architecture());
  }

  /** Starts a run with a custom network. */
  public static EpisodicTrainer start(
      TrainingSetup setup, ReinforceConfig config, ActorCritic.Architecture architecture) {
    return new EpisodicTrainer(
        setup, config, context -> new Reinforce(config, architecture, context));
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
    weigh(rollout);
    objective(rollout, progress, averages);
    Tensor gradient = model.network().gradient();
    averages.add("gradient_norm", GradientClipping.globalNorm(config.maxGradientNorm(), gradient));
    double learningRate = config.learningRate().at(progress);
    adam.step(model.network().parameters(), gradient, learningRate);
    averages.addOrUndefined(
        "explained_variance",
        Statistics.explainedVariance(rollout.values(), rollout.returns(), rollout.rows()));
    averages.add("learning_rate", learningRate);
  }

  /**
   * Computes R_t and the weight of each ∇ log π: R_t − V(s_t) or R_t, times γᵗ if discountedVisits
   * is set.
   */
  void weigh(Rollout rollout) {
    int rows = rollout.rows();
    if (!config.baseline()) {
      Arrays.fill(rollout.values(), 0, rows, 0);
      Arrays.fill(rollout.nextValues(), 0, rows, 0);
    }
    Advantages.discountedReturns(
        rollout.rewards(),
        rollout.nextValues(),
        rollout.terminated(),
        rollout.ended(),
        rows,
        1,
        config.gamma(),
        rollout.returns());
    double discount = 1;
    for (int b = 0; b < rows; b++) {
      rollout.advantages()[b] =
          (float) (discount * ((double) rollout.returns()[b] - rollout.values()[b]));
      if (config.discountedVisits()) {
        discount = rollout.ended()[b] ? 1 : discount * config.gamma();
      }
    }
  }

  /**
   * 1/K Σ (log π(a_t|s_t) weight_t + β H(π(s_t))) − c₁ Ê[(R_t − V(s_t))²] over whole episodes that
   * {@link #weigh} has weighed. Leaves its negative derivative in the network's gradient.
   */
  double objective(Rollout rollout, double progress, Averages averages) {
    double entropyCoefficient = config.entropyCoefficient().at(progress);
    int rows = rollout.rows();
    int episodes = 0;
    for (int b = 0; b < rows; b++) {
      // The end of the run may cut off the last one, which is then truncated there.
      episodes += rollout.ended()[b] || b == rows - 1 ? 1 : 0;
    }
    double policyLoss = 0;
    double valueLoss = 0;
    double meanEntropy = 0;
    model.network().gradient().fill(0);
    batch.arrange(rollout);
    ActionDistribution distribution = model.distribution();
    for (int at = 0; batch.take(rollout, at, CHUNK); at += batch.rows()) {
      int m = batch.rows();
      model.forward(batch.observations());
      model.forbidAs(batch.distribution());
      float[] z = model.distributionParameters();
      float[] values = model.values();
      float[] logProb = model.logProbs(batch.actions());
      float[] entropy = model.entropies();
      float[] valueGradient = model.valueGradient();
      for (int b = 0; b < m; b++) {
        double advantage = batch.advantages()[b];
        double error = (double) values[b] - batch.returns()[b];
        policyLoss -= logProb[b] * advantage / episodes;
        valueLoss += error * error / rows;
        meanEntropy += (double) entropy[b] / rows;
        weight[b] = (float) (-advantage / episodes);
        valueGradient[b] =
            config.baseline() ? (float) (2 * config.valueCoefficient() * error / rows) : 0;
      }
      float[] zGradient = model.zGradient();
      distribution.addLogProbGradient(z, batch.actions(), m, weight, zGradient);
      if (entropyCoefficient != 0) {
        Arrays.fill(weight, (float) (-entropyCoefficient / episodes));
        distribution.addEntropyGradient(z, m, weight, zGradient);
      }
      model.backward();
    }
    averages.add("policy_loss", policyLoss);
    if (config.baseline()) {
      averages.add("value_loss", valueLoss);
    }
    averages.add("entropy", meanEntropy);
    return -policyLoss
        + entropyCoefficient * meanEntropy * rows / episodes
        - (config.baseline() ? config.valueCoefficient() * valueLoss : 0);
  }

  @Override
  public void save(StateWriter out) {
    out.put("model", model);
    out.put("adam", adam);
  }

  @Override
  public void load(StateReader in) {
    in.get("model", model);
    in.get("adam", adam);
  }
}
