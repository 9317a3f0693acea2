package org.deeprl4j.cli;

import java.util.List;
import org.deeprl4j.ppo.Ppo;
import org.deeprl4j.sac.Sac;
import org.deeprl4j.training.Algorithm;
import org.deeprl4j.training.Suggestions;

/** The algorithms the command line offers. */
final class Algorithms {
  static final List<Algorithm<?>> ALL = List.of(Ppo.ALGORITHM, Sac.ALGORITHM);

  private Algorithms() {}

  /** The algorithm with an id; an unknown one is an error with the nearest names. */
  static Algorithm<?> named(String id) {
    return ALL.stream()
        .filter(algorithm -> algorithm.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                Suggestions.unknown(
                    "algorithm", id, ALL.stream().<String>map(Algorithm::id).toList()));
  }
}
