package org.deeprl4j.algorithms.dqn;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.OnlyWith;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.training.OffPolicySettings;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.replay.HindsightReplayBuffer;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.schedule.Schedule.Point;
import org.jspecify.annotations.Nullable;

/**
 * DQN's hyper-parameters. The defaults are Stable-Baselines3's.
 *
 * @param environments stepped together, in [1, 65536]
 * @param bufferSize transitions remembered, ≥ batchSize
 * @param learningStarts steps with random actions before the first update, ≥ 0
 * @param stepsPerRound environment steps between rounds of updates, ≥ 1
 * @param updatesPerRound updates in a round, in [1, 100 000]
 * @param batchSize B, in [1, 2²⁰]
 * @param gamma γ, the discount, in [0, 1]
 * @param targetEveryUpdates C, updates between updates of the target network, ≥ 1
 * @param tau τ of the target network's updates, in [10⁻⁹, 1]; 1 copies the parameters
 * @param learningRate by progress
 * @param adamEpsilon Adam's ε, in [10⁻³⁰, 10⁹]
 * @param maxGradientNorm bound on the gradient's norm, &gt; 0; null for none
 * @param loss the loss of an error
 * @param explorationRate ε, the fraction of random actions, in [0, 1], by progress
 * @param doubleQ whether the network selects the next action and the target network evaluates it
 * @param dueling whether Q = V + A − mean(A) has two streams
 * @param hidden widths of the hidden layers; with dueling, each stream has its own last layer
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
public record DqnConfig(
    int environments,
    int bufferSize,
    long learningStarts,
    int stepsPerRound,
    int updatesPerRound,
    int batchSize,
    double gamma,
    int targetEveryUpdates,
    double tau,
    Schedule learningRate,
    double adamEpsilon,
    @Nullable Double maxGradientNorm,
    Loss loss,
    Schedule explorationRate,
    boolean doubleQ,
    boolean dueling,
    List<Integer> hidden,
    @OnlyWith("hidden!=[]") Activation activation,
    @OnlyWith("hidden!=[]") boolean layerNorm,
    int returnSteps,
    boolean prioritizedReplay,
    @OnlyWith("prioritizedReplay=true") double priorityAlpha,
    @OnlyWith({"prioritizedReplay=true", "priorityAlpha!=0", "batchSize!=1"}) Schedule priorityBeta,
    int hindsightGoals,
    @OnlyWith("hindsightGoals!=0") HindsightReplayBuffer.Strategy hindsightStrategy,
    boolean normalizeObservations,
    boolean normalizeRewards)
    implements OffPolicySettings, DqnConfigBuilder.With {

  /** The loss of an error δ = Q(s, a) − y. */
  public enum Loss {
    /** ½ δ². */
    SQUARED,
    /** ½ δ² for |δ| ≤ 1, otherwise |δ| − ½ (Mnih et al. 2015, "the error clipped to [−1, 1]"). */
    HUBER
  }

  /** Checks every range. */
  public DqnConfig {
    Require.offPolicy(
        environments, bufferSize, learningStarts, stepsPerRound, updatesPerRound, batchSize, gamma);
    Require.atLeast("targetEveryUpdates", targetEveryUpdates, 1);
    Require.inRange("tau", tau, 1e-9, 1);
    Require.nonNegative("learningRate", learningRate);
    Require.epsilon("adamEpsilon", adamEpsilon);
    Require.positive("maxGradientNorm", maxGradientNorm);
    Require.inRange("explorationRate", explorationRate, 0, 1);
    hidden = Require.widths("hidden", hidden);
    Require.layerNorm(layerNorm, dueling, "dueling = true");
    Require.replay(returnSteps, priorityAlpha, priorityBeta, hindsightGoals);
  }

  /** The default configuration. */
  public static DqnConfig defaults() {
    return DqnConfigBuilder.builder()
        .environments(1)
        .bufferSize(1_000_000)
        .learningStarts(100)
        .stepsPerRound(4)
        .updatesPerRound(1)
        .batchSize(32)
        .gamma(0.99)
        .targetEveryUpdates(2500)
        .tau(1)
        .learningRate(Schedule.constant(1e-4))
        .adamEpsilon(1e-8)
        .maxGradientNorm(10.0)
        .loss(Loss.HUBER)
        .explorationRate(Schedule.piecewise(new Point(0, 1), new Point(0.1, 0.05)))
        .doubleQ(false)
        .dueling(false)
        .hidden(List.of(64, 64))
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
