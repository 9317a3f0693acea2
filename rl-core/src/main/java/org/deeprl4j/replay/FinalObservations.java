package org.deeprl4j.replay;

import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * The next observations that are no row's observation, first in, first out, as the rows of a ring
 * that lead to them. Takes memory for those it holds.
 */
final class FinalObservations {
  private final int capacity; // of the ring
  private final ObservationRows rows;
  private final long positions; // of `rows`, used in a circle of whole blocks
  private int[] owners = new int[16]; // the rows that lead there, a circle of a power of two
  private long first;
  private long end;

  FinalObservations(int capacity, int size, boolean narrow) {
    this.capacity = capacity;
    int block = new ObservationRows(1, size, narrow).blockRows();
    // One block more than needed, so that the first and the last are never the same.
    positions = ((capacity - 1L) / block + 2) * block;
    rows = new ObservationRows(positions, size, narrow);
  }

  /** Appends what a row leads to, which is younger than all others here. */
  void add(int owner, float[] from, int at) {
    if (end - first == owners.length) {
      int[] more = new int[2 * owners.length];
      for (long i = first; i < end; i++) {
        more[(int) i & (more.length - 1)] = owner(i);
      }
      owners = more;
    }
    owners[(int) end & (owners.length - 1)] = owner;
    rows.put(end % positions, from, at);
    end++;
  }

  /** The memory they take. */
  long bytes() {
    return rows.bytes() + (long) Integer.BYTES * owners.length;
  }

  private int owner(long i) {
    return owners[(int) i & (owners.length - 1)];
  }

  /** Forgets what rows {@code [from, to)} lead to, the oldest of the ring or none of it. */
  void forget(int from, int to) {
    while (first < end && owner(first) >= from && owner(first) < to) {
      first++;
      if (first % rows.blockRows() == 0) {
        rows.release((first - 1) % positions);
      }
    }
  }

  /** Copies a part of what a row leads to; it must be here. */
  void copy(int row, int oldest, int start, int count, float[] to, int at) {
    int age = age(row, oldest);
    long low = first;
    long high = end - 1;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (age(owner(middle), oldest) < age) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    rows.copy(low % positions, start, count, to, at);
  }

  /** Rows between the ring's oldest and one. */
  private int age(int row, int oldest) {
    return row >= oldest ? row - oldest : row - oldest + capacity;
  }

  void save(StateWriter out) {
    out.put("finalsFrom", (int) (first % rows.blockRows()));
    rows.save(out, "finals", first % positions, end - first);
  }

  /** Reads what was written, for these rows, the oldest first. */
  void load(StateReader in, int[] from) {
    int start = in.getInt("finalsFrom");
    if (start < 0 || start >= rows.blockRows()) {
      throw new StateFormatException("finalsFrom must be a place in a block, not " + start);
    }
    owners = new int[Math.max(16, Integer.highestOneBit(2 * from.length))];
    first = start;
    end = start;
    for (int row : from) {
      owners[(int) end & (owners.length - 1)] = row;
      end++;
    }
    rows.load(in, "finals", first, end - first);
  }
}
