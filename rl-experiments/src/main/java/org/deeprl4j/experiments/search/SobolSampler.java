package org.deeprl4j.experiments.search;

import java.util.ArrayList;
import java.util.List;
import org.deeprl4j.random.Rng;
import org.hipparchus.random.SobolSequenceGenerator;

/**
 * Points that fill the space evenly: Sobol's sequence, moved by a random vector modulo 1 (Cranley
 * and Patterson 1976), so that seeds differ and no setting begins at an end.
 */
final class SobolSampler implements Sampler {
  private final int size;
  private final long seed;

  SobolSampler(int size, long seed) {
    this.size = size;
    this.seed = seed;
  }

  @Override
  public List<double[]> propose(List<Observation> history, int count) {
    Rng random = new Rng(seed);
    double[] shift = new double[size];
    for (int d = 0; d < size; d++) {
      shift[d] = random.nextDouble();
    }
    SobolSequenceGenerator sequence = new SobolSequenceGenerator(size);
    sequence.skipTo(history.size());
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double[] point = sequence.nextVector();
      for (int d = 0; d < size; d++) {
        point[d] = (point[d] + shift[d]) % 1;
      }
      points.add(point);
    }
    return points;
  }
}
