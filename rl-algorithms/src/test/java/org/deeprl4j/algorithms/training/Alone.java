package org.deeprl4j.algorithms.training;

import org.deeprl4j.algorithms.a3c.A3cConfig;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;

/** Makes environments for actor-learners that a test advances itself. */
public final class Alone {
  private Alone() {}

  /** A view of an environment, which it resets. */
  public static SingleEnvironment of(Mdp environment, Compute compute) {
    TrainingSetup setup = new TrainingSetup(() -> environment, 1_000_000, 7, compute);
    return new SingleEnvironment(
        setup, A3cConfig.defaults(), new EpisodeLog(), () -> 1, new Rng(3));
  }
}
