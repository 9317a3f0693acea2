package org.deeprl4j.algorithms;

import java.util.List;
import org.deeprl4j.ppo.Ppo;
import org.deeprl4j.training.Algorithm;
import org.deeprl4j.training.Suggestions;

/** The algorithms by id, as the command line and configuration files name them. */
public final class Algorithms {
  private static final List<Algorithm<?>> ALL = List.of(Ppo.ALGORITHM);

  private Algorithms() {}

  /** Every algorithm of the library, in the order of its lists. */
  public static List<Algorithm<?>> all() {
    return ALL;
  }

  /**
   * The algorithm with an id.
   *
   * @throws IllegalArgumentException if there is none, naming those that come close
   */
  public static Algorithm<?> find(String id) {
    return find(ALL, id);
  }

  /** As {@link #find(String)}, among other algorithms. */
  public static Algorithm<?> find(List<Algorithm<?>> known, String id) {
    return known.stream()
        .filter(algorithm -> algorithm.id().equals(id))
        .findFirst()
        .orElseThrow(
            () -> Suggestions.unknown("algorithm", id, known.stream().map(Algorithm::id).toList()));
  }
}
