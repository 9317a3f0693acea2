package org.deeprl4j.distributions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;

class DistributionsTest {
  @Test
  void everyActionSpace_hasItsFamily_ofItsSize() {
    check(new Discrete(4), Categorical.class, 4);
    check(new MultiDiscrete(new int[] {2, 3}), MultiCategorical.class, 5);
    check(new MultiBinary(3), Bernoulli.class, 3);
    check(Box.of(-1, 1, 7), DiagonalGaussian.class, 14);
  }

  private static void check(Space space, Class<?> family, int parameters) {
    ActionDistribution d = Distributions.forActionSpace(space);
    assertEquals(family, d.getClass());
    assertEquals(parameters, d.parameterSize());
    assertEquals(space.size(), d.actionSize());
  }

  @Test
  void dictionaries_haveNoDistribution() {
    Space dict = new Dict(Map.of("a", new Discrete(2)));
    assertThrows(IllegalArgumentException.class, () -> Distributions.forActionSpace(dict));
  }
}
