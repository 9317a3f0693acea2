package org.deeprl4j.experiments.execution;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.training.RolloutWorkers;
import org.jspecify.annotations.Nullable;

/**
 * Brings other machines. {@link java.util.ServiceLoader} finds it, so that a module with one needs
 * only to be on the class path.
 */
public interface ClusterProvider {
  /** Whether an address is of its kind, such as {@code spark://host:7077}. */
  boolean accepts(String address);

  /**
   * Connects to machines that execute runs.
   *
   * @param address that it accepts
   * @param environment options of the command line on environments, for {@link RunEnvironments} on
   *     those machines
   * @param out the directory that all runs are in
   * @param shared an absolute directory that all of these machines have, in which runs are executed
   *     so that one whose machine is lost goes on elsewhere; null if there is none
   * @throws IOException if nothing answers
   */
  Scheduler scheduler(String address, List<String> environment, Path out, @Nullable Path shared)
      throws IOException;

  /**
   * Connects to machines that gather the rollouts of a run.
   *
   * @param address that it accepts
   * @param run an on-policy one
   * @param environment options of the command line on environments, for {@link RunEnvironments} on
   *     those machines
   * @throws IOException if nothing answers
   */
  RolloutWorkers rolloutWorkers(String address, RunConfig run, List<String> environment)
      throws IOException;
}
