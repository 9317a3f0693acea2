package org.deeprl4j.replay;

import java.util.Arrays;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * Observations by row of a ring, each a stack of the last k pictures: a picture is kept once,
 * though up to k rows show it. A row shares what its environment's row before shows one place
 * later, and an episode's first row, which shows one picture k times, shares it with itself; what
 * is shared is compared number by number, so that anything else that has the shape of a stack is
 * kept as well, without saving anything.
 *
 * <p>Pictures are numbered as they come and live in a circle. A row refers to pictures that came
 * with its own slot or with the k − 1 slots before, so those older than what the oldest slot refers
 * to are not needed any more.
 */
final class StackedRows implements Rows {
  private final int capacity;
  private final int environments;
  private final int k;
  private final int size; // of a picture
  private final ObservationRows pictures;
  private final long positions; // of `pictures`, used in a circle of whole blocks
  private final int[] numbers; // of the pictures of each row, the last 32 bits, [capacity, k]
  private final float[] last; // the newest rows, [environments, k, size]
  private final long[] shown; // a row's pictures, [k]
  private int rows;
  private long first; // picture that is kept
  private long end;

  /**
   * No rows yet.
   *
   * @param capacity of the ring, a multiple of {@code environments}
   * @param k pictures of a stack, at least 2
   * @param size numbers of a picture
   */
  StackedRows(int capacity, int environments, int k, int size) {
    this.capacity = capacity;
    this.environments = environments;
    this.k = k;
    this.size = size;
    int block = new ObservationRows(1, size, true).blockRows();
    long most = ((long) capacity + (long) k * environments) * k;
    // One block more than needed, so that the first and the last are never the same.
    positions = ((most - 1) / block + 2) * block;
    pictures = new ObservationRows(positions, size, true);
    numbers = new int[Math.multiplyExact(capacity, k)];
    last = new float[environments * k * size];
    shown = new long[k];
  }

  @Override
  public boolean narrow() {
    return pictures.narrow();
  }

  @Override
  public long bytes() {
    return pictures.bytes();
  }

  @Override
  public void put(long index, float[] from, int at) {
    int row = (int) index;
    int environment = row % environments;
    if (environment == 0) {
      forget(row);
    }
    int own = environment * k * size; // in `last`
    boolean follows = rows > environment; // there is a row of this environment before
    int before = row < environments ? row + capacity - environments : row - environments;
    boolean fresh = false; // whether the picture before is one that came with this row
    for (int i = 0; i < k; i++) {
      if (follows && i < k - 1 && equal(last, own + (i + 1) * size, from, at + i * size)) {
        shown[i] = picture(before, i + 1);
        fresh = false;
      } else if (fresh && equal(from, at + (i - 1) * size, from, at + i * size)) {
        shown[i] = shown[i - 1];
      } else {
        pictures.put(end % positions, from, at + i * size);
        shown[i] = end++;
        fresh = true;
      }
    }
    for (int i = 0; i < k; i++) {
      numbers[row * k + i] = (int) shown[i];
    }
    System.arraycopy(from, at, last, own, k * size);
    rows = Math.min(capacity, Math.max(rows, row + 1));
  }

  /** Whether two pictures have the same bits. */
  private boolean equal(float[] a, int p, float[] b, int q) {
    return Arrays.equals(a, p, p + size, b, q, q + size);
  }

  /** The number of the i-th picture of a row. */
  private long picture(int row, int i) {
    return end - ((int) end - numbers[row * k + i]); // as fewer than 2³¹ are kept
  }

  /** Gives back what only the slot that begins at a row refers to, if there is one. */
  private void forget(int slot) {
    if (rows < capacity) {
      return;
    }
    int oldest = (slot + environments) % capacity;
    long least = end;
    for (int i = 0; i < environments * k; i++) {
      least = Math.min(least, picture(oldest, i));
    }
    int block = pictures.blockRows();
    for (long done = first / block; done < least / block; done++) {
      pictures.release(done * block % positions);
    }
    first = Math.max(first, least);
  }

  @Override
  public void copy(long row, int from, int count, float[] to, int at) {
    int stop = from + count;
    for (int n = from; n < stop; ) {
      int i = n / size;
      int part = Math.min(stop, (i + 1) * size) - n;
      pictures.copy(picture((int) row, i) % positions, n - i * size, part, to, at + n - from);
      n += part;
    }
  }

  @Override
  public float touch(long row) {
    float sum = 0;
    for (int i = 0; i < k; i++) {
      sum += pictures.touch(picture((int) row, i) % positions);
    }
    return sum;
  }

  @Override
  public void save(StateWriter out, String name, int count) {
    int[] relative = new int[count * k];
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < k; i++) {
        relative[row * k + i] = (int) (picture(row, i) - first);
      }
    }
    out.put(name + "Shown", relative);
    out.put(name + "From", (int) (first % pictures.blockRows()));
    out.put(name + "Count", (int) (end - first));
    pictures.save(out, name, first % positions, end - first);
  }

  @Override
  public void load(StateReader in, String name, int count, int newestSlot) {
    int[] relative = new int[count * k];
    in.get(name + "Shown", relative);
    int start = in.getInt(name + "From");
    int kept = in.getInt(name + "Count");
    if (start < 0 || start >= pictures.blockRows() || kept < 0 || kept > positions) {
      throw new StateFormatException(
          "%d pictures from place %d of a block do not fit".formatted(kept, start));
    }
    for (int number : relative) {
      if (number < 0 || number >= kept) {
        throw new StateFormatException("a row shows picture %d of %d".formatted(number, kept));
      }
    }
    first = start;
    end = first + kept;
    pictures.load(in, name, first, kept);
    rows = count;
    for (int i = 0; i < relative.length; i++) {
      numbers[i] = (int) (first + relative[i]);
    }
    for (int e = 0; e < environments && count > 0; e++) {
      copy(newestSlot + e, 0, k * size, last, e * k * size);
    }
  }
}
