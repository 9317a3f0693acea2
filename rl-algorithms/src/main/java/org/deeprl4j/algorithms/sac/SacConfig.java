package org.deeprl4j.algorithms.sac;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.configuration.OnlyWith;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * SAC's hyper-parameters. The defaults are Stable-Baselines3's, which follow table 1 of Haarnoja et
 * al. 2018, "Soft actor-critic algorithms and applications".
 *
 * @param environments stepped together, in [1, 65536]
 * @param bufferSize transitions remembered, ≥ batchSize
 * @param learningStarts steps with random actions before the first update, ≥ 0
 * @param stepsPerRound environment steps between rounds of updates, ≥ 1
 * @param updatesPerRound updates in a round, in [1, 100 000]
 * @param batchSize B, in [1, 2²⁰]
 * @param gamma γ, the discount, in [0, 1]
 * @param tau τ of the target networks' moving average, in [10⁻⁹, 1]
 * @param learningRate of actor, critics and temperature, by progress
 * @param adamEpsilon Adam's ε, in [10⁻³⁰, 10⁹]
 * @param fixedTemperature α fixed, ≥ 0; null to tune it
 * @param initialTemperature initial α if it is tuned, > 0
 * @param targetEntropy H̄; null for −dim(A)
 * @param hidden widths of the hidden layers
 * @param valueHidden widths of those of the value functions, if they differ; null for {@code
 *     hidden}
 * @param activation of the hidden layers
 * @param layerNorm whether hidden layers normalise what they compute (Ba et al. 2016)
 * @param critics number of Q functions, whose minimum is used, in [1, 64]; the paper's 2
 * @param logStd where log σ comes from: STATE_DEPENDENT is the paper's, GSDE explores smoothly
 * @param initialLogStd initial log σ, unless logStd is STATE_DEPENDENT
 * @param noiseHold with GSDE, steps of an environment for which exploration noise is held, ≥ 1;
 *     null for the length of a round
 * @param returnSteps n of n-step returns, in [1, 1 000]
 * @param prioritizedReplay whether transitions are drawn in proportion to their errors
 * @param hindsightGoals replaced goals for each goal kept, k of hindsight experience replay's
 *     "future" strategy (Andrychowicz et al. 2017), in environments with goals; 0 for none
 * @param normalizeObservations whether observations are scaled by their running mean and deviation
 */
@RecordBuilder
@RecordBuilder.Options(
    addClassRetainedGenerated = true,
    addConcreteSettersForOptional = RecordBuilder.ConcreteSettersForOptionalMode.DISABLED)
public record SacConfig(
    int environments,
    int bufferSize,
    long learningStarts,
    int stepsPerRound,
    int updatesPerRound,
    int batchSize,
    double gamma,
    double tau,
    Schedule learningRate,
    double adamEpsilon,
    @Nullable Double fixedTemperature,
    @OnlyWith(value = "fixedTemperature=none", initially = true) double initialTemperature,
    @Nullable Double targetEntropy,
    List<Integer> hidden,
    @Nullable List<Integer> valueHidden,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") Activation activation,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") boolean layerNorm,
    int critics,
    LogStd logStd,
    @OnlyWith(value = "logStd!=STATE_DEPENDENT", initially = true) double initialLogStd,
    @Nullable Integer noiseHold,
    int returnSteps,
    boolean prioritizedReplay,
    int hindsightGoals,
    boolean normalizeObservations)
    implements SquashedActor.Settings, SacConfigBuilder.With {

  /** Checks every range. */
  public SacConfig {
    Require.inRange("environments", environments, 1, Require.MOST_ENVIRONMENTS);
    Require.inRange("batchSize", batchSize, 1, Require.MOST_ROWS);
    Require.atLeast("bufferSize", bufferSize, Math.max(batchSize, environments));
    Require.atLeast("learningStarts", learningStarts, 0);
    Require.atLeast("stepsPerRound", stepsPerRound, 1);
    Require.inRange("updatesPerRound", updatesPerRound, 1, 100_000);
    Require.inRange("gamma", gamma, 0, 1);
    Require.inRange("tau", tau, 1e-9, 1);
    Require.nonNegative("learningRate", learningRate);
    Require.epsilon("adamEpsilon", adamEpsilon);
    Require.nonNegative("fixedTemperature", fixedTemperature);
    Require.inRange("targetEntropy", targetEntropy, -1e9, 1e9);
    Require.notBoth("targetEntropy", targetEntropy, "fixedTemperature", fixedTemperature);
    Require.positive("initialTemperature", initialTemperature);
    hidden = Require.widths("hidden", hidden);
    valueHidden = Require.optionalWidths("valueHidden", valueHidden);
    Require.layerNorm(layerNorm, logStd == LogStd.GSDE, "logStd = GSDE");
    Require.inRange("critics", critics, 1, 64);
    Require.lastLayer(logStd, hidden);
    Require.inRange("initialLogStd", initialLogStd, -20, 2);
    Require.noiseHold(noiseHold, logStd);
    Require.inRange("returnSteps", returnSteps, 1, 1_000);
    Require.inRange("hindsightGoals", hindsightGoals, 0, 1_000);
  }

  /** The default configuration. */
  public static SacConfig defaults() {
    return SacConfigBuilder.builder()
        .environments(1)
        .bufferSize(1_000_000)
        .learningStarts(100)
        .stepsPerRound(1)
        .updatesPerRound(1)
        .batchSize(256)
        .gamma(0.99)
        .tau(0.005)
        .learningRate(Schedule.constant(3e-4))
        .adamEpsilon(1e-8)
        .fixedTemperature(null)
        .initialTemperature(1)
        .targetEntropy(null)
        .hidden(List.of(256, 256))
        .valueHidden(null)
        .activation(Activation.RELU)
        .layerNorm(false)
        .critics(2)
        .logStd(LogStd.STATE_DEPENDENT)
        .initialLogStd(-3)
        .noiseHold(null)
        .returnSteps(1)
        .prioritizedReplay(false)
        .hindsightGoals(0)
        .normalizeObservations(false)
        .build();
  }
}
