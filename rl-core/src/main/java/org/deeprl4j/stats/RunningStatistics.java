package org.deeprl4j.stats;

import java.util.Arrays;
import org.deeprl4j.state.Finite;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

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

  /** How statistics of one thread are kept together with those of others. */
  private record Share(RunningStatistics all, RunningStatistics fresh) {}

  private final int size;
  private final @Nullable Share share;
  private long count;
  private final double[] mean;
  private final double[] m2;

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
    this(size, null);
  }

  private RunningStatistics(int size, @Nullable Share share) {
    this(size, share, size);
  }

  private RunningStatistics(int size, @Nullable Share share, int scales) {
    if (size < 1) {
      throw new IllegalArgumentException("statistics need at least 1 element, not " + size);
    }
    this.size = size;
    this.share = share;
    mean = new double[size];
    m2 = new double[size];
    scale = new double[scales];
    batchMean = new double[scales];
    batchM2 = new double[scales];
    rescale();
  }

  /**
   * Statistics that take in one row at a time, {@link #addRow}, and are merged into others, {@link
   * #addAll}; they normalise nothing.
   *
   * @param size the length of the vectors, ≥ 1
   */
  public static RunningStatistics ofRows(int size) {
    return new RunningStatistics(size, null, 0);
  }

  /**
   * Statistics for one of several threads, which keep what they see together in these: {@link
   * #takeOver} adds what a thread has seen since its last call, and copies what all have.
   */
  public RunningStatistics sharing() {
    return new RunningStatistics(size, new Share(this, new RunningStatistics(size)));
  }

  /** Adds what was seen since the last call to the statistics of all, and takes these over. */
  public void takeOver() {
    if (share == null) {
      throw new IllegalStateException("these statistics are shared with no others");
    }
    RunningStatistics fresh = share.fresh;
    synchronized (share.all) {
      if (fresh.count > 0) {
        share.all.merge(fresh.count, fresh.mean, fresh.m2);
      }
      count = share.all.count;
      System.arraycopy(share.all.mean, 0, mean, 0, size);
      System.arraycopy(share.all.m2, 0, m2, 0, size);
    }
    rescale();
    fresh.clear();
  }

  /** Forgets all that was seen. */
  public void clear() {
    count = 0;
    Arrays.fill(mean, 0);
    Arrays.fill(m2, 0);
    rescale();
  }

  /** The number of vectors seen. */
  long count() {
    return count;
  }

  /** The mean of element i, 0 before any data. */
  public double mean(int i) {
    return mean[i];
  }

  /** 1/√(variance + 1e-8) of element i, by which normalising multiplies. */
  public double scale(int i) {
    return scale[i];
  }

  /** The population variance of element i, 1 before any data. */
  double variance(int i) {
    return count == 0 ? 1 : m2[i] / count;
  }

  /**
   * Takes a batch into account.
   *
   * @param batch [rows, size]; not modified
   * @throws IllegalArgumentException if a value is infinite or NaN; the statistics are then as
   *     before
   */
  public void add(float[] batch, int rows) {
    if (rows == 0) {
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
    if (share != null) {
      share.fresh.merge(rows, batchMean, batchM2);
    }
  }

  /**
   * Takes one row of a batch into account, as a batch of its own.
   *
   * @param batch [rows, size]; not modified
   * @throws IllegalArgumentException if a value is infinite or NaN; the statistics are then as
   *     before
   */
  public void addRow(float[] batch, int row) {
    int at = row * size;
    if (!Finite.all(batch, at, size)) {
      throw new IllegalArgumentException("row " + row + " of the batch holds an infinity or NaN");
    }
    double total = count + 1.0;
    for (int i = 0; i < size; i++) {
      double d = batch[at + i] - mean[i];
      mean[i] += d / total;
      m2[i] += d * d * (count / total);
    }
    count++;
    rescale();
  }

  /** Takes into account all that others have seen. */
  public void addAll(RunningStatistics others) {
    if (others.count > 0) {
      merge(others.count, others.mean, others.m2);
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
        out[k] = clipped(i, in[k], clip);
      }
    }
  }

  /**
   * One element normalised, as by {@link #normalize(float[], int, float[], double)}.
   *
   * @param i its column
   * @param clip the largest magnitude, positive, possibly infinite
   */
  public float normalize(int i, float value, double clip) {
    checkClip(clip);
    return clipped(i, value, clip);
  }

  private float clipped(int i, float value, double clip) {
    double x = (value - mean[i]) * scale[i];
    return (float) Math.max(-clip, Math.min(clip, x));
  }

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
    if (share != null) {
      share.fresh.clear();
    }
  }

  static void checkClip(double clip) {
    if (!(clip > 0)) {
      throw new IllegalArgumentException("clip must be positive, not " + clip);
    }
  }

  private void rescale() {
    for (int i = 0; i < scale.length; i++) {
      scale[i] = count == 0 ? 1 : 1 / Math.sqrt(m2[i] / count + EPSILON);
    }
  }
}
