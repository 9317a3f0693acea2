package org.deeprl4j.policy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.deeprl4j.stats.RunningStatistics;
import org.jspecify.annotations.Nullable;

/**
 * Encodes raw observations as a network's input: indices become one-hot vectors, also those inside
 * a dictionary, and if requested, the other elements are scaled by their running mean and deviation
 * and clipped to ±10. The same encoder serves training and the exported policy.
 */
public final class ObservationEncoder implements Stateful {
  /** Bound on normalised elements; Gymnasium's and Stable-Baselines3's usual choice. */
  public static final double CLIP = 10;

  private final Space space;
  private final int[] categories; // per element; 0 for a plain number
  private final boolean isPlain; // no categories at all
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
    categories = new int[space.size()];
    putCategories(space, 0);
    int plain = 0;
    int floats = 0;
    for (int count : categories) {
      plain += count == 0 ? 1 : 0;
      floats = Math.addExact(floats, Math.max(1, count));
    }
    size = floats;
    isPlain = plain == categories.length;
    statistics = normalize && plain > 0 ? new RunningStatistics(categories.length) : null;
  }

  private void putCategories(Space part, int offset) {
    if (part instanceof Discrete discrete) {
      categories[offset] = discrete.n();
    } else if (part instanceof MultiDiscrete many) {
      System.arraycopy(many.counts(), 0, categories, offset, many.size());
    } else if (part instanceof Dict dict) {
      int at = offset;
      for (Space entry : dict.spaces().values()) {
        putCategories(entry, at);
        at += entry.size();
      }
    }
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

  /** For each raw element the number of categories that it is an index of; 0 for a plain number. */
  public int[] categories() {
    return categories.clone();
  }

  /**
   * The running mean of each raw element.
   *
   * @throws IllegalStateException unless running statistics are kept
   */
  public double[] means() {
    return IntStream.range(0, categories.length).mapToDouble(kept()::mean).toArray();
  }

  /**
   * What each raw element's distance from its mean is multiplied by.
   *
   * @throws IllegalStateException unless running statistics are kept
   */
  public double[] scales() {
    return IntStream.range(0, categories.length).mapToDouble(kept()::scale).toArray();
  }

  private RunningStatistics kept() {
    if (statistics == null) {
      throw new IllegalStateException("this encoder does not normalise");
    }
    return statistics;
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
    if (!isPlain) {
      encodeCategories(observations, rows, out);
    } else if (statistics != null) {
      statistics.normalize(observations, rows, out, CLIP);
    } else {
      System.arraycopy(observations, 0, out, 0, rows * size);
    }
  }

  private void encodeCategories(float[] observations, int rows, float[] out) {
    Arrays.fill(out, 0, rows * size, 0);
    int at = 0;
    for (int b = 0, k = 0; b < rows; b++) {
      for (int i = 0; i < categories.length; i++, k++) {
        float x = observations[k];
        if (categories[i] > 0) {
          out[at + (int) x] = 1;
          at += categories[i];
        } else {
          out[at] = statistics == null ? x : statistics.normalize(i, x, CLIP);
          at++;
        }
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
