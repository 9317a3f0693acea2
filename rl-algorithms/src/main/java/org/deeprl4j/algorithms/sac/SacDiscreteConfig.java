package org.deeprl4j.algorithms.sac;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * Hyper-parameters of SAC for discrete actions. The defaults are those of {@link SacConfig}, with
 * the target entropy of Christodoulou 2019, section 4.
 *
 * @param environments stepped together, ≥ 1
 * @param bufferSize transitions remembered, ≥ batchSize
 * @param learningStarts steps with random actions before the first update, ≥ 0
 * @param trainEvery steps between rounds of updates, ≥ 1
 * @param updates in a round, ≥ 1
 * @param batchSize B, ≥ 1
 * @param gamma γ, the discount, in [0, 1]
 * @param tau τ of the target networks' moving average, in (0, 1]
 * @param learningRate of actor, critics and temperature, by progress
 * @param adamEpsilon Adam's ε, > 0
 * @param temperature α fixed, ≥ 0; null to tune it
 * @param initialTemperature α at the start where it is tuned, > 0
 * @param targetEntropyRatio H̄ as a part of the entropy of uniform actions, log n, in [0, 1]
 * @param networks widths of the hidden layers, of the actor and of the critics
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
public record SacDiscreteConfig(
    int environments,
    int bufferSize,
    long learningStarts,
    int trainEvery,
    int updates,
    int batchSize,
    double gamma,
    double tau,
    Schedule learningRate,
    double adamEpsilon,
    @Nullable Double temperature,
    double initialTemperature,
    double targetEntropyRatio,
    List<Integer> networks,
    Activation activation,
    int returnSteps,
    boolean prioritizedReplay,
    int hindsight,
    boolean normalizeObservations)
    implements SacDiscreteConfigBuilder.With {

  /** Checks every range. */
  public SacDiscreteConfig {
    Require.atLeast("environments", environments, 1);
    Require.atLeast("batchSize", batchSize, 1);
    Require.atLeast("bufferSize", bufferSize, Math.max(batchSize, environments));
    Require.atLeast("learningStarts", learningStarts, 0);
    Require.atLeast("trainEvery", trainEvery, 1);
    Require.atLeast("updates", updates, 1);
    Require.inRange("gamma", gamma, 0, 1);
    Require.inRange("tau", tau, Double.MIN_VALUE, 1);
    Require.nonNegative("learningRate", learningRate);
    Require.positive("adamEpsilon", adamEpsilon);
    if (temperature != null) {
      Require.nonNegative("temperature", temperature);
    }
    Require.positive("initialTemperature", initialTemperature);
    networks = Require.widths("networks", networks);
    Require.inRange("targetEntropyRatio", targetEntropyRatio, 0, 1);
    Require.atLeast("returnSteps", returnSteps, 1);
    Require.atLeast("hindsight", hindsight, 0);
  }

  /** Every default. */
  public static SacDiscreteConfig defaults() {
    return new SacDiscreteConfig(
        1,
        1_000_000,
        100,
        1,
        1,
        256,
        0.99,
        0.005,
        Schedule.constant(3e-4),
        1e-8,
        null,
        1,
        0.98,
        List.of(256, 256),
        Activation.RELU,
        1,
        false,
        0,
        false);
  }
}
