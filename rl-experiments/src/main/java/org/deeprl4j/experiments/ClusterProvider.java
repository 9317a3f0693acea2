package org.deeprl4j.experiments;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings a scheduler for other machines. {@link java.util.ServiceLoader} finds it, so that a module
 * with one needs only to be on the class path.
 */
public interface SchedulerProvider {
  /** Whether an address is of its kind, such as {@code spark://host:7077}. */
  boolean accepts(String address);

  /**
   * Connects to the machines.
   *
   * @param address that it accepts
   * @param environment options of the command line on environments, for {@link RunEnvironments} on
   *     those machines
   * @param shared an absolute directory that all of these machines have, in which runs are executed
   *     so that one whose machine is lost goes on elsewhere; null if there is none
   * @throws IOException if nothing answers
   */
  Scheduler connect(String address, List<String> environment, @Nullable Path shared)
      throws IOException;
}
