package org.deeprl4j.algorithms;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class AlgorithmsTest {
  private static final Box UNBOUNDED = Box.of(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 1);

  @Test
  void refusal_saysWhatIsNeeded_andWhoTakesTheActions() {
    assertEquals(
        "this algorithm needs continuous actions, a Box with finite bounds, not Discrete(2);"
            + " algorithms for these: ppo, trpo, npg, reinforce, a2c, a3c, async-q, async-sarsa,"
            + " async-nstep-q, sac-discrete, dqn",
        refusal(Algorithms.SAC, new Discrete(2)));
    assertEquals(
        "this algorithm needs discrete actions, a Discrete space, not "
            + Box.of(-1, 1, 1)
            + "; algorithms for these: ppo, trpo, npg, reinforce, a2c, a3c, sac, sac-v, td3, ddpg",
        refusal(Algorithms.DQN, Box.of(-1, 1, 1)));
    assertEquals(
        "this algorithm needs actions with finite bounds, but component 0 lies in [-Infinity,"
            + " Infinity]; algorithms for these: ppo, trpo, npg, reinforce, a2c, a3c",
        refusal(Algorithms.TD3, UNBOUNDED));
  }

  private static String refusal(Algorithm<?> algorithm, Space actions) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> algorithm.checkActions(actions))
            .getMessage());
  }

  static List<Space> spaces() {
    return List.of(new Discrete(3), Box.of(-1, 1, 2), UNBOUNDED, new MultiBinary(2));
  }

  /** Every refusal names those that do not refuse, and no other. */
  @ParameterizedTest
  @MethodSource("spaces")
  void namedAlgorithms_takeTheActions(Space actions) {
    List<String> taking =
        Algorithms.all().stream()
            .filter(algorithm -> takes(algorithm, actions))
            .<String>map(Algorithm::id)
            .toList();
    for (Algorithm<?> algorithm : Algorithms.all()) {
      if (taking.contains(algorithm.id())) {
        assertDoesNotThrow(() -> algorithm.checkActions(actions));
      } else {
        String refused = refusal(algorithm, actions);
        assertEquals(taking, List.of(refused.split("algorithms for these: ")[1].split(", ")));
      }
    }
  }

  private static boolean takes(Algorithm<?> algorithm, Space actions) {
    try {
      algorithm.checkActions(actions);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
