package org.deeprl4j.algorithms.training;

import org.deeprl4j.nn.Compute;

/** Setups of tests that need no environment. */
public final class Setups {
  private Setups() {}

  /** A setup whose environment must not be asked for. */
  public static TrainingSetup withoutEnvironment(Compute compute) {
    return new TrainingSetup(
        () -> {
          throw new AssertionError("no environment is needed");
        },
        1,
        1,
        compute);
  }
}
