package org.deeprl4j.experiments.search;

import java.util.List;

/** Proposes points of a search space. It keeps nothing: the same history gives the same points. */
public interface Sampler {
  /**
   * A trial.
   *
   * @param point [size of the space], in [0, 1], NaN where a setting is not searched
   * @param loss its place among all trials: the smaller, the better
   */
  record Observation(double[] point, double loss) {}

  /**
   * Proposes trials.
   *
   * @param history all trials so far, in the order in which they were proposed; the first one is
   *     the start of the search
   * @param count how many, ≥ 1
   * @return at least one and at most {@code count} points [size of the space] in [0, 1]
   */
  List<double[]> propose(List<Observation> history, int count);
}
