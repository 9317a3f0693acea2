package org.deeprl4j.algorithms.reinforce;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.configuration.OnlyWith;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.training.EpisodicSettings;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * REINFORCE's hyper-parameters.
 *
 * @param episodesPerUpdate K, episodes per update, in [1, 100 000]
 * @param gamma γ, the discount, in [0, 1]
 * @param baseline whether a learned V(s) is subtracted from returns
 * @param discountedVisits whether the step at time t has weight γᵗ, as in the gradient of the
 *     discounted return; otherwise all steps have the same weight, as is usual
 * @param learningRate Adam's step size, by progress
 * @param adamEpsilon Adam's ε, in [10⁻³⁰, 10⁹]
 * @param valueCoefficient weight of the baseline's loss, ≥ 0
 * @param entropyCoefficient β, ≥ 0, by progress
 * @param maxGradientNorm bound on the gradient's global norm, &gt; 0; null for none
 * @param hidden widths of the hidden layers
 * @param valueHidden widths of those of the baseline, if they differ; null for {@code hidden}
 * @param activation of the hidden layers
 * @param layerNorm whether hidden layers normalise what they compute (Ba et al. 2016)
 * @param initialLogStd initial log σ, for continuous actions
 * @param normalizeObservations whether observations are scaled by their running mean and deviation
 * @param normalizeRewards whether rewards are scaled by the running deviation of the discounted
 *     return
 */
@RecordBuilder
@RecordBuilder.Options(
    addClassRetainedGenerated = true,
    addConcreteSettersForOptional = RecordBuilder.ConcreteSettersForOptionalMode.DISABLED)
public record ReinforceConfig(
    int episodesPerUpdate,
    double gamma,
    boolean baseline,
    boolean discountedVisits,
    Schedule learningRate,
    double adamEpsilon,
    @OnlyWith("baseline=true") double valueCoefficient,
    Schedule entropyCoefficient,
    @Nullable Double maxGradientNorm,
    List<Integer> hidden,
    @Nullable List<Integer> valueHidden,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") Activation activation,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") boolean layerNorm,
    @OnlyWith(continuousActions = true, initially = true) double initialLogStd,
    boolean normalizeObservations,
    boolean normalizeRewards)
    implements EpisodicSettings, ReinforceConfigBuilder.With {

  /** Checks every range. */
  public ReinforceConfig {
    Require.inRange("episodesPerUpdate", episodesPerUpdate, 1, 100_000);
    Require.inRange("gamma", gamma, 0, 1);
    Require.nonNegative("learningRate", learningRate);
    Require.epsilon("adamEpsilon", adamEpsilon);
    Require.nonNegative("valueCoefficient", valueCoefficient);
    Require.nonNegative("entropyCoefficient", entropyCoefficient);
    Require.positive("maxGradientNorm", maxGradientNorm);
    hidden = Require.widths("hidden", hidden);
    valueHidden = Require.optionalWidths("valueHidden", valueHidden);
    Require.inRange("initialLogStd", initialLogStd, -20, 5);
  }

  /** The networks that these settings describe. */
  MlpArchitecture architecture() {
    return new MlpArchitecture(
        hidden, valueHidden, activation, layerNorm, false, LogStd.FREE, initialLogStd);
  }

  /** The default configuration. */
  public static ReinforceConfig defaults() {
    return ReinforceConfigBuilder.builder()
        .episodesPerUpdate(5)
        .gamma(0.99)
        .baseline(true)
        .discountedVisits(false)
        .learningRate(Schedule.linear(3e-3, 0))
        .adamEpsilon(1e-8)
        .valueCoefficient(0.5)
        .entropyCoefficient(Schedule.constant(0))
        .maxGradientNorm(null)
        .hidden(List.of(64, 64))
        .valueHidden(null)
        .activation(Activation.TANH)
        .layerNorm(false)
        .initialLogStd(0)
        .normalizeObservations(false)
        .normalizeRewards(false)
        .build();
  }
}
