package org.deeprl4j.distributions;

import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;

/** Chooses a family of distributions. */
public final class Distributions {
  private Distributions() {}

  /**
   * The usual family over an action space: a categorical distribution over {@link Discrete},
   * independent ones over {@link MultiDiscrete}, independent coins over {@link MultiBinary}, and
   * over {@link Box} independent normal variables with z = [μ | log σ]. They are unbounded whatever
   * the box's bounds: whoever steps the environment clips.
   *
   * @throws IllegalArgumentException for any other space
   */
  public static ActionDistribution forActionSpace(Space space) {
    if (space instanceof Discrete discrete) {
      return new Categorical(discrete.n());
    }
    if (space instanceof MultiDiscrete multiDiscrete) {
      return new MultiCategorical(multiDiscrete.counts());
    }
    if (space instanceof MultiBinary multiBinary) {
      return new Bernoulli(multiBinary.n());
    }
    if (space instanceof Box box) {
      return new DiagonalGaussian(box.size());
    }
    throw new IllegalArgumentException("no distribution for actions in " + space);
  }
}
