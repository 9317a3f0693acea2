package org.deeprl4j.algorithms.trpo;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.configuration.OnlyWith;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.training.OnPolicySettings;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * The natural policy gradient's hyper-parameters. The defaults are {@link TrpoConfig}'s.
 *
 * @param environments N, in [1, 65536]
 * @param rolloutSteps T, steps of each environment per iteration, in [1, 2²⁰]
 * @param gamma γ, the discount, in [0, 1]
 * @param lambda λ of GAE, in [0, 1]
 * @param delta δ, the mean KL(π_old ‖ π_θ) of a step to second order, in nats, &gt; 0
 * @param conjugateGradientSteps maximum number of products with H for a direction, in [1, 10 000]
 * @param conjugateGradientTolerance the solution ends once the residual is below this fraction of
 *     the gradient, in [0, 1)
 * @param damping added to H's diagonal, ≥ 0
 * @param fisherSubsampling H is estimated on every k-th sample, in [1, rolloutSteps]
 * @param normalizeAdvantage whether the advantages of a rollout are scaled to mean 0 and deviation
 *     1
 * @param valueEpochs passes over the rollout to fit V, in [0, 10 000]
 * @param valueBatchSize rows of a minibatch in these passes, in [1, 2²⁰]
 * @param learningRate Adam's step size for V, by progress
 * @param adamEpsilon Adam's ε, in [10⁻³⁰, 10⁹]
 * @param maxGradientNorm bound on the norm of V's gradient, &gt; 0; null for none
 * @param hidden widths of the hidden layers
 * @param valueHidden widths of those of the value function, if they differ; null for {@code hidden}
 * @param activation of the hidden layers
 * @param layerNorm whether hidden layers normalise what they compute (Ba et al. 2016)
 * @param logStd where log σ of a Gaussian policy comes from
 * @param initialLogStd initial log σ, for continuous actions
 * @param noiseHold with GSDE, the steps for which exploration noise is held, ≥ 1; null for a whole
 *     rollout
 * @param normalizeObservations whether observations are scaled by their running mean and deviation
 * @param statisticsPerRollout whether that mean and deviation change between rollouts alone
 * @param normalizeRewards whether rewards are scaled by the running deviation of the discounted
 *     return
 */
@RecordBuilder
@RecordBuilder.Options(
    addClassRetainedGenerated = true,
    addConcreteSettersForOptional = RecordBuilder.ConcreteSettersForOptionalMode.DISABLED)
public record NpgConfig(
    int environments,
    int rolloutSteps,
    double gamma,
    @OnlyWith("rolloutSteps!=1") double lambda,
    double delta,
    int conjugateGradientSteps,
    @OnlyWith("conjugateGradientSteps!=1") double conjugateGradientTolerance,
    double damping,
    int fisherSubsampling,
    boolean normalizeAdvantage,
    int valueEpochs,
    @OnlyWith("valueEpochs!=0") int valueBatchSize,
    @OnlyWith("valueEpochs!=0") Schedule learningRate,
    @OnlyWith("valueEpochs!=0") double adamEpsilon,
    @OnlyWith("valueEpochs!=0") @Nullable Double maxGradientNorm,
    List<Integer> hidden,
    @Nullable List<Integer> valueHidden,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") Activation activation,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") boolean layerNorm,
    LogStd logStd,
    @OnlyWith(value = "logStd!=STATE_DEPENDENT", continuousActions = true, initially = true)
        double initialLogStd,
    @Nullable Integer noiseHold,
    boolean normalizeObservations,
    @OnlyWith("normalizeObservations=true") boolean statisticsPerRollout,
    boolean normalizeRewards)
    implements OnPolicySettings, NpgConfigBuilder.With {

  /** Checks every range. */
  public NpgConfig {
    Require.rollout(environments, rolloutSteps);
    Require.inRange("gamma", gamma, 0, 1);
    Require.inRange("lambda", lambda, 0, 1);
    Require.positive("delta", delta);
    Require.inRange("conjugateGradientSteps", conjugateGradientSteps, 1, 10_000);
    Require.inRange(
        "conjugateGradientTolerance", conjugateGradientTolerance, 0, Math.nextDown(1.0));
    Require.nonNegative("damping", damping);
    Require.inRange("fisherSubsampling", fisherSubsampling, 1, rolloutSteps);
    Require.inRange("valueEpochs", valueEpochs, 0, 10_000);
    Require.inRange("valueBatchSize", valueBatchSize, 1, Require.MOST_ROWS);
    Require.nonNegative("learningRate", learningRate);
    Require.epsilon("adamEpsilon", adamEpsilon);
    Require.positive("maxGradientNorm", maxGradientNorm);
    hidden = Require.widths("hidden", hidden);
    valueHidden = Require.optionalWidths("valueHidden", valueHidden);
    Require.inRange("initialLogStd", initialLogStd, -20, 5);
    Require.exploration(logStd, hidden, layerNorm, noiseHold);
  }

  /** The networks that these settings describe. */
  MlpArchitecture architecture() {
    return new MlpArchitecture(
        hidden, valueHidden, activation, layerNorm, false, logStd, initialLogStd);
  }

  /** The default configuration. */
  public static NpgConfig defaults() {
    return NpgConfigBuilder.builder()
        .environments(1)
        .rolloutSteps(2048)
        .gamma(0.99)
        .lambda(0.95)
        .delta(0.01)
        .conjugateGradientSteps(15)
        .conjugateGradientTolerance(1e-5)
        .damping(0.1)
        .fisherSubsampling(1)
        .normalizeAdvantage(true)
        .valueEpochs(10)
        .valueBatchSize(128)
        .learningRate(Schedule.constant(1e-3))
        .adamEpsilon(1e-8)
        .maxGradientNorm(null)
        .hidden(List.of(64, 64))
        .valueHidden(null)
        .activation(Activation.TANH)
        .layerNorm(false)
        .logStd(LogStd.FREE)
        .initialLogStd(0)
        .noiseHold(null)
        .normalizeObservations(false)
        .statisticsPerRollout(false)
        .normalizeRewards(false)
        .build();
  }
}
