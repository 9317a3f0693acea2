package org.deeprl4j.experiments;

import java.nio.file.Path;
import org.deeprl4j.algorithms.run.RunConfig;

/**
 * A run of a study, as data: whoever executes it needs nothing else.
 *
 * @param label that of its variant
 * @param directory of the run, which need not exist
 * @param config what the run is
 */
public record RunTask(String label, Path directory, RunConfig config) {
  /** For messages: {@code ppo on CartPole-v1, seed 3}. */
  @Override
  public String toString() {
    return "%s on %s, seed %d".formatted(label, config.environment(), config.seed());
  }
}
