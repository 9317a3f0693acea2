package org.deeprl4j.replay;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * The rows of a replay buffer: a ring of time slots, each with one transition of every environment,
 * so that the transition after row i of the same environment is row i + n. Its next observation is
 * that row's observation, and stored only where it is not: where an episode ends.
 */
final class Transitions implements Stateful {
  private static final int TERMINATED = 1;
  private static final int ENDED = 2;
  private static final int APART = 4; // the next observation is among the final ones

  /** The part of the heap that a buffer may fill, as far as it is known when it is made. */
  private static final double SHARE = 0.9;

  /** The part of the heap that it may fill, whatever arrives. */
  private static final double MOST_SHARE = 0.95;

  final int environments;
  final int observationSize;
  final int actionSize;
  final int capacity;
  private final int stack; // pictures of an observation of which neighbours share most, or 1
  private final Rows observations;
  private final FinalObservations finals;
  private final float[] newest; // the next observations of the newest slot
  private final float[] actions;
  private final float[] rewards;
  private final byte[] flags;
  private long checkedBytes; // beyond the expected, for which the heap was found to have room
  private int next; // the row where the next slot starts
  private int newestSlot; // the first row of the one before
  private int size;

  Transitions(int capacity, int environments, Space space, int actionSize) {
    if (environments < 1 || capacity < environments) {
      throw new IllegalArgumentException(
          "a replay buffer needs at least one environment and room for a transition of each, not "
              + environments
              + " environments and a capacity of "
              + capacity);
    }
    // Whole slots, so that the ring has no seam.
    this.capacity = capacity / environments * environments;
    this.environments = environments;
    this.actionSize = actionSize;
    observationSize = space.size();
    stack = space instanceof Box box && box.channelsFirst() ? box.shape()[0] : 1;
    boolean narrow = fitsBytes(space);
    requireMemory(narrow ? 1 : Float.BYTES, 0, SHARE);
    observations =
        stack > 1
            ? new StackedRows(this.capacity, environments, stack, observationSize / stack)
            : new ObservationRows(this.capacity, observationSize, narrow);
    finals = new FinalObservations(this.capacity, observationSize, narrow);
    newest = new float[environments * observationSize];
    actions = new float[this.capacity * actionSize];
    rewards = new float[this.capacity];
    flags = new byte[this.capacity];
    newestSlot = this.capacity - environments;
  }

  /** Whether a space's numbers are meant to be whole ones from 0 to 255. */
  private static boolean fitsBytes(Space space) {
    if (space instanceof Box box) {
      for (int i = 0; i < box.size(); i++) {
        if (box.low(i) != 0 || box.high(i) != 255) {
          return false;
        }
      }
      return true;
    }
    return space instanceof MultiBinary
        || (space instanceof Discrete discrete && discrete.n() <= 256)
        || (space instanceof MultiDiscrete several
            && Arrays.stream(several.counts()).allMatch(n -> n <= 256));
  }

