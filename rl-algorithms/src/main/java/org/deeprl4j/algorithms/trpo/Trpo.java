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
import org.deeprl4j.optim.LineSearch;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Advantages;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.stats.Statistics;

/**
 * Trust region policy optimisation (Schulman et al. 2015, section 6 and appendix C):
 *
 * <pre>
 * repeat
 *   run π_old for T steps in each of N environments, estimate Â_t by GAE(γ, λ)
 *   g   = ∇ Ê_t[ π_θ(a_t|s_t) / π_old(a_t|s_t) · Â_t ] at θ_old
 *   x   ≈ H⁻¹g by conjugate gradients, H = ∇² Ê_t[ KL(π_old(·|s_t) ‖ π_θ(·|s_t)) ] + damping·I
 *   Δ   = √(2δ / gᵀx) · x
 *   θ   = θ_old + cʲ Δ for the first j = 0, 1, …, J − 1 that improves the surrogate and keeps
 *         Ê_t[KL] ≤ δ; θ_old if none does
 *   fit V to the returns
 * until the steps are done
 * </pre>
 */
public final class Trpo implements OnPolicyLearner {
  /** TRPO as registries know it. */
  public static final Algorithm<TrpoConfig> ALGORITHM =
      Algorithm.of(
          "trpo",
          "Trust region policy optimisation (Schulman et al. 2015)",
          TrpoConfig.defaults(),
          (observations, actions) -> Distributions.forActionSpace(actions),
          Trpo::start);

  private final TrpoConfig config;
  private final ActorCritic model;
  private final NaturalGradient natural;
  private final LineSearch lineSearch;
  private final ValueRegression regression;

  /**
   * A learner at its start.
   *
   * @param network outputs {@code [V | z]}: a value network and a dense policy network side by side
   * @param random draws the initial parameters
   * @throws IllegalArgumentException if the network is of another kind
   */
  public Trpo(
      TrainingSetup setup, TrpoConfig config, NetworkSpec network, Space actionSpace, Rng random) {
    this.config = config;
    DensePolicies.require("trpo", network);
    model =
        ActorCritic.apart(
            setup.compute(), network, Distributions.forActionSpace(actionSpace), random);
    natural = new NaturalGradient(setup.compute(), model, config.steps() * config.environments());
    lineSearch = new LineSearch(model.policyNetwork().parameters());
    regression =
        new ValueRegression(
            setup.compute(), model.valueNetwork(), config.valueBatchSize(), config.adamEpsilon());
  }

  /** Starts a run with multilayer perceptrons, as the configuration describes them. */
  public static Trainer start(TrainingSetup setup, TrpoConfig config) {
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
      TrainingSetup setup, TrpoConfig config, ActorCritic.Architecture architecture) {
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
            new Trpo(
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

  /**
   * The trust region step, or none.
   *
   * @param rollout its advantages are computed
   * @param metrics receives how it went. Modified.
   */
  LineSearch.Result policyStep(Rollout rollout, Map<String, Double> metrics) {
    Tensor gradient = natural.begin(rollout);
    ConjugateGradient.Result solved =
        natural.solve(
            rollout,
            config.fisherSubsampling(),
            config.damping(),
            config.conjugateGradientSteps(),
            config.conjugateGradientTolerance(),
            config.delta());
    double before = natural.surrogate();
    LineSearch.Result searched =
        lineSearch.search(
            model.policyNetwork().parameters(),
            natural.step(),
            config.lineSearchShrink(),
            config.lineSearchSteps(),
            () -> {
              natural.measure(rollout);
              return natural.surrogate() > before && natural.kl() <= config.delta();
            });
    boolean accepted = searched.accepted();
    metrics.put("surrogate_improvement", accepted ? natural.surrogate() - before : 0);
    metrics.put("kl", accepted ? natural.kl() : 0);
    metrics.put("entropy", natural.entropy());
    metrics.put("gradient_norm", gradient.norm2());
    metrics.put("step_norm", searched.fraction() * natural.step().norm2());
    metrics.put("step_fraction", searched.fraction());
    metrics.put("cg_iterations", (double) solved.iterations());
    metrics.put("cg_residual", solved.residual());
    return searched;
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
