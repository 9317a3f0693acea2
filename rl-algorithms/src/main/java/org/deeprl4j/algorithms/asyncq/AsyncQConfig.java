package org.deeprl4j.algorithms.asyncq;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import org.deeprl4j.algorithms.configuration.OnlyWith;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.training.AsynchronousSettings;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * Hyper-parameters of the asynchronous value methods. The default final ε are the paper's.
 *
 * @param actorLearners threads, each an actor-learner, in [1, 256]; by default one per core
 * @param rolloutSteps I_AsyncUpdate or t_max, the maximum number of steps between updates, in [1,
 *     10 000]
 * @param gamma γ, the discount, in [0, 1]
 * @param targetEverySteps I_target, steps of all threads between copies of θ to θ⁻, ≥ 1
 * @param learningRate RMSProp's step size, by progress
 * @param rmsPropDecay RMSProp's α, in [0, 0.999999]
 * @param rmsPropEpsilon RMSProp's ε, in [10⁻³⁰, 10⁹]
 * @param maxGradientNorm bound on the gradient's norm, &gt; 0; null for none
 * @param initialEpsilon the initial fraction of random actions, in [0, 1]
 * @param finalEpsilons the final fractions, in [0, 1]: thread i takes the (i mod size)-th
 * @param explorationFraction the fraction of the run over which it falls, in (0, 1]
 * @param hidden widths of the hidden layers
 * @param activation of the hidden layers
 * @param layerNorm whether hidden layers normalise what they compute (Ba et al. 2016)
 * @param normalizeObservations whether observations are scaled by their running mean and deviation
 * @param normalizeRewards whether rewards are scaled by the running deviation of the discounted
 *     return
 */
@RecordBuilder
@RecordBuilder.Options(
    addClassRetainedGenerated = true,
    addConcreteSettersForOptional = RecordBuilder.ConcreteSettersForOptionalMode.DISABLED)
public record AsyncQConfig(
    int actorLearners,
    int rolloutSteps,
    double gamma,
    int targetEverySteps,
    Schedule learningRate,
    double rmsPropDecay,
    double rmsPropEpsilon,
    @Nullable Double maxGradientNorm,
    double initialEpsilon,
    List<Double> finalEpsilons,
    double explorationFraction,
    List<Integer> hidden,
    @OnlyWith("hidden!=[]") Activation activation,
    @OnlyWith("hidden!=[]") boolean layerNorm,
    boolean normalizeObservations,
    boolean normalizeRewards)
    implements AsynchronousSettings, AsyncQConfigBuilder.With {

  /** Checks every range. */
  public AsyncQConfig {
    Require.inRange("actorLearners", actorLearners, 1, 256);
    Require.inRange("rolloutSteps", rolloutSteps, 1, 10_000);
    Require.inRange("gamma", gamma, 0, 1);
    Require.atLeast("targetEverySteps", targetEverySteps, 1);
    Require.nonNegative("learningRate", learningRate);
    Require.inRange("rmsPropDecay", rmsPropDecay, 0, 0.999999);
    Require.epsilon("rmsPropEpsilon", rmsPropEpsilon);
    Require.positive("maxGradientNorm", maxGradientNorm);
    Require.inRange("initialEpsilon", initialEpsilon, 0, 1);
    finalEpsilons = List.copyOf(finalEpsilons);
    Require.atLeast("the number of finalEpsilons", finalEpsilons.size(), 1);
    for (double epsilon : finalEpsilons) {
      Require.inRange("finalEpsilons", epsilon, 0, 1);
    }
    Require.inRange("explorationFraction", explorationFraction, Double.MIN_VALUE, 1);
    hidden = Require.widths("hidden", hidden);
  }

  /** The default configuration. */
  public static AsyncQConfig defaults() {
    return AsyncQConfigBuilder.builder()
        .actorLearners(Math.min(256, Runtime.getRuntime().availableProcessors()))
        .rolloutSteps(5)
        .gamma(0.99)
        .targetEverySteps(10_000)
        .learningRate(Schedule.linear(7e-4, 0))
        .rmsPropDecay(0.99)
        .rmsPropEpsilon(1e-5)
        .maxGradientNorm(10.0)
        .initialEpsilon(1)
        .finalEpsilons(List.of(0.1, 0.01, 0.5))
        .explorationFraction(0.5)
        .hidden(List.of(64, 64))
        .activation(Activation.RELU)
        .layerNorm(false)
        .normalizeObservations(false)
        .normalizeRewards(false)
        .build();
  }

  /** The ε of a thread. */
  double epsilon(int index, double progress) {
    double last = finalEpsilons.get(index % finalEpsilons.size());
    double part = Math.min(1, progress / explorationFraction);
    return initialEpsilon + part * (last - initialEpsilon);
  }
}
