package org.deeprl4j.algorithms.a2c;

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
 * A2C's hyper-parameters. The defaults are Stable-Baselines3's, with eight environments.
 *
 * @param environments N, in [1, 65536]
 * @param rolloutSteps t_max, steps of each environment per update, in [1, 2²⁰]
 * @param gamma γ, the discount, in [0, 1]
 * @param lambda λ of GAE, in [0, 1]; the paper's is 1
 * @param learningRate the optimiser's step size, by progress
 * @param optimizer the optimiser: the paper's RMSProp, or Adam with its usual β₁ and β₂
 * @param rmsPropDecay RMSProp's ρ, in [0, 0.999999]
 * @param rmsPropEpsilon RMSProp's ε, in [10⁻³⁰, 10⁹]
 * @param adamEpsilon Adam's ε, in [10⁻³⁰, 10⁹]
 * @param normalizeAdvantage whether the advantages of a rollout are scaled to mean 0 and deviation
 *     1
 * @param valueCoefficient c₁, weight of the value loss, ≥ 0
 * @param entropyCoefficient β, ≥ 0, by progress
 * @param maxGradientNorm bound on the gradient's global norm, &gt; 0; null for none
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
public record A2cConfig(
    int environments,
    int rolloutSteps,
    double gamma,
    @OnlyWith("rolloutSteps!=1") double lambda,
    Schedule learningRate,
    Optimizer optimizer,
    @OnlyWith("optimizer=RMSPROP") double rmsPropDecay,
    @OnlyWith("optimizer=RMSPROP") double rmsPropEpsilon,
    @OnlyWith("optimizer=ADAM") double adamEpsilon,
    boolean normalizeAdvantage,
    double valueCoefficient,
    Schedule entropyCoefficient,
    @Nullable Double maxGradientNorm,
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
    implements OnPolicySettings, A2cConfigBuilder.With {

  /** The optimisers. */
  public enum Optimizer {
    /** RMSProp, as in the paper. */
    RMSPROP,
    /** Adam, with β₁ = 0.9 and β₂ = 0.999. */
    ADAM
  }

  /** Checks every range. */
  public A2cConfig {
    Require.rollout(environments, rolloutSteps);
    Require.inRange("gamma", gamma, 0, 1);
    Require.inRange("lambda", lambda, 0, 1);
    Require.nonNegative("learningRate", learningRate);
    Require.inRange("rmsPropDecay", rmsPropDecay, 0, 0.999999);
    Require.epsilon("rmsPropEpsilon", rmsPropEpsilon);
    Require.epsilon("adamEpsilon", adamEpsilon);
    Require.nonNegative("valueCoefficient", valueCoefficient);
    Require.nonNegative("entropyCoefficient", entropyCoefficient);
    Require.positive("maxGradientNorm", maxGradientNorm);
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
  public static A2cConfig defaults() {
    return A2cConfigBuilder.builder()
        .environments(8)
        .rolloutSteps(5)
        .gamma(0.99)
        .lambda(1)
        .learningRate(Schedule.constant(7e-4))
        .optimizer(Optimizer.RMSPROP)
        .rmsPropDecay(0.99)
        .rmsPropEpsilon(1e-5)
        .adamEpsilon(1e-5)
        .normalizeAdvantage(false)
        .valueCoefficient(0.5)
        .entropyCoefficient(Schedule.constant(0))
        .maxGradientNorm(0.5)
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
