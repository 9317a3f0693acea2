package org.deeprl4j.replay;

import java.util.Arrays;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * The rows of a replay buffer: a ring of time slots, each with one transition of every environment,
 * so that the transition after row i of the same environment is row i + n. All memory is taken at
 * the start.
 */
final class Transitions implements Stateful {
  private static final int TERMINATED = 1;
  private static final int ENDED = 2;

  final int environments;
  final int observationSize;
  final int actionSize;
  final int capacity;
  private final float[] observations;
  private final float[] actions;
  private final float[] rewards;
  private final float[] nextObservations;
  private final byte[] flags;
  private int next; // the row where the next slot starts
  private int size;

  Transitions(int capacity, int environments, int observationSize, int actionSize) {
    if (environments < 1 || capacity < environments) {
      throw new IllegalArgumentException(
          "a replay buffer needs at least one environment and room for a transition of each, not "
              + environments
              + " environments and a capacity of "
              + capacity);
    }
    // Whole slots, so that the ring has no seam.
    this.capacity = capacity / environments * environments;
    long floats = (long) this.capacity * Math.max(observationSize, actionSize);
    if (floats > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a replay buffer of %d transitions of %d observations and %d actions is larger than an array can be: lower its capacity to at most %d"
              .formatted(
                  capacity,
                  observationSize,
                  actionSize,
                  (Integer.MAX_VALUE - 8) / Math.max(observationSize, actionSize)));
    }
    long bytes = this.capacity * (4L * (2L * observationSize + actionSize + 1) + 1);
    long free = Runtime.getRuntime().maxMemory();
    if (bytes > free) {
      throw new IllegalArgumentException(
          "a replay buffer of %d transitions needs %d MB, but the JVM may use only %d MB: lower its capacity or raise -Xmx"
              .formatted(capacity, bytes >> 20, free >> 20));
    }
    this.environments = environments;
    this.observationSize = observationSize;
    this.actionSize = actionSize;
    observations = new float[this.capacity * observationSize];
    actions = new float[this.capacity * actionSize];
    rewards = new float[this.capacity];
    nextObservations = new float[this.capacity * observationSize];
    flags = new byte[this.capacity];
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
    System.arraycopy(
        newObservations, 0, observations, first * observationSize, environments * observationSize);
    System.arraycopy(newActions, 0, actions, first * actionSize, environments * actionSize);
    System.arraycopy(
        newNextObservations,
        0,
        nextObservations,
        first * observationSize,
        environments * observationSize);
    for (int e = 0; e < environments; e++) {
      rewards[first + e] = (float) newRewards[e];
      flags[first + e] = (byte) ((terminated[e] ? TERMINATED : 0) | (ended[e] ? ENDED : 0));
    }
    next = first + environments == capacity ? 0 : first + environments;
    size = Math.min(size + environments, capacity);
    return first;
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
    int after = row - row % environments + environments;
    return (after == capacity ? 0 : after) == next;
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
    return Math.floorMod(next - environments, capacity) + environment;
  }

  void copyObservation(int row, float[] to, int at) {
    System.arraycopy(observations, row * observationSize, to, at, observationSize);
  }

  /** Copies a part of a next observation to the start of an array. */
  void copyNextObservation(int row, int from, int count, float[] to) {
    System.arraycopy(nextObservations, row * observationSize + from, to, 0, count);
  }

  void copyNextObservation(int row, float[] to, int at) {
    System.arraycopy(nextObservations, row * observationSize, to, at, observationSize);
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
    int sum = 0;
    for (int i = 0; i < count; i++) {
      int row = rows[i];
      int observation = row * observationSize;
      float first = observations[observation] + nextObservations[observation];
      int end = observation + observationSize - 1;
      float last = observations[end] + nextObservations[end];
      sum += (int) (first + last + actions[row * actionSize] + rewards[row]) + flags[row];
    }
    return sum;
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
    out.put("observations", observations, 0, size * observationSize);
    out.put("actions", actions, 0, size * actionSize);
    out.put("rewards", rewards, 0, size);
    out.put("nextObservations", nextObservations, 0, size * observationSize);
    out.put("flags", Arrays.copyOf(flags, size));
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
    in.get("observations", observations, 0, savedSize * observationSize);
    in.get("actions", actions, 0, savedSize * actionSize);
    in.get("rewards", rewards, 0, savedSize);
    in.get("nextObservations", nextObservations, 0, savedSize * observationSize);
    byte[] savedFlags = in.getBytes("flags");
    if (savedFlags.length != savedSize) {
      throw new StateFormatException(
          "a replay buffer of %d transitions has flags for %d"
              .formatted(savedSize, savedFlags.length));
    }
    System.arraycopy(savedFlags, 0, flags, 0, savedSize);
    next = savedNext;
    size = savedSize;
  }
}
