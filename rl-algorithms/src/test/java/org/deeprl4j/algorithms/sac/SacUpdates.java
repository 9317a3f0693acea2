package org.deeprl4j.algorithms.sac;

import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.training.OffPolicyLearner;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.space.Box;

/** Makes learners for the benchmark, which is in another package. */
public final class SacUpdates {
  private SacUpdates() {}

  /** SAC for plain observations and a Box of actions in [−1, 1]. */
  public static OffPolicyLearner learner(
      Compute compute, SacConfig config, int observations, int actions) {
    return new Sac(config, Batches.context(compute, observations, Box.of(-1, 1, actions), 1));
  }
}
