package org.deeprl4j.algorithms.training;

import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.deeprl4j.space.Space;

/**
 * An algorithm as the registry, configuration files and the command line present it.
 *
 * @param id in lower case: {@code ppo}
 * @param title one line for lists
 * @param defaults the default configuration
 * @param actions checks whether the algorithm can learn with an action space; throws {@link
 *     IllegalArgumentException} if not, saying what it needs
 * @param starter starts a run
 * @param <C> the type of its configuration, a record of its hyper-parameters
 */
public record Algorithm<C extends Record>(
    String id,
    String title,
    C defaults,
    Consumer<Space> actions,
    BiFunction<TrainingSetup, C, Trainer> starter) {

  /**
   * Checks that the algorithm can learn with an action space.
   *
   * @throws IllegalArgumentException if not, saying what it needs
   */
  public void checkActions(Space space) {
    actions.accept(space);
  }

  /** Starts a run. */
  public Trainer start(TrainingSetup setup, C configuration) {
    return starter.apply(setup, configuration);
  }
}
