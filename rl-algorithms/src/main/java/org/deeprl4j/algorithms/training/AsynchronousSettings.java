package org.deeprl4j.algorithms.training;

/** The settings that the asynchronous regime reads. */
public interface AsynchronousSettings extends ScalingSettings {
  /** Threads, each an actor-learner. */
  int actorLearners();

  /** t_max, the maximum number of steps between updates. */
  int rolloutSteps();
}
