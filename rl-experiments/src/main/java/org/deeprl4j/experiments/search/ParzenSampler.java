package org.deeprl4j.experiments.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.deeprl4j.random.Rng;
import org.hipparchus.special.Erf;

/**
 * Tree-structured Parzen estimators (Bergstra et al. 2011): one density l of the better trials, one
 * density g of the others, and proposals where l / g is large. A density is the mean of products of
 * kernels around the trials and of a uniform one, so that settings that work together are kept
 * together (Falkner et al. 2018). Where a setting is not searched in a trial, its kernel says
 * nothing of it.
 *
 * <p>Each proposal counts as one of the others while those after it are made, so that the trials of
 * a round differ.
 */
final class ParzenSampler implements Sampler {
  /** The better part of the trials. */
  private static final double BETTER = 0.2;

  private static final int CANDIDATES = 64;

  /** Standard deviations of kernels, at least and at most. */
  private static final double NARROWEST = 0.03;

  private static final double WIDEST = 0.3;

  /** That a choice is another one than the trial's, as if so many trials had chosen evenly. */
  private static final double PRIOR_CHOICES = 1;

  private final SearchSpace space;
  private final long seed;

  ParzenSampler(SearchSpace space, long seed) {
    this.space = space;
    this.seed = seed;
  }

  @Override
  public List<double[]> propose(List<Observation> history, int count) {
    if (history.size() <= space.size()) {
      return new SobolSampler(space.size(), seed).propose(history, count);
    }
    Rng random = new Rng(31 * seed + history.size());
    List<double[]> ranked =
        history.stream()
            .sorted(Comparator.comparingDouble(Observation::loss))
            .map(Observation::point)
            .toList();
    int split = (int) Math.ceil(BETTER * ranked.size());
    Density better = new Density(ranked.subList(0, split));
    List<double[]> others = new ArrayList<>(ranked.subList(split, ranked.size()));
    List<double[]> proposals = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Density worse = new Density(others);
      double[] best = null;
      double highest = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < CANDIDATES; c++) {
        double[] candidate = better.draw(random);
        double[] searched = space.searched(candidate);
        double ratio = better.log(searched) - worse.log(searched);
        if (best == null || ratio > highest) {
          highest = ratio;
          best = candidate;
        }
      }
      if (best != null) {
        proposals.add(best);
        others.add(space.searched(best));
      }
    }
    return proposals;
  }

  /** A mixture around trials, all with the same weight as the uniform density. */
  private final class Density {
    private final List<double[]> centers;
    private final double[] widths = new double[space.size()];

    Density(List<double[]> centers) {
      this.centers = centers;
      for (int d = 0; d < widths.length; d++) {
        widths[d] = width(d);
      }
    }

    /** Silverman's rule; the uniform density counts as one trial more. */
    private double width(int d) {
      double sum = 0.5;
      double squares = 1 / 3.0; // E[u²] of a uniform u
      int n = 1;
      for (double[] center : centers) {
        if (!Double.isNaN(center[d])) {
          sum += center[d];
          squares += center[d] * center[d];
          n++;
        }
      }
      double deviation = Math.sqrt(Math.max(0, squares / n - sum / n * (sum / n)));
      double wanted = 1.06 * deviation * Math.pow(n, -1.0 / (4 + widths.length));
      return Math.max(NARROWEST, Math.min(WIDEST, wanted));
    }

    double[] draw(Rng random) {
      int drawn = random.nextInt(centers.size() + 1);
      double[] point = new double[widths.length];
      for (int d = 0; d < point.length; d++) {
        double center = drawn == centers.size() ? Double.NaN : centers.get(drawn)[d];
        int choices = space.choices(d);
        point[d] = random.nextDouble();
        if (Double.isNaN(center)) {
          continue; // uniform
        }
        if (choices > 0) {
          point[d] = random.nextDouble() < other(choices) ? point[d] : center;
        } else {
          do {
            point[d] = center + widths[d] * random.nextGaussian();
          } while (point[d] < 0 || point[d] > 1);
        }
      }
      return point;
    }

    /** The probability with which a choice is drawn anew. */
    private double other(int choices) {
      return Math.min(1, PRIOR_CHOICES * choices / (PRIOR_CHOICES * choices + centers.size()));
    }

    /** log density of a point, without the factors that all densities share. */
    double log(double[] point) {
      double sum = 1; // the uniform density
      for (double[] center : centers) {
        double product = 1;
        for (int d = 0; d < point.length; d++) {
          product *=
              Double.isNaN(point[d]) || Double.isNaN(center[d]) ? 1 : kernel(d, center, point);
        }
        sum += product;
      }
      return Math.log(sum / (centers.size() + 1));
    }

    /** A kernel relative to the uniform density. */
    private double kernel(int d, double[] center, double[] point) {
      int choices = space.choices(d);
      if (choices > 0) {
        double anew = other(choices);
        boolean same = (int) (point[d] * choices) == (int) (center[d] * choices);
        return anew + (same ? (1 - anew) * choices : 0);
      }
      double z = (point[d] - center[d]) / widths[d];
      double inside =
          (Erf.erf((1 - center[d]) / widths[d] / Math.sqrt(2))
                  + Erf.erf(center[d] / widths[d] / Math.sqrt(2)))
              / 2;
      return Math.exp(-z * z / 2) / (Math.sqrt(2 * Math.PI) * widths[d] * inside);
    }
  }
}
