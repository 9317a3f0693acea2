package org.deeprl4j.distributions;

import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;

/** The usual family of action distributions for each kind of action space. */
public final class Distributions {
  private Distributions() {}

  /**
   * Categorical for Discrete, a diagonal Gaussian for Box.
   *
   * @throws IllegalArgumentException for a space without such a family
   */
  public static ActionDistribution forActionSpace(Space space) {
    if (space instanceof Discrete discrete) {
      return new Categorical(discrete.n());
    }
    if (space instanceof Box box) {
      return new DiagonalGaussian(box.size());
    }
    throw new IllegalArgumentException(
        "the action space must be Box or Discrete, not " + space);
  }
}
