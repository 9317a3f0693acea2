package org.deeprl4j.experiments.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.analysis.MultivariateFunction;
import org.hipparchus.optim.InitialGuess;
import org.hipparchus.optim.MaxEval;
import org.hipparchus.optim.SimpleBounds;
import org.hipparchus.optim.nonlinear.scalar.GoalType;
import org.hipparchus.optim.nonlinear.scalar.ObjectiveFunction;
import org.hipparchus.optim.nonlinear.scalar.noderiv.CMAESOptimizer;
import org.hipparchus.random.Well19937c;

/**
 * CMA-ES (Hansen and Ostermeier 2001): a normal distribution that moves and stretches towards the
 * better half of each generation. Choices are equal parts of their coordinate.
 *
 * <p>The optimiser of Hipparchus calls a function; trials are not at hand when it does. It is
 * therefore run anew each time: it is told what is known of the points that it has asked for
 * before, in the same order, and left when the generation that it asks for next is complete.
 */
final class CmaEsSampler implements Sampler {
  private static final double STEP = 0.3;
  private static final int FOREVER = Integer.MAX_VALUE;

  private final int size;
  private final int population;
  private final long seed;

  /**
   * A sampler.
   *
   * @param population points of a generation
   */
  CmaEsSampler(int size, int population, long seed) {
    this.size = size;
    this.population = population;
    this.seed = seed;
  }

  /** Leaves the optimiser. */
  private static final class Complete extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Complete() {
      super(null, null, false, false);
    }
  }

  @Override
  public List<double[]> propose(List<Observation> history, int count) {
    List<double[]> asked = new ArrayList<>();
    int generation = population - (history.size() - 1) % population; // what is left of it
    int wanted = Math.min(count, generation);
    int[] calls = {0};
    MultivariateFunction function =
        point -> {
          int call = calls[0]++;
          if (call < history.size()) {
            return history.get(call).loss();
          }
          asked.add(point.clone());
          if (asked.size() == wanted) {
            throw new Complete();
          }
          return 0; // of a generation that is not evaluated here
        };
    double[] guess = history.get(0).point().clone();
    for (int d = 0; d < size; d++) {
      guess[d] = Double.isNaN(guess[d]) ? 0.5 : guess[d];
    }
    try {
      new CMAESOptimizer(
              FOREVER,
              Double.NEGATIVE_INFINITY,
              true,
              0,
              0,
              new Well19937c(seed),
              false,
              (iteration, previous, current) -> false)
          .optimize(
              new MaxEval(FOREVER),
              new ObjectiveFunction(function),
              GoalType.MINIMIZE,
              new InitialGuess(guess),
              new SimpleBounds(filled(0), filled(1)),
              new CMAESOptimizer.Sigma(filled(STEP)),
              new CMAESOptimizer.PopulationSize(population));
    } catch (Complete e) {
      return asked;
    }
    // It has converged: what is left looks elsewhere.
    return new SobolSampler(size, seed).propose(history, count);
  }

  private double[] filled(double value) {
    double[] array = new double[size];
    Arrays.fill(array, value);
    return array;
  }
}
