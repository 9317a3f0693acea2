package org.deeprl4j.experiments.search;

import java.util.ArrayList;
import java.util.List;
import org.deeprl4j.random.Rng;

/** Independent, uniform points. */
final class RandomSampler implements Sampler {
  private final int size;
  private final long seed;

  RandomSampler(int size, long seed) {
    this.size = size;
    this.seed = seed;
  }

  @Override
  public List<double[]> propose(List<Observation> history, int count) {
    Rng random = new Rng(seed);
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i < history.size() + count; i++) {
      double[] point = new double[size];
      for (int d = 0; d < size; d++) {
        point[d] = random.nextDouble();
      }
      points.add(point);
    }
    return points.subList(history.size(), points.size());
  }
}
