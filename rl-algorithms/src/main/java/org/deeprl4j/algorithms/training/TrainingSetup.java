package org.deeprl4j.algorithms.training;

import java.util.function.Supplier;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.FeatureExtractor;

/**
 * The parameters that every algorithm needs to start.
 *
 * @param environment creates a new environment, with its time limit, at each call
 * @param totalSteps environment steps of the whole run, for schedules
 * @param seed seeds every random number of the run
 * @param compute kernels and threads
 * @param features describes what hidden layers see of an observation
 */
public record TrainingSetup(
    Supplier<? extends Mdp> environment,
    long totalSteps,
    long seed,
    Compute compute,
    FeatureExtractor features) {
  /** With {@link FeatureExtractor#pictures()}. */
  public TrainingSetup(
      Supplier<? extends Mdp> environment, long totalSteps, long seed, Compute compute) {
    this(environment, totalSteps, seed, compute, FeatureExtractor.pictures());
  }
}
