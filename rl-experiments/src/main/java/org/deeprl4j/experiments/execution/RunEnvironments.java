package org.deeprl4j.experiments.execution;

import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.mdp.Mdp;

/**
 * Makes environments where runs are executed, if that is not where they are scheduled: a function
 * cannot travel there, a name can. {@link ServiceLoader} finds it.
 */
public interface RunEnvironments {
  /**
   * The environment of a run.
   *
   * @param options of the command line on environments
   * @throws RuntimeException if there is no such environment
   */
  Supplier<Mdp> of(RunConfig run, List<String> options);

  /**
   * Finds the environments that a class loader knows.
   *
   * @throws IllegalStateException if it knows none
   */
  static RunEnvironments find(ClassLoader loader) {
    return ServiceLoader.load(RunEnvironments.class, loader)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no environments are on the class path: rl.jar brings them"));
  }
}
