package org.deeprl4j.experiments.execution;

import java.nio.file.Path;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.run.RunConfig;

/**
 * A run of a study, as data: whoever executes it needs nothing else.
 *
 * @param label that of its variant
 * @param directory of the run, which need not exist
 * @param config what the run is
 * @param until environment steps after which it is left, with its policy evaluated, so that a later
 *     task can go on; {@code config.totalSteps()} for the whole run
 */
public record RunTask(String label, Path directory, RunConfig config, long until) {

  /** Checks that the run is left before its end or there. */
  public RunTask {
    Require.inRange("until", until, 1, config.totalSteps());
  }

  /** The whole run. */
  public RunTask(String label, Path directory, RunConfig config) {
    this(label, directory, config, config.totalSteps());
  }

  /** For messages: {@code ppo on CartPole-v1, seed 3}. */
  @Override
  public String toString() {
    return "%s on %s, seed %d".formatted(label, config.environment(), config.seed());
  }
}
