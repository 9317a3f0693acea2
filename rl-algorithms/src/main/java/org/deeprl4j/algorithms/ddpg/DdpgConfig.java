package org.deeprl4j.algorithms.ddpg;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.ActionNoise;
import org.deeprl4j.algorithms.training.OffPolicySettings;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.schedule.Schedule;

/**
 * DDPG's hyper-parameters. The defaults are Stable-Baselines3's, with the paper's exploration.
 *
 * @param environments stepped together, ≥ 1
 * @param bufferSize transitions remembered, ≥ batchSize
 * @param learningStarts steps with random actions before the first update, ≥ 0
 * @param stepsPerRound environment steps between rounds of updates, ≥ 1
 * @param updatesPerRound updates in a round, ≥ 1
 * @param batchSize rows of a batch, ≥ 1
 * @param gamma γ, the discount, in [0, 1]
 * @param tau τ of the target networks' moving averages, in (0, 1]
 * @param actorLearningRate by progress
 * @param criticLearningRate by progress
 * @param adamEpsilon Adam's ε, &gt; 0
 * @param noise the random process to explore with
 * @param noiseSigma σ of the noise, by progress, for actions in [−1, 1], ≥ 0
 * @param hidden widths of the hidden layers, of the actor and of the critics
 * @param activation of the hidden layers
 * @param returnSteps n of n-step returns, ≥ 1
 * @param prioritizedReplay whether transitions are drawn in proportion to their errors
 * @param hindsightGoals replaced goals for each goal kept, k of hindsight experience replay's
 *     "future" strategy (Andrychowicz et al. 2017), in environments with goals; 0 for none
 * @param normalizeObservations whether observations are scaled by their running mean and deviation
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
    ActionNoise.Kind noise,
    Schedule noiseSigma,
    List<Integer> hidden,
    Activation activation,
    int returnSteps,
    boolean prioritizedReplay,
    int hindsightGoals,
    boolean normalizeObservations)
    implements OffPolicySettings, DdpgConfigBuilder.With {

  /** Checks every range. */
  public DdpgConfig {
    Require.atLeast("environments", environments, 1);
    Require.atLeast("batchSize", batchSize, 1);
    Require.atLeast("bufferSize", bufferSize, Math.max(batchSize, environments));
    Require.atLeast("learningStarts", learningStarts, 0);
    Require.atLeast("stepsPerRound", stepsPerRound, 1);
    Require.atLeast("updatesPerRound", updatesPerRound, 1);
    Require.inRange("gamma", gamma, 0, 1);
    Require.inRange("tau", tau, Double.MIN_VALUE, 1);
    Require.nonNegative("actorLearningRate", actorLearningRate);
    Require.nonNegative("criticLearningRate", criticLearningRate);
    Require.positive("adamEpsilon", adamEpsilon);
    Require.nonNegative("noiseSigma", noiseSigma);
    hidden = Require.widths("hidden", hidden);
    Require.atLeast("returnSteps", returnSteps, 1);
    Require.atLeast("hindsightGoals", hindsightGoals, 0);
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
        .noise(ActionNoise.Kind.ORNSTEIN_UHLENBECK)
        .noiseSigma(Schedule.constant(0.2))
        .hidden(List.of(400, 300))
        .activation(Activation.RELU)
        .returnSteps(1)
        .prioritizedReplay(false)
        .hindsightGoals(0)
        .normalizeObservations(false)
        .build();
  }
}
