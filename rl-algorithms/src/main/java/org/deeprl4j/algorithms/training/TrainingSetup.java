package org.deeprl4j.algorithms.training;

import java.util.function.Supplier;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.nn.Compute;

/**
 * What every algorithm needs to start.
 *
 * @param environment creates a new environment, with its time limit, at each call
 * @param totalSteps environment steps of the whole run, for schedules
 * @param seed decides every random number of the run
 * @param compute kernels and threads
 */
public record TrainingSetup(
    Supplier<? extends Mdp> environment, long totalSteps, long seed, Compute compute) {}
