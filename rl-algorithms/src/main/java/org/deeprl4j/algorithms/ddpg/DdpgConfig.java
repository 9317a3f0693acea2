package org.deeprl4j.algorithms.ddpg;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.OnlyWith;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.ActionNoise;
import org.deeprl4j.algorithms.training.OffPolicySettings;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.replay.HindsightReplayBuffer;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * DDPG's hyper-parameters. The defaults are Stable-Baselines3's, with the paper's exploration.
 *
 * @param environments stepped together, in [1, 65536]
 * @param bufferSize transitions remembered, ≥ batchSize
 * @param learningStarts steps with random actions before the first update, ≥ 0
 * @param stepsPerRound environment steps between rounds of updates, ≥ 1
 * @param updatesPerRound updates in a round, in [1, 100 000]
 * @param batchSize rows of a batch, in [1, 2²⁰]
 * @param gamma γ, the discount, in [0, 1]
 * @param tau τ of the target networks' moving averages, in [10⁻⁹, 1]
 * @param actorLearningRate by progress
 * @param criticLearningRate by progress
 * @param adamEpsilon Adam's ε, in [10⁻³⁰, 10⁹]
 * @param maxGradientNorm bound on the norm of each network's gradient, &gt; 0; null for none
 * @param noise the random process to explore with
 * @param noiseSigma σ of the noise, by progress, for actions in [−1, 1], ≥ 0
 * @param hidden widths of the hidden layers
 * @param valueHidden widths of those of the value functions; null for {@code hidden}
 * @param activation of the hidden layers
 * @param layerNorm whether hidden layers normalise what they compute (Ba et al. 2016)
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
public record DdpgConfig(
    int environments,
    int bufferSize,
    long learningStarts,
    int stepsPerRound,
    int updatesPerRound,
    int batchSize,
    double gamma,
    double tau,
    Schedule actorLearningRate,
    Schedule criticLearningRate,
    double adamEpsilon,
    @Nullable Double maxGradientNorm,
    @OnlyWith("noiseSigma!=0") ActionNoise.Kind noise,
    Schedule noiseSigma,
    List<Integer> hidden,
    @Nullable List<Integer> valueHidden,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") Activation activation,
    @OnlyWith("hidden!=[] or valueHidden!=none|[]") boolean layerNorm,
    int returnSteps,
    boolean prioritizedReplay,
    @OnlyWith("prioritizedReplay=true") double priorityAlpha,
    @OnlyWith({"prioritizedReplay=true", "priorityAlpha!=0", "batchSize!=1"}) Schedule priorityBeta,
    int hindsightGoals,
    @OnlyWith("hindsightGoals!=0") HindsightReplayBuffer.Strategy hindsightStrategy,
    boolean normalizeObservations,
    boolean normalizeRewards)
    implements OffPolicySettings, DdpgConfigBuilder.With {

  /** Checks every range. */
  public DdpgConfig {
    Require.offPolicy(
        environments, bufferSize, learningStarts, stepsPerRound, updatesPerRound, batchSize, gamma);
    Require.inRange("tau", tau, 1e-9, 1);
    Require.nonNegative("actorLearningRate", actorLearningRate);
    Require.nonNegative("criticLearningRate", criticLearningRate);
    Require.epsilon("adamEpsilon", adamEpsilon);
    Require.positive("maxGradientNorm", maxGradientNorm);
    Require.nonNegative("noiseSigma", noiseSigma);
    hidden = Require.widths("hidden", hidden);
    valueHidden = Require.optionalWidths("valueHidden", valueHidden);
    Require.replay(returnSteps, priorityAlpha, priorityBeta, hindsightGoals);
  }

  /** The default configuration. */
  public static DdpgConfig defaults() {
    return DdpgConfigBuilder.builder()
        .environments(1)
        .bufferSize(1_000_000)
        .learningStarts(100)
        .stepsPerRound(1)
        .updatesPerRound(1)
        .batchSize(256)
        .gamma(0.99)
        .tau(0.005)
        .actorLearningRate(Schedule.constant(1e-3))
        .criticLearningRate(Schedule.constant(1e-3))
        .adamEpsilon(1e-8)
        .maxGradientNorm(null)
        .noise(ActionNoise.Kind.ORNSTEIN_UHLENBECK)
        .noiseSigma(Schedule.constant(0.2))
        .hidden(List.of(400, 300))
        .valueHidden(null)
        .activation(Activation.RELU)
        .layerNorm(false)
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
