package org.deeprl4j.policy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.deeprl4j.stats.RunningStatistics;
import org.jspecify.annotations.Nullable;

/**
 * Encodes raw observations as a network's input: indices become one-hot vectors, also those inside
 * a dictionary, and if requested, the other elements are scaled by their running mean and deviation
 * and clipped to ±10. An action mask, the last entry {@link Dict#ACTION_MASK}, is not the network's
 * to see: it forbids actions. The same encoder serves training and the exported policy.
 */
public final class ObservationEncoder implements Stateful {
  /** Bound on normalised elements; Gymnasium's and Stable-Baselines3's usual choice. */
  public static final double CLIP = 10;

  private final Space space;
  private final int[] categories; // per element; 0 for a plain number
  private final int maskSize; // further elements of a raw observation; 0 without masks
  private final boolean isPlain; // no categories and no masks at all
  private final int size;
  private final @Nullable RunningStatistics statistics;

  // What each row has shown since hold(), while the statistics stay as they are.
  private RunningStatistics[] held = {};
  private boolean holding;

  /**
   * Creates an encoder in its initial state.
   *
   * @param space of the raw observations
   * @param normalize whether to scale by running statistics
   * @throws IllegalArgumentException if an action mask is not its last entry
   */
  public ObservationEncoder(Space space, boolean normalize) {
    this.space = space;
    maskSize = maskSize(space);
    categories = new int[space.size() - maskSize];
    putCategories(space, 0);
    int plain = 0;
    int floats = 0;
    for (int count : categories) {
      plain += count == 0 ? 1 : 0;
      floats = Math.addExact(floats, Math.max(1, count));
    }
    size = floats;
    isPlain = plain == categories.length && maskSize == 0;
    statistics = normalize && plain > 0 ? new RunningStatistics(space.size()) : null;
  }

  private ObservationEncoder(ObservationEncoder common) {
    space = common.space;
    maskSize = common.maskSize;
    categories = common.categories;
    size = common.size;
    isPlain = common.isPlain;
    statistics = common.statistics == null ? null : common.statistics.sharing();
  }

  /** An encoder for one of several threads, whose statistics are as of {@link #takeOver}. */
  public ObservationEncoder sharing() {
    return new ObservationEncoder(this);
  }

  /**
   * Adds what was observed since the last call to the statistics of all threads, and takes these
   * over.
   *
   * @throws IllegalStateException unless running statistics are kept and shared
   */
  public void takeOver() {
    kept().takeOver();
  }

  private static int maskSize(Space space) {
    if (!(space instanceof Dict dict) || !dict.spaces().containsKey(Dict.ACTION_MASK)) {
      return 0;
    }
    Space mask = dict.space(Dict.ACTION_MASK);
    if (!(mask instanceof MultiBinary)
        || dict.offset(Dict.ACTION_MASK) + mask.size() != dict.size()
        || dict.spaces().size() == 1) {
      throw new IllegalArgumentException(
          "%s must be a MultiBinary and the last of several entries of %s"
              .formatted(Dict.ACTION_MASK, space));
    }
    return mask.size();
  }

  private void putCategories(Space part, int offset) {
    if (part instanceof Dict dict) {
      int at = offset;
      for (Space entry : dict.spaces().values()) {
        putCategories(entry, at);
        at += entry.size();
      }
    } else {
      int[] choices = part.choices();
      System.arraycopy(choices, 0, categories, offset, choices.length);
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

  /** Flags of an observation's action mask; 0 if every action is always legal. */
  public int maskSize() {
    return maskSize;
  }

  /**
   * For each raw element before the action mask the number of categories that it is an index of; 0
   * for a plain number.
   */
  public int[] categories() {
    return categories.clone();
  }

  /**
   * The running mean of each raw element before the action mask.
   *
   * @throws IllegalStateException unless running statistics are kept
   */
  public double[] means() {
    return IntStream.range(0, categories.length).mapToDouble(kept()::mean).toArray();
  }

  /**
   * What the distance of each raw element before the action mask from its mean is multiplied by.
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

  /**
   * Updates the running statistics, if any, with raw observations; after {@link #hold}, what is
   * held for each row.
   */
  public void observe(float[] observations, int rows) {
    if (holding) {
      for (int b = 0; b < rows; b++) {
        held[b].addRow(observations, b);
      }
    } else if (statistics != null) {
      statistics.add(observations, rows);
    }
  }

  /**
   * Leaves the running statistics, if any, as they are until {@link #release}, and holds what is
   * observed until then, for each row by itself: whoever observes some of the rows then knows all
   * of these, whatever the others show. Forgets what was held before.
   *
   * @param rows of what is observed at once, the same each time
   */
  public void hold(int rows) {
    if (statistics == null) {
      return;
    }
    if (held.length != rows) {
      held = new RunningStatistics[rows];
      Arrays.setAll(held, b -> RunningStatistics.ofRows(space.size()));
    }
    for (RunningStatistics one : held) {
      one.clear();
    }
    holding = true;
  }

  /** Merges what is held into the statistics, row by row; does nothing if nothing is. */
  public void release() {
    if (holding && statistics != null) {
      for (RunningStatistics one : held) {
        statistics.addAll(one);
      }
    }
    holding = false;
  }

  /** What is held for some rows that follow each other, to be held elsewhere. */
  public Stateful held(int first, int count) {
    List<RunningStatistics> some =
        holding ? Arrays.asList(held).subList(first, first + count) : List.of();
    return new Stateful() {
      @Override
      public void save(StateWriter out) {
        some.forEach(one -> out.put("held", one));
      }

      @Override
      public void load(StateReader in) {
        some.forEach(one -> in.get("held", one));
      }
    };
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
      k += maskSize;
    }
  }

  /**
   * Forbids what the observations' action masks rule out: its logit or value becomes −∞. Does
   * nothing without masks.
   *
   * @param observations raw, [rows, space().size()]; not modified
   * @param z a logit or value for each flag of the mask, [rows, maskSize()]. Modified.
   */
  public void forbid(float[] observations, int rows, float[] z) {
    for (int b = 0, k = 0; b < rows && maskSize > 0; b++) {
      int mask = b * space.size() + categories.length;
      for (int i = 0; i < maskSize; i++, k++) {
        if (observations[mask + i] != 1) {
          z[k] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  /** How many actions the mask of a row of raw observations allows. */
  public int legalActions(float[] observations, int row) {
    int count = 0;
    for (int i = row * space.size() + categories.length; i < (row + 1) * space.size(); i++) {
      count += observations[i] == 1 ? 1 : 0;
    }
    return count;
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
