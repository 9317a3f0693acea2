package org.deeprl4j.algorithms.trpo;

import java.util.List;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.ValueRegression;
import org.deeprl4j.algorithms.training.OnPolicyLearner;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.ConjugateGradient;
import org.deeprl4j.optim.LineSearch;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Advantages;
import org.deeprl4j.rollout.Rollout;
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
  private final TrpoConfig config;
  private final ActorCritic model;
  private final NaturalGradient natural;
  private final LineSearch lineSearch;
  private final ValueRegression regression;

  /**
   * Creates a learner in its initial state.
   *
   * @param architecture describes a value network and a dense policy network side by side
   * @throws IllegalArgumentException if it describes other networks
   */
  Trpo(TrpoConfig config, ActorCritic.Architecture architecture, LearnerContext context) {
    this.config = config;
    model =
        ActorCritic.apart(
            context,
            architecture,
            DensePolicies.distribution(context.actionSpace(), config.logStd(), config.hidden()));
    DensePolicies.require("trpo", model.network().spec());
    natural =
        new NaturalGradient(
            context.compute(), model, config.rolloutSteps() * config.environments());
    lineSearch = new LineSearch(model.policyNetwork().parameters());
    regression =
        new ValueRegression(
            context.compute(),
            model,
            config.valueBatchSize(),
            config.adamEpsilon(),
            config.maxGradientNorm());
  }

  /** Starts a run with the multilayer perceptrons that the configuration describes. */
  public static OnPolicyTrainer start(TrainingSetup setup, TrpoConfig config) {
    return start(setup, config, config.architecture());
  }

  /** Starts a run with custom networks. */
  public static OnPolicyTrainer start(
      TrainingSetup setup, TrpoConfig config, ActorCritic.Architecture architecture) {
    return new OnPolicyTrainer(setup, config, context -> new Trpo(config, architecture, context));
  }

  @Override
  public ActorCritic model() {
    return model;
  }

  @Override
  public List<String> metrics() {
    return List.of(
        "surrogate_improvement",
        "kl",
        "entropy",
        "gradient_norm",
        "step_norm",
        "step_fraction",
        "cg_iterations",
        "cg_residual",
        "value_loss",
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
    policyStep(rollout, averages);
    double learningRate = config.learningRate().at(progress);
    if (config.valueEpochs() > 0) {
      averages.add(
          "value_loss", regression.fit(rollout, config.valueEpochs(), learningRate, random));
    }
    averages.add("learning_rate", learningRate);
  }

  /**
   * Takes the trust region step, or none.
   *
   * @param rollout with computed advantages
   * @param averages receives the metrics of the step. Modified.
   */
  LineSearch.Result policyStep(Rollout rollout, Averages averages) {
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
    averages.add("surrogate_improvement", accepted ? natural.surrogate() - before : 0);
    averages.add("kl", accepted ? natural.kl() : 0);
    averages.add("entropy", natural.entropy());
    averages.add("gradient_norm", gradient.norm2());
    averages.add("step_norm", searched.fraction() * natural.step().norm2());
    averages.add("step_fraction", searched.fraction());
    averages.add("cg_iterations", solved.iterations());
    averages.add("cg_residual", solved.residual());
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
