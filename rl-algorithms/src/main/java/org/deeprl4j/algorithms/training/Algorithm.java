package org.deeprl4j.algorithms.training;

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

  /** Whether spaces fit an algorithm; throws {@link IllegalArgumentException} if not. */
  @FunctionalInterface
  interface SpaceCheck {
    /** Throws unless the spaces fit. */
    void check(Space observations, Space actions);
  }

  /** Starts a run of an algorithm. */
  @FunctionalInterface
  interface Starter<C extends Record> {
    /** Starts a run. */
    Trainer start(TrainingSetup setup, C configuration);
  }

  /** An algorithm from its parts. */
  static <C extends Record> Algorithm<C> of(
      String id, String title, C defaults, SpaceCheck check, Starter<C> starter) {
    return new Algorithm<>() {
      @Override
      public String id() {
        return id;
      }

      @Override
      public String title() {
        return title;
      }

      @Override
      public C defaults() {
        return defaults;
      }

      @Override
      public void checkSpaces(Space observations, Space actions) {
        check.check(observations, actions);
      }

      @Override
      public Trainer start(TrainingSetup setup, C configuration) {
        return starter.start(setup, configuration);
      }
    };
  }
}
