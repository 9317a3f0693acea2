package org.deeprl4j.stats;

import java.util.Arrays;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * Mean and variance of each element of a stream of vectors, and their normalisation clip((x −
 * mean)/√(variance + 1e-8), ±c). Variances are those of the population (divisor n).
 *
 * <p>Batches are merged exactly (Chan, Golub and LeVeque 1979, "Updating formulae and a pairwise
 * algorithm for computing sample variances"): with n_A, n_B the counts and d the difference of the
 * means, mean = mean_A + d·n_B/n and M2 = M2_A + M2_B + d²·n_A·n_B/n. Accumulated in double.
 *
 * <p>Before any data the mean is 0 and the variance 1, so that normalising only clips.
 */
public final class RunningStatistics implements Stateful {
  private static final double EPSILON = 1e-8;

  private final int size;
  private long count;
  private final double[] mean;
  private final double[] m2;
  private boolean frozen;

  // 1/√(variance + ε), kept up to date with the statistics.
  private final double[] scale;
  // The mean and M2 of the batch that is being added.
  private final double[] batchMean;
  private final double[] batchM2;

  /**
   * Statistics of nothing yet.
   *
   * @param size the length of the vectors, ≥ 1
   */
  public RunningStatistics(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("statistics need at least 1 element, not " + size);
    }
    this.size = size;
    mean = new double[size];
    m2 = new double[size];
    scale = new double[size];
    batchMean = new double[size];
    batchM2 = new double[size];
    rescale();
  }

  /** The length of the vectors. */
  public int size() {
    return size;
  }

  /** The number of vectors seen. */
  public long count() {
    return count;
  }

  /** The mean of element i, 0 before any data. */
  public double mean(int i) {
    return mean[i];
  }

  /** The population variance of element i, 1 before any data. */
  public double variance(int i) {
    return count == 0 ? 1 : m2[i] / count;
  }

  /** Whether {@link #add} and {@link #merge} do nothing, as in evaluation. */
  public boolean frozen() {
    return frozen;
  }

  /** Stops the statistics from changing, or lets them change again. */
  public void setFrozen(boolean value) {
    frozen = value;
  }

  /**
   * Takes a batch into account; nothing happens while {@link #frozen()}.
   *
   * @param batch [rows, size]; not modified
   * @throws IllegalArgumentException if a value is infinite or NaN; the statistics are then as
   *     before
   */
  public void add(float[] batch, int rows) {
    if (frozen || rows == 0) {
      return;
    }
    for (int i = 0; i < size; i++) {
      double sum = 0;
      for (int b = 0; b < rows; b++) {
        sum += batch[b * size + i];
      }
      double m = sum / rows;
      if (!Double.isFinite(m)) {
        throw new IllegalArgumentException("element " + i + " of the batch is infinite or NaN");
      }
      double squares = 0;
      for (int b = 0; b < rows; b++) {
        double d = batch[b * size + i] - m;
        squares += d * d;
      }
      batchMean[i] = m;
      batchM2[i] = squares;
    }
    merge(rows, batchMean, batchM2);
  }

  /**
   * Takes everything another has seen into account, as if its vectors had been added here; nothing
   * happens while {@link #frozen()}.
   */
  public void merge(RunningStatistics other) {
    if (other.size != size) {
      throw new IllegalArgumentException(
          "cannot merge statistics of " + other.size + " elements into those of " + size);
    }
    if (!frozen && other.count > 0) {
      merge(other.count, other.mean, other.m2);
    }
  }

  private void merge(long n, double[] otherMean, double[] otherM2) {
    double total = (double) count + n;
    for (int i = 0; i < size; i++) {
      double d = otherMean[i] - mean[i];
      mean[i] += d * (n / total);
      m2[i] += otherM2[i] + d * d * (count * (n / total));
    }
    count += n;
    rescale();
  }

  /**
   * Normalises each row, out = clip((in − mean)/√(variance + 1e-8), −clip, clip).
   *
   * @param in [rows, size]; not modified unless it is {@code out}
   * @param out receives [rows, size]; may be {@code in}. Modified.
   * @param clip the largest magnitude, positive, possibly infinite
   */
  public void normalize(float[] in, int rows, float[] out, double clip) {
    checkClip(clip);
    for (int b = 0, k = 0; b < rows; b++) {
      for (int i = 0; i < size; i++, k++) {
        double x = (in[k] - mean[i]) * scale[i];
        out[k] = (float) Math.max(-clip, Math.min(clip, x));
      }
    }
  }

  /** Takes over count, mean and variance of statistics of the same size. */
  public void copyFrom(RunningStatistics other) {
    if (other.size != size) {
      throw new IllegalArgumentException(
          "cannot copy statistics of " + other.size + " elements into those of " + size);
    }
    count = other.count;
    System.arraycopy(other.mean, 0, mean, 0, size);
    System.arraycopy(other.m2, 0, m2, 0, size);
    rescale();
  }

  /** {@inheritDoc} Whether it is frozen is no part of the state: the user of the object decides. */
  @Override
  public void save(StateWriter out) {
    out.put("count", count);
    out.put("mean", mean);
    out.put("m2", m2);
  }

  @Override
  public void load(StateReader in) {
    long newCount = in.getLong("count");
    if (newCount < 0) {
      throw new StateFormatException("count must not be negative, but is " + newCount);
    }
    in.get("mean", mean);
    in.get("m2", m2);
    count = newCount;
    rescale();
  }

  @Override
  public String toString() {
    double[] variances = new double[size];
    Arrays.setAll(variances, this::variance);
    return "RunningStatistics(count "
        + count
        + ", mean "
        + Arrays.toString(mean)
        + ", variance "
        + Arrays.toString(variances)
        + ")";
  }

  /** 1/√(variance + ε) of element i. */
  double scale(int i) {
    return scale[i];
  }

  static void checkClip(double clip) {
    if (!(clip > 0)) {
      throw new IllegalArgumentException("clip must be positive, not " + clip);
    }
  }

  private void rescale() {
    for (int i = 0; i < size; i++) {
      scale[i] = count == 0 ? 1 : 1 / Math.sqrt(m2[i] / count + EPSILON);
    }
  }
}
