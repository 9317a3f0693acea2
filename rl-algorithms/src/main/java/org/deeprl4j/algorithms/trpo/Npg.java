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
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Advantages;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.stats.Statistics;

/**
 * Natural policy gradient (Kakade 2001), with the step length of the trust region: TRPO's step
 * without its line search.
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
 * <p>Nothing checks that the step stays within the region where its approximations hold; the metric
 * {@code kl} shows how far it went.
 */
public final class Npg implements OnPolicyLearner {
  private final NpgConfig config;
  private final ActorCritic model;
  private final NaturalGradient natural;
  private final ValueRegression regression;

  /**
   * Creates a learner in its initial state.
   *
   * @param architecture describes a value network and a dense policy network side by side
   * @throws IllegalArgumentException if it describes other networks
   */
  Npg(NpgConfig config, ActorCritic.Architecture architecture, LearnerContext context) {
    this.config = config;
    model =
        ActorCritic.apart(
            context,
            architecture,
            DensePolicies.distribution(context.actionSpace(), config.logStd(), config.hidden()));
    DensePolicies.require("npg", model.network().spec());
    natural =
        new NaturalGradient(
            context.compute(), model, config.rolloutSteps() * config.environments());
    regression =
        new ValueRegression(
            context.compute(),
            model,
            config.valueBatchSize(),
            config.adamEpsilon(),
            config.maxGradientNorm());
  }

  /** Starts a run with the multilayer perceptrons that the configuration describes. */
  public static OnPolicyTrainer start(TrainingSetup setup, NpgConfig config) {
    return start(setup, config, config.architecture());
  }

  /** Starts a run with custom networks. */
  public static OnPolicyTrainer start(
      TrainingSetup setup, NpgConfig config, ActorCritic.Architecture architecture) {
    return new OnPolicyTrainer(setup, config, context -> new Npg(config, architecture, context));
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

  private void policyStep(Rollout rollout, Averages averages) {
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
    averages.add("surrogate_improvement", natural.surrogate() - before);
    averages.add("kl", natural.kl());
    averages.add("entropy", natural.entropy());
    averages.add("gradient_norm", gradient.norm2());
    averages.add("step_norm", natural.step().norm2());
    averages.add("cg_iterations", solved.iterations());
    averages.add("cg_residual", solved.residual());
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
