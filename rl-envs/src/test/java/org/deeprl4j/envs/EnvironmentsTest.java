package org.deeprl4j.envs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;

final class EnvironmentsTest {

  /** An environment as a user writes it, of a size of choice. */
  public static final class Sized implements Mdp {
    private final int size;

    public Sized() {
      this(Map.of("size", "1"));
    }

    public Sized(Map<String, String> arguments) {
      size = Integer.parseInt(arguments.get("size"));
    }

    @Override
    public Space observationSpace() {
      return Box.of(-1, 1, size);
    }

    @Override
    public Space actionSpace() {
      return Box.of(-1, 1, 1);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {}

    @Override
    public void step(float[] action, Step next) {}
  }

  private static String refused(String name, Map<String, String> arguments) {
    return assertThrows(IllegalArgumentException.class, () -> Environments.make(name, arguments))
        .getMessage();
  }

  @Test
  void argumentsReachAClass() {
    String name = Sized.class.getName();
    assertEquals(1, Environments.make(name).observationSpace().size());
    assertEquals(5, Environments.make(name, Map.of("size", "5")).observationSpace().size());
    String failed = refused(name, Map.of("size", "five"));
    assertTrue(failed.contains("For input string: \"five\""), failed);
  }

  @Test
  void argumentsThatNobodyTakes_areNamed() {
    assertEquals(
        "CartPole-v1 takes no arguments, but got size=5",
        refused("CartPole-v1", Map.of("size", "5")));
    String none = refused("java.util.ArrayList", Map.of("size", "5"));
    assertTrue(none.contains("is no environment"), none);
  }
}
