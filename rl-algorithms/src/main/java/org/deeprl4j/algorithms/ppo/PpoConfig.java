package org.deeprl4j.algorithms.ppo;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.configuration.OnlyWith;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.training.OnPolicySettings;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * PPO's hyper-parameters. The defaults are Stable-Baselines3's, which follow the paper's table 3.
 *
 * @param environments N, the number of actors, in [1, 65536]
 * @param rolloutSteps T, steps of each actor per iteration, in [1, 2²⁰]
 * @param epochs K, passes over the N·T samples per iteration, in [1, 10 000]
 * @param batchSize M, rows of a minibatch, in [1, N·T]; the last of an epoch may be smaller
 * @param gamma γ, the discount, in [0, 1]
 * @param lambda λ of GAE, in [0, 1]
 * @param learningRate Adam's step size, by progress
 * @param adamEpsilon Adam's ε, in [10⁻³⁰, 10⁹]
 * @param objective the surrogate
 * @param clipRange ε of L^CLIP, > 0 at the start, by progress
 * @param klPenalty β of L^KLPEN, the initial value if it adapts, > 0
 * @param adaptiveKlTarget d_targ, the divergence per iteration that an adaptive β aims at, > 0
 * @param valueClipRange clips V to within this of its old value, > 0 at the start, by progress;
 *     null for no clipping
 * @param normalizeAdvantage whether each minibatch's advantages are scaled to mean 0 and deviation
 *     1
 * @param recomputeAdvantages whether each epoch but the first begins with advantages and returns by
 *     the value function of that moment
 * @param valueCoefficient c₁ of L^{CLIP+VF+S}, ≥ 0
 * @param entropyCoefficient c₂ of L^{CLIP+VF+S}, ≥ 0, by progress
 * @param maxGradientNorm bound on the gradient's global norm, > 0; null for none
 * @param targetKl ends an iteration's updates once the approximate KL exceeds 1.5 times this, > 0;
 *     null for never
 * @param hidden widths of the hidden layers
 * @param valueHidden widths of those of the value function, if they differ; null for {@code hidden}
 * @param activation of the hidden layers
 * @param layerNorm whether hidden layers normalise what they compute (Ba et al. 2016)
 * @param sharedNetwork whether policy and value share their hidden layers
 * @param lstmUnits units of an LSTM below the hidden layers, which gives policy and value a memory,
 *     in [0, 4096]; 0 for none
 * @param logStd where log σ of a Gaussian policy comes from
 * @param initialLogStd log σ at the start
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
public record PpoConfig(
    int environments,
    int rolloutSteps,
    int epochs,
    int batchSize,
    double gamma,
    @OnlyWith("rolloutSteps!=1") double lambda,
    Schedule learningRate,
    double adamEpsilon,
    Objective objective,
    @OnlyWith("objective=CLIP") Schedule clipRange,
    @OnlyWith("objective=FIXED_KL|ADAPTIVE_KL") double klPenalty,
    @OnlyWith("objective=ADAPTIVE_KL") double adaptiveKlTarget,
    @OnlyWith("valueCoefficient!=0") @Nullable Schedule valueClipRange,
    @OnlyWith("batchSize!=1") boolean normalizeAdvantage,
    @OnlyWith({"epochs!=1", "valueCoefficient!=0 or sharedNetwork=true or lstmUnits!=0"})
        boolean recomputeAdvantages,
    double valueCoefficient,
    Schedule entropyCoefficient,
    @Nullable Double maxGradientNorm,
    @Nullable Double targetKl,
    List<Integer> hidden,
    @Nullable List<Integer> valueHidden,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") Activation activation,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") boolean layerNorm,
    boolean sharedNetwork,
    int lstmUnits,
    LogStd logStd,
    @OnlyWith(value = "logStd!=STATE_DEPENDENT", continuousActions = true, initially = true)
        double initialLogStd,
    @Nullable Integer noiseHold,
    boolean normalizeObservations,
    @OnlyWith("normalizeObservations=true") boolean statisticsPerRollout,
    boolean normalizeRewards)
    implements OnPolicySettings, PpoConfigBuilder.With {

  /** Checks every range. */
  public PpoConfig {
    Require.rollout(environments, rolloutSteps);
    Require.inRange("epochs", epochs, 1, 10_000);
    Require.inRange("batchSize", batchSize, 1, (long) environments * rolloutSteps);
    Require.inRange("gamma", gamma, 0, 1);
    Require.inRange("lambda", lambda, 0, 1);
    Require.nonNegative("learningRate", learningRate);
    Require.epsilon("adamEpsilon", adamEpsilon);
    Require.positive("clipRange", clipRange);
    Require.positive("klPenalty", klPenalty);
    Require.positive("adaptiveKlTarget", adaptiveKlTarget);
    Require.positive("valueClipRange", valueClipRange);
    Require.nonNegative("valueCoefficient", valueCoefficient);
    Require.nonNegative("entropyCoefficient", entropyCoefficient);
    Require.positive("maxGradientNorm", maxGradientNorm);
    Require.positive("targetKl", targetKl);
    hidden = Require.widths("hidden", hidden);
    valueHidden = Require.optionalWidths("valueHidden", valueHidden);
    Require.layerNorm(layerNorm, sharedNetwork, "sharedNetwork = true");
    Require.layerNorm(layerNorm, logStd == LogStd.GSDE, "logStd = GSDE");
    Require.apart("valueHidden", valueHidden, sharedNetwork);
    Require.inRange("lstmUnits", lstmUnits, 0, 4096);
    Require.inRange("initialLogStd", initialLogStd, -20, 5);
    Require.noiseHold(noiseHold, logStd);
  }

  /** The networks that these settings describe. */
  ActorCritic.Architecture architecture() {
    return new MlpArchitecture(
            hidden, valueHidden, activation, layerNorm, sharedNetwork, logStd, initialLogStd)
        .onMemory(lstmUnits);
  }

  /** The default configuration. */
  public static PpoConfig defaults() {
    return PpoConfigBuilder.builder()
        .environments(1)
        .rolloutSteps(2048)
        .epochs(10)
        .batchSize(64)
        .gamma(0.99)
        .lambda(0.95)
        .learningRate(Schedule.constant(3e-4))
        .adamEpsilon(1e-5)
        .objective(Objective.CLIP)
        .clipRange(Schedule.constant(0.2))
        .klPenalty(1)
        .adaptiveKlTarget(0.01)
        .valueClipRange(null)
        .normalizeAdvantage(true)
        .recomputeAdvantages(false)
        .valueCoefficient(0.5)
        .entropyCoefficient(Schedule.constant(0))
        .maxGradientNorm(0.5)
        .targetKl(null)
        .hidden(List.of(64, 64))
        .valueHidden(null)
        .activation(Activation.TANH)
        .layerNorm(false)
        .sharedNetwork(false)
        .lstmUnits(0)
        .logStd(LogStd.FREE)
        .initialLogStd(0)
        .noiseHold(null)
        .normalizeObservations(false)
        .statisticsPerRollout(false)
        .normalizeRewards(false)
        .build();
  }
}
