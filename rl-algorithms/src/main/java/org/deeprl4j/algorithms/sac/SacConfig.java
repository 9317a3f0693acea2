package org.deeprl4j.algorithms.sac;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * SAC's hyper-parameters. The defaults are Stable-Baselines3's, which follow table 1 of Haarnoja et
 * al. 2018, "Soft actor-critic algorithms and applications".
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
 * @param targetEntropy H̄; null for −dim(A)
 * @param networks widths of the hidden layers, of the actor and of the critics
 * @param activation of the hidden layers
 * @param critics how many Q functions, whose minimum counts, ≥ 1; the paper's 2
 * @param logStd where log σ comes from: STATE_DEPENDENT is the paper's, GSDE explores smoothly
 * @param initialLogStd log σ at the start, unless it is STATE_DEPENDENT
 * @param noiseSteps with GSDE, steps of an environment for which exploration noise is held, ≥ 1;
 *     null for those of a round
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
public record SacConfig(
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
    @Nullable Double targetEntropy,
    List<Integer> networks,
    Activation activation,
    int critics,
    LogStd logStd,
    double initialLogStd,
    @Nullable Integer noiseSteps,
    int returnSteps,
    boolean prioritizedReplay,
    int hindsight,
    boolean normalizeObservations)
    implements SacConfigBuilder.With {

  /** Checks every range. */
  public SacConfig {
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
    Require.atLeast("critics", critics, 1);
    Require.lastLayer(logStd, networks);
    Require.inRange("initialLogStd", initialLogStd, -20, 2);
    if (noiseSteps != null) {
      Require.atLeast("noiseSteps", noiseSteps, 1);
    }
    Require.atLeast("returnSteps", returnSteps, 1);
    Require.atLeast("hindsight", hindsight, 0);
  }

  /** Every default. */
  public static SacConfig defaults() {
    return new SacConfig(
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
        null,
        List.of(256, 256),
        Activation.RELU,
        2,
        LogStd.STATE_DEPENDENT,
        -3,
        null,
        1,
        false,
        0,
        false);
  }
}
