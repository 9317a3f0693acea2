package org.deeprl4j.algorithms.sac;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.configuration.OnlyWith;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.replay.HindsightReplayBuffer;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * Hyper-parameters of SAC with a state-value network. The defaults are those of table 1 of Haarnoja
 * et al. 2018, "Soft actor-critic: off-policy maximum entropy deep reinforcement learning with a
 * stochastic actor", with the inverse of its reward scale of 5 as temperature.
 *
 * @param environments stepped together, in [1, 65536]
 * @param bufferSize transitions remembered, ≥ batchSize
 * @param learningStarts steps with random actions before the first update, ≥ 0
 * @param stepsPerRound environment steps between rounds of updates, ≥ 1
 * @param updatesPerRound updates in a round, in [1, 100 000]
 * @param batchSize B, in [1, 2²⁰]
 * @param gamma γ, the discount, in [0, 1]
 * @param tau τ of the moving average ψ̄ of the value network's parameters, in [10⁻⁹, 1]
 * @param learningRate of the actor, and of what has none of its own, by progress
 * @param criticLearningRate of the value functions, by progress; null for learningRate
 * @param adamEpsilon Adam's ε, in [10⁻³⁰, 10⁹]
 * @param maxGradientNorm bound on the norm of each network's gradient, &gt; 0; null for none
 * @param fixedTemperature α, fixed, ≥ 0
 * @param hidden widths of the hidden layers
 * @param valueHidden widths of those of the value functions; null for {@code hidden}
 * @param activation of the hidden layers
 * @param layerNorm whether hidden layers normalise what they compute (Ba et al. 2016)
 * @param critics number of Q functions, whose minimum is used, in [1, 64]; the paper's 2
 * @param logStd where log σ comes from: STATE_DEPENDENT is the paper's, GSDE explores smoothly
 * @param initialLogStd initial log σ, unless logStd is STATE_DEPENDENT
 * @param noiseHold with GSDE, steps for which noise is held, ≥ 1; null for the length of a round
 * @param returnSteps n of n-step returns, in [1, 1 000]
 * @param prioritizedReplay whether transitions are drawn in proportion to their errors
 * @param priorityAlpha α of prioritised replay, how much errors count, in [0, 1]
 * @param priorityBeta β, how much of the bias that follows is corrected, in [0, 1], by progress
 * @param hindsightGoals replaced goals for each goal kept, in environments with goals; 0 for none
 * @param hindsightStrategy where replaced goals come from
 * @param normalizeObservations whether observations are scaled by their running mean and deviation
 * @param normalizeRewards whether sampled rewards are divided by the running deviation of returns
 */
@RecordBuilder
@RecordBuilder.Options(
    addClassRetainedGenerated = true,
    addConcreteSettersForOptional = RecordBuilder.ConcreteSettersForOptionalMode.DISABLED)
public record SacVConfig(
    int environments,
    int bufferSize,
    long learningStarts,
    int stepsPerRound,
    int updatesPerRound,
    int batchSize,
    double gamma,
    double tau,
    Schedule learningRate,
    @Nullable Schedule criticLearningRate,
    double adamEpsilon,
    @Nullable Double maxGradientNorm,
    double fixedTemperature,
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
    @OnlyWith("prioritizedReplay=true") double priorityAlpha,
    @OnlyWith({"prioritizedReplay=true", "priorityAlpha!=0", "batchSize!=1"}) Schedule priorityBeta,
    int hindsightGoals,
    @OnlyWith("hindsightGoals!=0") HindsightReplayBuffer.Strategy hindsightStrategy,
    boolean normalizeObservations,
    boolean normalizeRewards)
    implements SquashedActor.Settings, SacVConfigBuilder.With {

  /** Checks every range. */
  public SacVConfig {
    Require.offPolicy(
        environments, bufferSize, learningStarts, stepsPerRound, updatesPerRound, batchSize, gamma);
    Require.inRange("tau", tau, 1e-9, 1);
    Require.nonNegative("learningRate", learningRate);
    Require.nonNegative("criticLearningRate", criticLearningRate);
    Require.epsilon("adamEpsilon", adamEpsilon);
    Require.positive("maxGradientNorm", maxGradientNorm);
    Require.nonNegative("fixedTemperature", fixedTemperature);
    hidden = Require.widths("hidden", hidden);
    valueHidden = Require.optionalWidths("valueHidden", valueHidden);
    Require.inRange("critics", critics, 1, 64);
    Require.inRange("initialLogStd", initialLogStd, -20, 2);
    Require.exploration(logStd, hidden, layerNorm, noiseHold);
    Require.replay(returnSteps, priorityAlpha, priorityBeta, hindsightGoals);
  }

  /** The default configuration. */
  public static SacVConfig defaults() {
    return SacVConfigBuilder.builder()
        .environments(1)
        .bufferSize(1_000_000)
        .learningStarts(1000)
        .stepsPerRound(1)
        .updatesPerRound(1)
        .batchSize(256)
        .gamma(0.99)
        .tau(0.005)
        .learningRate(Schedule.constant(3e-4))
        .criticLearningRate(null)
        .adamEpsilon(1e-8)
        .maxGradientNorm(null)
        .fixedTemperature(0.2)
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
        .priorityAlpha(0.6)
        .priorityBeta(Schedule.linear(0.4, 1))
        .hindsightGoals(0)
        .hindsightStrategy(HindsightReplayBuffer.Strategy.FUTURE)
        .normalizeObservations(false)
        .normalizeRewards(false)
        .build();
  }
}
