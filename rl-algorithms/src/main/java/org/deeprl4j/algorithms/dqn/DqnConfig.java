package org.deeprl4j.algorithms.dqn;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.ActionValues;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * DQN's hyper-parameters. The defaults are Stable-Baselines3's.
 *
 * @param environments stepped together, ≥ 1
 * @param bufferSize transitions remembered, ≥ batchSize
 * @param learningStarts steps with random actions before the first update, ≥ 0
 * @param trainEvery steps between rounds of updates, ≥ 1
 * @param updates in a round, ≥ 1
 * @param batchSize B, ≥ 1
 * @param gamma γ, the discount, in [0, 1]
 * @param targetEvery C, updates from one update of the target network to the next, ≥ 1
 * @param tau how far the target network then moves, in (0, 1]; 1 copies
 * @param learningRate by progress
 * @param adamEpsilon Adam's ε, &gt; 0
 * @param maxGradientNorm bound on the gradient's norm, &gt; 0; null for none
 * @param loss of an error
 * @param initialEpsilon ε at the start, in [0, 1]
 * @param finalEpsilon ε from explorationFraction on, in [0, 1]
 * @param explorationFraction the part of the run over which ε goes from one to the other, in [0, 1]
 * @param doubleQ whether the network chooses the next action and the target only values it
 * @param dueling whether Q = V + A − mean(A) has two streams
 * @param networks widths of the hidden layers; the last is each stream's own where they are dueling
 * @param activation of the hidden layers
 * @param returnSteps n of n-step returns, ≥ 1
 * @param prioritizedReplay whether transitions are drawn in proportion to their errors
 * @param hindsight goals replaced to one kept, k of hindsight experience replay's "future" strategy
 *     (Andrychowicz et al. 2017), in environments with goals; 0 for none
 * @param normalizeObservations whether observations are scaled by their running mean and deviation
 */
@RecordBuilder
@RecordBuilder.Options(
    addClassRetainedGenerated = true,
    addConcreteSettersForOptional = RecordBuilder.ConcreteSettersForOptionalMode.DISABLED)
public record DqnConfig(
    int environments,
    int bufferSize,
    long learningStarts,
    int trainEvery,
    int updates,
    int batchSize,
    double gamma,
    int targetEvery,
    double tau,
    Schedule learningRate,
    double adamEpsilon,
    @Nullable Double maxGradientNorm,
    ActionValues.Loss loss,
    double initialEpsilon,
    double finalEpsilon,
    double explorationFraction,
    boolean doubleQ,
    boolean dueling,
    List<Integer> networks,
    Activation activation,
    int returnSteps,
    boolean prioritizedReplay,
    int hindsight,
    boolean normalizeObservations)
    implements DqnConfigBuilder.With {

  /** Checks every range. */
  public DqnConfig {
    Require.atLeast("environments", environments, 1);
    Require.atLeast("batchSize", batchSize, 1);
    Require.atLeast("bufferSize", bufferSize, Math.max(batchSize, environments));
    Require.atLeast("learningStarts", learningStarts, 0);
    Require.atLeast("trainEvery", trainEvery, 1);
    Require.atLeast("updates", updates, 1);
    Require.inRange("gamma", gamma, 0, 1);
    Require.atLeast("targetEvery", targetEvery, 1);
    Require.inRange("tau", tau, Double.MIN_VALUE, 1);
    Require.nonNegative("learningRate", learningRate);
    Require.positive("adamEpsilon", adamEpsilon);
    Require.positive("maxGradientNorm", maxGradientNorm);
    Require.inRange("initialEpsilon", initialEpsilon, 0, 1);
    Require.inRange("finalEpsilon", finalEpsilon, 0, 1);
    Require.inRange("explorationFraction", explorationFraction, 0, 1);
    networks = Require.widths("networks", networks);
    Require.atLeast("returnSteps", returnSteps, 1);
    Require.atLeast("hindsight", hindsight, 0);
  }

  /** ε at a progress in [0, 1]. */
  public double epsilon(double progress) {
    double part = explorationFraction == 0 ? 1 : Math.min(1, progress / explorationFraction);
    return initialEpsilon + part * (finalEpsilon - initialEpsilon);
  }

  /** Every default. */
  public static DqnConfig defaults() {
    return new DqnConfig(
        1,
        1_000_000,
        100,
        4,
        1,
        32,
        0.99,
        2500,
        1,
        Schedule.constant(1e-4),
        1e-8,
        10.0,
        ActionValues.Loss.HUBER,
        1,
        0.05,
        0.1,
        false,
        false,
        List.of(64, 64),
        Activation.RELU,
        1,
        false,
        0,
        false);
  }
}
