package org.deeprl4j.training;

import org.deeprl4j.space.Space;

/**
 * An algorithm as registries, configuration files and the command line know it.
 *
 * @param <C> its configuration, a record whose components are its hyper-parameters
 */
public interface Algorithm<C extends Record> {
  /** The id, lower case: {@code ppo}. */
  String id();

  /** One line for lists. */
  String title();

  /** The configuration with every default. */
  C defaults();

  /**
   * Whether the algorithm can learn with these spaces.
   *
   * @throws IllegalArgumentException if not, saying what it needs
   */
  void checkSpaces(Space observations, Space actions);

  /** Starts a run. */
  Trainer start(TrainingSetup setup, C configuration);
}
