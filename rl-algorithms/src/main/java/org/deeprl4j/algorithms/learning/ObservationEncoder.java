package org.deeprl4j.algorithms.learning;

import java.util.Arrays;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.deeprl4j.stats.RunningStatistics;
import org.jspecify.annotations.Nullable;

/**
 * Encodes raw observations as a network's input: indices become one-hot vectors, and if requested,
 * elements are scaled by their running mean and deviation and clipped to ±10. The same encoder
 * serves training and the exported policy.
 */
public final class ObservationEncoder implements Stateful {
  /** Bound on normalised elements; Gymnasium's and Stable-Baselines3's usual choice. */
  private static final double CLIP = 10;

  private final Space space;
  private final int[] categories; // per element; 0 for a plain number
  private final int size;
  private final @Nullable RunningStatistics statistics;

  /**
   * Creates an encoder in its initial state.
   *
   * @param space of the raw observations
   * @param normalize whether to scale by running statistics
   */
  public ObservationEncoder(Space space, boolean normalize) {
    this.space = space;
    if (space instanceof Discrete discrete) {
      categories = new int[] {discrete.n()};
    } else if (space instanceof MultiDiscrete many) {
      categories = many.counts().clone();
    } else {
      categories = new int[0];
    }
    size = categories.length == 0 ? space.size() : Arrays.stream(categories).sum();
    statistics = normalize && categories.length == 0 ? new RunningStatistics(size) : null;
  }

  /** The space of raw observations. */
  public Space space() {
    return space;
  }

  /** Number of floats in an encoded observation. */
  public int size() {
    return size;
  }

  /** Whether running statistics are kept. */
  public boolean normalizes() {
    return statistics != null;
  }

  /** Updates the running statistics, if any, with raw observations. */
  public void observe(float[] observations, int rows) {
    if (statistics != null) {
      statistics.add(observations, rows);
    }
  }

  /**
   * Encodes observations.
   *
   * @param observations raw, [rows, space().size()]; not modified
   * @param out receives [rows, size()]. Modified.
   */
  public void encode(float[] observations, int rows, float[] out) {
    if (statistics != null) {
      statistics.normalize(observations, rows, out, CLIP);
    } else if (categories.length == 0) {
      System.arraycopy(observations, 0, out, 0, rows * size);
    } else {
      Arrays.fill(out, 0, rows * size, 0);
      int start = 0;
      for (int i = 0; i < rows * categories.length; i++) {
        out[start + (int) observations[i]] = 1;
        start += categories[i % categories.length];
      }
    }
  }

  @Override
  public void save(StateWriter out) {
    if (statistics != null) {
      out.put("statistics", statistics);
    }
  }

  @Override
  public void load(StateReader in) {
    if (statistics != null) {
      in.get("statistics", statistics);
    }
  }
}
