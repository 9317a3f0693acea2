package org.deeprl4j.algorithms;

import java.util.List;
import org.deeprl4j.algorithms.a2c.A2c;
import org.deeprl4j.algorithms.a3c.A3c;
import org.deeprl4j.algorithms.asyncq.AsyncQ;
import org.deeprl4j.algorithms.ddpg.Ddpg;
import org.deeprl4j.algorithms.dqn.Dqn;
import org.deeprl4j.algorithms.ppo.Ppo;
import org.deeprl4j.algorithms.reinforce.Reinforce;
import org.deeprl4j.algorithms.sac.Sac;
import org.deeprl4j.algorithms.sac.SacDiscrete;
import org.deeprl4j.algorithms.sac.SacV;
import org.deeprl4j.algorithms.td3.Td3;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.trpo.Npg;
import org.deeprl4j.algorithms.trpo.Trpo;
import org.deeprl4j.text.Suggestions;

/** All algorithms, by the ids that the command line and configuration files use. */
public final class Algorithms {
  private static final List<Algorithm<?>> ALL =
      List.of(
          Ppo.ALGORITHM,
          Trpo.ALGORITHM,
          Npg.ALGORITHM,
          Reinforce.ALGORITHM,
          A2c.ALGORITHM,
          A3c.ALGORITHM,
          AsyncQ.Q,
          AsyncQ.SARSA,
          AsyncQ.N_STEP_Q,
          Sac.ALGORITHM,
          SacV.ALGORITHM,
          SacDiscrete.ALGORITHM,
          Td3.ALGORITHM,
          Ddpg.ALGORITHM,
          Dqn.ALGORITHM);

  private Algorithms() {}

  /** Every algorithm of the library, in display order. */
  public static List<Algorithm<?>> all() {
    return ALL;
  }

  /**
   * The algorithm with an id.
   *
   * @throws IllegalArgumentException if there is none; the message suggests similar names
   */
  public static Algorithm<?> find(String id) {
    return ALL.stream()
        .filter(algorithm -> algorithm.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                Suggestions.unknown(
                    "algorithm", id, ALL.stream().<String>map(Algorithm::id).toList()));
  }
}
