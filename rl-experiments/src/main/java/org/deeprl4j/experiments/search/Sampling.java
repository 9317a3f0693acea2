package org.deeprl4j.experiments.search;

/** The ways to choose the settings of trials. */
public enum Sampling {
  /** Tree-structured Parzen estimators. */
  TPE,
  /** CMA-ES. */
  CMA_ES,
  /** Sobol's sequence: evenly, whatever the results. */
  SOBOL,
  /** Independent and uniform. */
  RANDOM;

  /**
   * A sampler.
   *
   * @param round trials that are proposed at once: a generation of CMA-ES
   * @param seed of its random numbers
   */
  public Sampler sampler(SearchSpace space, int round, long seed) {
    return switch (this) {
      case TPE -> new ParzenSampler(space, seed);
      case CMA_ES -> new CmaEsSampler(space.size(), round, seed);
      case SOBOL -> new SobolSampler(space.size(), seed);
      case RANDOM -> new RandomSampler(space.size(), seed);
    };
  }
}
