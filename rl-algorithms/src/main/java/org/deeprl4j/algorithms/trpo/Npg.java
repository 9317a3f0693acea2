package org.deeprl4j.algorithms.trpo;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Metrics;
import org.deeprl4j.algorithms.learning.ValueRegression;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.OnPolicyLearner;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.ConjugateGradient;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Advantages;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.stats.Statistics;

/**
 * Natural policy gradient (Kakade 2001), with the step's length set by the trust region: TRPO's
 * step without its line search.
 *
 * <pre>
 * repeat
 *   run π_old for T steps in each of N environments, estimate Â_t by GAE(γ, λ)
 *   g = ∇ Ê_t[ log π_θ(a_t|s_t) · Â_t ] at θ_old
 *   x ≈ H⁻¹g by conjugate gradients, H the Fisher information of the policy + damping·I
 *   θ = θ_old + √(2δ / gᵀx) · x
 *   fit V to the returns
 * until the steps are done
 * </pre>
 *
 * <p>Nothing checks that the step was within the region where its approximations hold; {@code kl}
 * in the metrics says how far it went.
 */
public final class Npg implements OnPolicyLearner {
  /** The natural policy gradient as registries know it. */
  public static final Algorithm<NpgConfig> ALGORITHM =
      Algorithm.of(
          "npg",
          "Natural policy gradient (Kakade 2001)",
          NpgConfig.defaults(),
          (observations, actions) -> Distributions.forActionSpace(actions),
          Npg::start);

  private final NpgConfig config;
  private final ActorCritic model;
  private final NaturalGradient natural;
  private final ValueRegression regression;

  /**
   * A learner at its start.
   *
   * @param network outputs {@code [V | z]}: a value network and a dense policy network side by side
   * @param random draws the initial parameters
   * @throws IllegalArgumentException if the network is of another kind
   */
  public Npg(
      TrainingSetup setup, NpgConfig config, NetworkSpec network, Space actionSpace, Rng random) {
    this.config = config;
    DensePolicies.require("npg", network);
    model =
        ActorCritic.apart(
            setup.compute(), network, Distributions.forActionSpace(actionSpace), random);
    natural = new NaturalGradient(setup.compute(), model, config.steps() * config.environments());
    regression =
        new ValueRegression(
            setup.compute(), model.valueNetwork(), config.valueBatchSize(), config.adamEpsilon());
  }

  /** Starts a run with multilayer perceptrons, as the configuration describes them. */
  public static Trainer start(TrainingSetup setup, NpgConfig config) {
    return start(
        setup,
        config,
        (inputs, actionSpace) ->
            ActorCritic.mlp(
                inputs,
                actionSpace,
                config.networks(),
                config.activation(),
                false,
                LogStd.FREE,
                config.initialLogStd()));
  }

  /** Starts a run with networks of one's own. */
  public static Trainer start(
      TrainingSetup setup, NpgConfig config, ActorCritic.Architecture architecture) {
    OnPolicyTrainer.Settings settings =
        new OnPolicyTrainer.Settings(
            config.environments(),
            config.steps(),
            config.gamma(),
            null,
            config.normalizeObservations(),
            config.normalizeRewards());
    return new OnPolicyTrainer(
        setup,
        settings,
        (encoder, actionSpace, random) ->
            new Npg(
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
    if (config.normalizeAdvantage()) {
      Advantages.normalize(rollout.advantages(), rollout.rows());
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    policyStep(rollout, metrics);
    double learningRate = config.learningRate().at(progress);
    double valueLoss = regression.fit(rollout, config.valueEpochs(), learningRate, random);
    metrics.put("value_loss", valueLoss);
    metrics.put("explained_variance", explainedVariance);
    metrics.put("learning_rate", learningRate);
    return new Metrics(metrics);
  }

  private void policyStep(Rollout rollout, Map<String, Double> metrics) {
    Tensor gradient = natural.begin(rollout);
    double before = natural.surrogate();
    ConjugateGradient.Result solved =
        natural.solve(
            rollout,
            config.fisherSubsampling(),
            config.damping(),
            config.conjugateGradientSteps(),
            config.conjugateGradientTolerance(),
            config.delta());
    model.policyNetwork().parameters().axpy(1, natural.step());
    natural.measure(rollout);
    metrics.put("surrogate_improvement", natural.surrogate() - before);
    metrics.put("kl", natural.kl());
    metrics.put("entropy", natural.entropy());
    metrics.put("gradient_norm", gradient.norm2());
    metrics.put("step_norm", natural.step().norm2());
    metrics.put("cg_iterations", (double) solved.iterations());
    metrics.put("cg_residual", solved.residual());
  }

  @Override
  public void save(StateWriter out) {
    out.put("model", model);
    out.put("regression", regression);
  }

  @Override
  public void load(StateReader in) {
    in.get("model", model);
    in.get("regression", regression);
  }
}
