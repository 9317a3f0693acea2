package org.deeprl4j.algorithms.training;

/** What the asynchronous regime reads of a configuration. */
public interface AsynchronousSettings {
  /** Threads, each an actor-learner. */
  int actorLearners();

  /** t_max, the maximum number of steps between updates. */
  int rolloutSteps();
}
