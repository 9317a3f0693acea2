package org.deeprl4j.replay;

import java.util.Arrays;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * Observations by row, in blocks that are taken as rows arrive. A block holds bytes as long as each
 * of its numbers is a whole one from 0 to 255, as in pictures, and floats otherwise: what comes out
 * has the bits of what went in.
 */
final class ObservationRows implements Rows {
  /**
   * Numbers of a block, at most, unless a row has more: 256 kB of floats, which the garbage
   * collector G1 treats as any other object, whatever its regions' size.
   */
  private static final int BLOCK = 1 << 16;

  private final int size; // numbers of a row
  private final int shift; // from a row to its block
  private final byte[][] bytes; // a block is here, or in floats, or not taken yet
  private final float[][] floats;
  private boolean narrow;
  private long taken; // bytes of the blocks

  /**
   * No rows yet, and no memory but for the blocks' table.
   *
   * @param rows how many there may be
   * @param size numbers of a row
   * @param narrow whether blocks begin as bytes
   */
  ObservationRows(long rows, int size, boolean narrow) {
    this.size = size;
    this.narrow = narrow;
    shift = 31 - Integer.numberOfLeadingZeros(Math.max(1, BLOCK / size));
    int blocks = (int) (((rows - 1) >> shift) + 1);
    bytes = new byte[blocks][];
    floats = new float[blocks][];
  }

  /** Rows of a block. */
  int blockRows() {
    return 1 << shift;
  }

  @Override
  public boolean narrow() {
    return narrow;
  }

  private int block(long row) {
    return (int) (row >> shift);
  }

  private int offset(long row) {
    return (int) (row & (blockRows() - 1)) * size;
  }

  private float[] takenFloats(int block) {
    if (floats[block] == null) {
      floats[block] = new float[blockRows() * size];
      taken += (long) blockRows() * size * Float.BYTES;
    }
    return floats[block];
  }

  @Override
  public void put(long row, float[] from, int at) {
    int block = block(row);
    if (floats[block] == null && (narrow || bytes[block] != null)) {
      if (bytes[block] == null) {
        bytes[block] = new byte[blockRows() * size];
        taken += (long) blockRows() * size;
      }
      if (putBytes(bytes[block], offset(row), from, at)) {
        return;
      }
      widen(block);
    }
    System.arraycopy(from, at, takenFloats(block), offset(row), size);
  }

  /** False if a number is none from 0 to 255; −0 is none. */
  private boolean putBytes(byte[] to, int start, float[] from, int at) {
    for (int i = 0; i < size; i++) {
      int whole = (int) from[at + i] & 0xFF;
      if (Float.floatToRawIntBits(whole) != Float.floatToRawIntBits(from[at + i])) {
        return false;
      }
      to[start + i] = (byte) whole;
    }
    return true;
  }

  /** From bytes to floats; blocks to come begin as floats. */
  private void widen(int block) {
    float[] wide = takenFloats(block);
    toFloats(bytes[block], 0, wide.length, wide, 0);
    bytes[block] = null;
    taken -= wide.length;
    narrow = false;
  }

  private static void toFloats(byte[] from, int start, int count, float[] to, int at) {
    for (int i = 0; i < count; i++) {
      to[at + i] = from[start + i] & 0xFF;
    }
  }

  @Override
  public void copy(long row, int first, int count, float[] to, int at) {
    int block = block(row);
    float[] wide = floats[block];
    if (wide != null) {
      System.arraycopy(wide, offset(row) + first, to, at, count);
    } else {
      toFloats(bytes[block], offset(row) + first, count, to, at);
    }
  }

  /** {@inheritDoc} Its first and last numbers. */
  @Override
  public float touch(long row) {
    int block = block(row);
    int start = offset(row);
    float[] wide = floats[block];
    return wide != null
        ? wide[start] + wide[start + size - 1]
        : bytes[block][start] + bytes[block][start + size - 1];
  }

  @Override
  public long bytes() {
    return taken;
  }

  /** Gives back a row's block, none of whose rows is needed any more. */
  void release(long row) {
    int block = block(row);
    taken -= bytes[block] != null ? bytes[block].length : (long) Float.BYTES * blockRows() * size;
    bytes[block] = null;
    floats[block] = null;
  }

  @Override
  public void save(StateWriter out, String name, int count) {
    save(out, name, 0L, count);
  }

  @Override
  public void load(StateReader in, String name, int count, int newestSlot) {
    load(in, name, 0L, count);
  }

  /** Writes rows from one on, in a circle, a field a block. */
  void save(StateWriter out, String name, long from, long count) {
    out.put(name + "Narrow", narrow);
    long row = from;
    for (long left = count; left > 0; ) {
      int rows = rowsAt(row, left);
      float[] wide = floats[block(row)];
      out.put(name + "AsBytes", wide == null);
      if (wide == null) {
        int start = offset(row);
        out.put(name, Arrays.copyOfRange(bytes[block(row)], start, start + rows * size));
      } else {
        out.put(name, wide, offset(row), rows * size);
      }
      left -= rows;
      row = after(row, rows);
    }
  }

  /** Reads rows as they were written; all others are empty then. */
  void load(StateReader in, String name, long from, long count) {
    Arrays.fill(bytes, null);
    Arrays.fill(floats, null);
    taken = 0;
    narrow = in.getBoolean(name + "Narrow");
    long row = from;
    for (long left = count; left > 0; ) {
      int rows = rowsAt(row, left);
      if (in.getBoolean(name + "AsBytes")) {
        byte[] saved = in.getBytes(name);
        if (saved.length != rows * size) {
          throw new StateFormatException(
              "%s should hold %d numbers, not %d".formatted(name, rows * size, saved.length));
        }
        bytes[block(row)] = new byte[blockRows() * size];
        taken += (long) blockRows() * size;
        System.arraycopy(saved, 0, bytes[block(row)], offset(row), saved.length);
      } else {
        in.get(name, takenFloats(block(row)), offset(row), rows * size);
      }
      left -= rows;
      row = after(row, rows);
    }
  }

  /** Rows from one on that lie in its block, at most {@code most}. */
  private int rowsAt(long row, long most) {
    return (int) Math.min(blockRows() - (row & (blockRows() - 1)), most);
  }

  /** The row some rows later, in a circle. */
  private long after(long row, int rows) {
    return row + rows == (long) bytes.length << shift ? 0 : row + rows;
  }
}