  /**
   * Refuses what cannot be had before it is taken.
   *
   * @param more bytes of next observations that are no row's observation, and of pictures that no
   *     other row shares
   * @param share of the heap
   */
  private void requireMemory(int bytesOfNumber, long more, double share) {
    String what =
        "a replay buffer of %d transitions of %d observations and %d actions"
            .formatted(capacity, observationSize, actionSize);
    if ((long) capacity * actionSize > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "%s is larger than an array can be: set its capacity (bufferSize) to at most %d"
              .formatted(what, (Integer.MAX_VALUE - 8) / actionSize));
    }
    long kept = (long) bytesOfNumber * (observationSize / stack) + (stack > 1 ? 4L * stack : 0);
    long row = kept + 4L * (actionSize + 1) + 1;
    double free = Runtime.getRuntime().maxMemory() * share;
    long all = capacity * row + more;
    if (all > free) {
      double each = row + (double) more / Math.max(1, size);
      throw new IllegalArgumentException(
          "%s%s needs %d MB, but Java has %d MB for it: set its capacity (bufferSize) to at most %d, or give Java more, -Xmx%dm (RL_JAVA_OPTS=-Xmx%dm ./rl …)"
              .formatted(
                  what,
                  more == 0
                      ? ""
                      : stack > 1
                          ? ", with many pictures that are in one of them alone,"
                          : ", with the ends of its many short episodes,",
                  (all >> 20) + 1,
                  (long) free >> 20,
                  (long) (free / each),
                  heapFor(all),
                  heapFor(all)));
    }
  }

  /** A heap that is enough for so many bytes, in MB: some of it collectors keep for themselves. */
  private static long heapFor(long bytes) {
    return ((long) (1.05 * bytes / SHARE / (1 << 20)) / 100 + 1) * 100;
  }

  int size() {
    return size;
  }

  /**
   * Adds a slot.
   *
   * @return its first row
   */
  int add(
      float[] newObservations,
      float[] newActions,
      double[] newRewards,
      float[] newNextObservations,
      boolean[] terminated,
      boolean[] ended) {
    int first = next;
    int before = newestSlot; // meaningless while there is none
    boolean narrow = observations.narrow();
    finals.forget(first, first + environments);
    for (int e = 0; e < environments; e++) {
      int at = e * observationSize;
      // A buffer of one slot overwrites the newest row.
      if (size > 0
          && before != first
          && !Arrays.equals(
              newest, at, at + observationSize, newObservations, at, at + observationSize)) {
        finals.add(before + e, newest, at);
        flags[before + e] |= APART;
      }
      observations.put(first + e, newObservations, at);
      rewards[first + e] = (float) newRewards[e];
      flags[first + e] = (byte) ((terminated[e] ? TERMINATED : 0) | (ended[e] ? ENDED : 0));
    }
    long more = finals.bytes() + unshared();
    if (more > checkedBytes || narrow != observations.narrow()) {
      checkedBytes = more;
      requireMemory(observations.narrow() ? 1 : Float.BYTES, more, MOST_SHARE);
    }
    System.arraycopy(newNextObservations, 0, newest, 0, newest.length);
    System.arraycopy(newActions, 0, actions, first * actionSize, environments * actionSize);
    next = first + environments == capacity ? 0 : first + environments;
    newestSlot = first;
    size = Math.min(size + environments, capacity);
    return first;
  }

  /** Bytes of pictures beyond one a row. */
  private long unshared() {
    if (stack == 1) {
      return 0;
    }
    long rows = Math.min(capacity, (long) size + environments);
    int bytesOfNumber = observations.narrow() ? 1 : Float.BYTES;
    return Math.max(0, observations.bytes() - rows * (observationSize / stack) * bytesOfNumber);
  }

  /** Marks an environment's newest row as the last of its episode; without one, a row to come. */
  void endEpisode(int environment) {
    flags[newestOf(environment)] |= ENDED; // which adding that row undoes
  }

  boolean terminated(int row) {
    return (flags[row] & TERMINATED) != 0;
  }

  boolean ended(int row) {
    return (flags[row] & ENDED) != 0;
  }

  float reward(int row) {
    return rewards[row];
  }

  /** Whether a row is its environment's newest. */
  boolean newest(int row) {
    return row >= newestSlot && row < newestSlot + environments;
  }

  /** The row of the same environment one step later, which must not be the newest. */
  int after(int row) {
    int after = row + environments;
    return after >= capacity ? after - capacity : after;
  }

  /** The row of the same environment a number of steps later, or earlier where negative. */
  int shifted(int row, int steps) {
    return (int) Math.floorMod((long) row + (long) steps * environments, (long) capacity);
  }

  /** Steps from a row to one of the same environment that is not older. */
  int stepsBetween(int row, int later) {
    return Math.floorMod(later - row, capacity) / environments;
  }

  /** The newest row of an environment. */
  int newestOf(int environment) {
    return newestSlot + environment;
  }

  void copyObservation(int row, float[] to, int at) {
    observations.copy(row, 0, observationSize, to, at);
  }

  /** Copies {@code count} numbers of a next observation, from its number {@code from} on. */
  void copyNextObservation(int row, int from, int count, float[] to, int at) {
    if (newest(row)) {
      System.arraycopy(newest, (row - newestSlot) * observationSize + from, to, at, count);
    } else if ((flags[row] & APART) != 0) {
      finals.copy(row, oldest(0), from, count, to, at);
    } else {
      observations.copy(after(row), from, count, to, at);
    }
  }

  void copyNextObservation(int row, float[] to, int at) {
    copyNextObservation(row, 0, observationSize, to, at);
  }

  void copyAction(int row, float[] to, int at) {
    System.arraycopy(actions, row * actionSize, to, at, actionSize);
  }

  /**
   * Reads something of each part of the rows, which brings them into the cache. The loads of many
   * rows wait for memory at the same time; copying one row after another would wait for each.
   *
   * @return a number without meaning that depends on all of it, so that the compiler keeps the
   *     reads
   */
  int touch(int[] rows, int count) {
    float sum = 0;
    for (int i = 0; i < count; i++) {
      int row = rows[i];
      sum += observations.touch(row) + actions[row * actionSize] + rewards[row] + flags[row];
      if (!newest(row)) {
        sum += observations.touch(after(row));
      }
    }
    return (int) sum;
  }

  /** The i-th oldest row, i in [0, size). */
  int oldest(int i) {
    int row = (size == capacity ? next : 0) + i;
    return row >= capacity ? row - capacity : row;
  }

  @Override
  public void save(StateWriter out) {
    out.put("capacity", capacity);
    out.put("next", next);
    out.put("size", size);
    observations.save(out, "observations", size);
    out.put("actions", actions, 0, size * actionSize);
    out.put("rewards", rewards, 0, size);
    out.put("flags", Arrays.copyOf(flags, size));
    out.put("newest", newest);
    finals.save(out);
  }

  @Override
  public void load(StateReader in) {
    int savedCapacity = in.getInt("capacity");
    int savedNext = in.getInt("next");
    int savedSize = in.getInt("size");
    boolean whole = savedSize == capacity && savedNext >= 0 && savedNext < capacity;
    boolean part = savedSize >= 0 && savedSize < capacity && savedNext == savedSize;
    if (savedCapacity != capacity || savedNext % environments != 0 || !(whole || part)) {
      throw new StateFormatException(
          "a replay buffer of %d transitions, the next at %d, of capacity %d cannot go into one of capacity %d"
              .formatted(savedSize, savedNext, savedCapacity, capacity));
    }
    next = savedNext;
    newestSlot = Math.floorMod(next - environments, capacity);
    observations.load(in, "observations", savedSize, newestSlot);
    in.get("actions", actions, 0, savedSize * actionSize);
    in.get("rewards", rewards, 0, savedSize);
    byte[] savedFlags = in.getBytes("flags");
    if (savedFlags.length != savedSize) {
      throw new StateFormatException(
          "a replay buffer of %d transitions has flags for %d"
              .formatted(savedSize, savedFlags.length));
    }
    System.arraycopy(savedFlags, 0, flags, 0, savedSize);
    size = savedSize;
    in.get("newest", newest);
    for (int e = 0; e < environments; e++) {
      flags[newestOf(e)] &= ~APART;
    }
    int[] apart =
        IntStream.range(0, size)
            .map(this::oldest)
            .filter(row -> (flags[row] & APART) != 0)
            .toArray();
    finals.load(in, apart);
  }
}
