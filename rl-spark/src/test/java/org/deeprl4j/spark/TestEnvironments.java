package org.deeprl4j.spark;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.experiments.execution.RunEnvironments;
import org.deeprl4j.mdp.Mdp;

/** The library's own environments, for executors that are told nothing more. */
public final class TestEnvironments implements RunEnvironments {
  /** The seed of runs that have no environment. */
  static final long FAILS = 13;

  /** Made by the {@link java.util.ServiceLoader}. */
  public TestEnvironments() {}

  @Override
  public Supplier<Mdp> of(RunConfig run, List<String> options) {
    if (run.seed() == FAILS) {
      throw new IllegalArgumentException("no environment has seed " + FAILS);
    }
    if (!options.isEmpty()) {
      throw new IllegalArgumentException("the executor was told " + options);
    }
    return Environments.supplier(
        run.environment(), Map.of(), TestEnvironments.class.getClassLoader(), null);
  }
}
