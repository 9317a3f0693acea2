package org.deeprl4j.algorithms.a3c;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.configuration.OnlyWith;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.training.AsynchronousSettings;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * A3C's hyper-parameters. The defaults are the paper's where it states them for low-dimensional
 * tasks, otherwise those of {@link org.deeprl4j.algorithms.a2c.A2cConfig}.
 *
 * @param actorLearners threads, each an actor-learner, in [1, 256]; by default one per core
 * @param rolloutSteps t_max, the maximum number of steps between updates, in [1, 10 000]
 * @param gamma γ, the discount, in [0, 1]
 * @param learningRate RMSProp's step size, by progress
 * @param rmsPropDecay RMSProp's α, in [0, 0.999999]
 * @param rmsPropEpsilon RMSProp's ε, in [10⁻³⁰, 10⁹]
 * @param valueCoefficient weight of the value loss, ≥ 0
 * @param entropyCoefficient β, ≥ 0, by progress
 * @param maxGradientNorm bound on the gradient's global norm, &gt; 0; null for none
 * @param hidden widths of the hidden layers
 * @param valueHidden widths of those of the value function, if they differ; null for {@code hidden}
 * @param activation of the hidden layers
 * @param layerNorm whether hidden layers normalise what they compute (Ba et al. 2016)
 * @param sharedNetwork whether policy and value share their hidden layers
 * @param logStd where log σ of a Gaussian policy comes from
 * @param initialLogStd initial log σ, for continuous actions
 * @param noiseHold with GSDE, the steps for which exploration noise is held, ≥ 1; null for
 *     rolloutSteps
 * @param normalizeObservations whether observations are scaled by their running mean and deviation
 * @param normalizeRewards whether rewards are scaled by the running deviation of the discounted
 *     return
 */
@RecordBuilder
@RecordBuilder.Options(
    addClassRetainedGenerated = true,
    addConcreteSettersForOptional = RecordBuilder.ConcreteSettersForOptionalMode.DISABLED)
public record A3cConfig(
    int actorLearners,
    int rolloutSteps,
    double gamma,
    Schedule learningRate,
    double rmsPropDecay,
    double rmsPropEpsilon,
    double valueCoefficient,
    Schedule entropyCoefficient,
    @Nullable Double maxGradientNorm,
    List<Integer> hidden,
    @Nullable List<Integer> valueHidden,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") Activation activation,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") boolean layerNorm,
    boolean sharedNetwork,
    LogStd logStd,
    @OnlyWith(value = "logStd!=STATE_DEPENDENT", continuousActions = true, initially = true)
        double initialLogStd,
    @Nullable Integer noiseHold,
    boolean normalizeObservations,
    boolean normalizeRewards)
    implements AsynchronousSettings, A3cConfigBuilder.With {

  /** Checks every range. */
  public A3cConfig {
    Require.inRange("actorLearners", actorLearners, 1, 256);
    Require.inRange("rolloutSteps", rolloutSteps, 1, 10_000);
    Require.inRange("gamma", gamma, 0, 1);
    Require.nonNegative("learningRate", learningRate);
    Require.inRange("rmsPropDecay", rmsPropDecay, 0, 0.999999);
    Require.epsilon("rmsPropEpsilon", rmsPropEpsilon);
    Require.nonNegative("valueCoefficient", valueCoefficient);
    Require.nonNegative("entropyCoefficient", entropyCoefficient);
    Require.positive("maxGradientNorm", maxGradientNorm);
    hidden = Require.widths("hidden", hidden);
    valueHidden = Require.optionalWidths("valueHidden", valueHidden);
    Require.layerNorm(layerNorm, sharedNetwork, "sharedNetwork = true");
    Require.apart("valueHidden", valueHidden, sharedNetwork);
    Require.inRange("initialLogStd", initialLogStd, -20, 5);
    Require.exploration(logStd, hidden, layerNorm, noiseHold);
  }

  /** The networks that these settings describe. */
  MlpArchitecture architecture() {
    return new MlpArchitecture(
        hidden, valueHidden, activation, layerNorm, sharedNetwork, logStd, initialLogStd);
  }

  /** The default configuration. */
  public static A3cConfig defaults() {
    return A3cConfigBuilder.builder()
        .actorLearners(Math.min(256, Runtime.getRuntime().availableProcessors()))
        .rolloutSteps(5)
        .gamma(0.99)
        .learningRate(Schedule.linear(7e-4, 0))
        .rmsPropDecay(0.99)
        .rmsPropEpsilon(1e-5)
        .valueCoefficient(0.5)
        .entropyCoefficient(Schedule.constant(0.01))
        .maxGradientNorm(0.5)
        .hidden(List.of(64, 64))
        .valueHidden(null)
        .activation(Activation.TANH)
        .layerNorm(false)
        .sharedNetwork(false)
        .logStd(LogStd.FREE)
        .initialLogStd(0)
        .noiseHold(null)
        .normalizeObservations(false)
        .normalizeRewards(false)
        .build();
  }
}
