package org.deeprl4j.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Reads fields in the format of {@link StateFile} through a buffer. No length is believed before it
 * has been compared with the bytes that are left. Its exceptions do not name the file, which {@link
 * StateFile} adds to these and to those of the objects that are read.
 */
final class BinaryStateReader implements StateReader {
  /** Objects of one another that no state has. */
  private static final int DEEPEST = 100;

  private final ReadableByteChannel channel;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(StateFile.BUFFER).order(ByteOrder.LITTLE_ENDIAN).flip();
  private final Deque<String> objects = new ArrayDeque<>();
  private final CRC32C crc = new CRC32C(); // of what has been read
  private long unread;

  /** A reader of the next {@code length} bytes of a channel. */
  BinaryStateReader(ReadableByteChannel channel, long length) {
    this.channel = channel;
    this.unread = length;
  }

  @Override
  public boolean getBoolean(String name) {
    field(FieldType.BOOLEAN, name);
    return bool(name);
  }

  @Override
  public int getInt(String name) {
    field(FieldType.INT, name);
    return need(Integer.BYTES).getInt();
  }

  @Override
  public long getLong(String name) {
    field(FieldType.LONG, name);
    return need(Long.BYTES).getLong();
  }

  @Override
  public double getDouble(String name) {
    field(FieldType.DOUBLE, name);
    return Double.longBitsToDouble(need(Long.BYTES).getLong());
  }

  @Override
  public String getString(String name) {
    field(FieldType.STRING, name);
    return text(bytes(count(name, 1)));
  }

  @Override
  public byte[] getBytes(String name) {
    field(FieldType.BYTES, name);
    return bytes(count(name, 1));
  }

  @Override
  public void get(String name, boolean[] into) {
    array(FieldType.BOOLEANS, name, into.length, 1);
    for (int i = 0; i < into.length; i++) {
      into[i] = bool(name);
    }
  }

  @Override
  public void get(String name, int[] into) {
    array(FieldType.INTS, name, into.length, Integer.BYTES);
    for (int done = 0; done < into.length; ) {
      int n = Math.min(need(Integer.BYTES).remaining() / Integer.BYTES, into.length - done);
      buffer.asIntBuffer().get(into, done, n);
      done += advance(n, Integer.BYTES);
    }
  }

  @Override
  public void get(String name, long[] into) {
    array(FieldType.LONGS, name, into.length, Long.BYTES);
    for (int done = 0; done < into.length; ) {
      int n = Math.min(need(Long.BYTES).remaining() / Long.BYTES, into.length - done);
      buffer.asLongBuffer().get(into, done, n);
      done += advance(n, Long.BYTES);
    }
  }

  @Override
  public void get(String name, double[] into) {
    array(FieldType.DOUBLES, name, into.length, Double.BYTES);
    fill(into);
  }

  @Override
  public void get(String name, float[] into, int offset, int length) {
    array(FieldType.FLOATS, name, length, Float.BYTES);
    fill(into, offset, length);
  }

  @Override
  public float[] getFloats(String name) {
    field(FieldType.FLOATS, name);
    float[] values = new float[count(name, Float.BYTES)];
    fill(values, 0, values.length);
    return values;
  }

  @Override
  public double[] getDoubles(String name) {
    field(FieldType.DOUBLES, name);
    double[] values = new double[count(name, Double.BYTES)];
    fill(values);
    return values;
  }

  @Override
  public void get(String name, Stateful part) {
    begin(name);
    part.load(this);
    end();
  }

  void begin(String name) {
    field(FieldType.OBJECT, name);
    objects.addLast(name);
  }

  void end() {
    byte found = need(1).get();
    if (found != FieldType.END.code()) {
      throw wrong(
          "expected the end of " + path() + ", found " + FieldType.label(found) + " " + name());
    }
    objects.removeLast();
  }

  /**
   * Reads parts of the object being read, to its end but not beyond.
   *
   * @param wanted by paths from here. Modified.
   * @param found receives the paths that are there. Modified.
   */
  void parts(Map<String, Stateful> wanted, Set<String> found) {
    int top = objects.size();
    while (objects.size() > top || need(1).get(buffer.position()) != FieldType.END.code()) {
      byte code = need(1).get();
      if (code == FieldType.END.code()) {
        objects.removeLast();
        continue;
      }
      String name = name();
      if (code != FieldType.OBJECT.code()) {
        skip(code, name);
        continue;
      }
      objects.addLast(name);
      if (objects.size() > DEEPEST) {
        throw wrong("objects lie within one another more than " + DEEPEST + " deep");
      }
      String path = String.join("/", objects.stream().skip(top).toList());
      Stateful part = wanted.get(path);
      if (part != null) {
        part.load(this);
        end();
        found.add(path);
      }
    }
  }

  private void skip(byte code, String name) {
    switch (FieldType.of(code)) {
      case BOOLEAN -> pass(1);
      case INT -> pass(Integer.BYTES);
      case LONG, DOUBLE -> pass(Long.BYTES);
      case STRING, BYTES, BOOLEANS -> pass(count(name, 1));
      case INTS, FLOATS -> pass((long) Integer.BYTES * count(name, Integer.BYTES));
      case LONGS, DOUBLES -> pass((long) Long.BYTES * count(name, Long.BYTES));
      case END, OBJECT -> throw new IllegalArgumentException("not a value: " + name);
    }
  }

  private void pass(long bytes) {
    for (long left = bytes; left > 0; ) {
      int n = (int) Math.min(need(1).remaining(), left);
      buffer.position(buffer.position() + n);
      left -= n;
    }
  }

  /** Checks that nothing is left. */
  void finish() {
    if (available() != 0) {
      throw wrong(available() + " bytes are left over at the end");
    }
  }

  /** The object being read, as "state/optimizer". */
  String path() {
    return String.join("/", objects);
  }

  private void field(FieldType type, String name) {
    byte found = need(1).get();
    if (found == FieldType.END.code()) {
      throw wrong("expected " + type.label() + " \"" + name + "\", found the end of " + path());
    }
    String foundName = name();
    if (found != type.code() || !foundName.equals(name)) {
      throw wrong(
          "expected "
              + type.label()
              + " \""
              + name
              + "\" in "
              + path()
              + ", found "
              + FieldType.label(found)
              + " \""
              + foundName
              + "\"");
    }
  }

  private String name() {
    return text(bytes(checked("a name", Short.toUnsignedInt(need(Short.BYTES).getShort()), 1)));
  }

  private void array(FieldType type, String name, int length, int bytes) {
    field(type, name);
    int found = count(name, bytes);
    if (found != length) {
      throw wrong(
          "expected " + length + " elements of " + path() + "/" + name + ", found " + found);
    }
  }

  private int count(String name, int bytes) {
    return checked(path() + "/" + name, need(Integer.BYTES).getInt(), bytes);
  }

  private int checked(String what, int count, int bytes) {
    if (count < 0 || (long) count * bytes > available()) {
      throw wrong(
          what + " claims " + count + " elements, but only " + available() + " bytes are left");
    }
    return count;
  }

  private boolean bool(String name) {
    byte value = need(1).get();
    if (value != 0 && value != 1) {
      throw wrong(path() + "/" + name + " is neither true nor false but " + value);
    }
    return value == 1;
  }

  private byte[] bytes(int length) {
    byte[] values = new byte[length];
    for (int done = 0; done < length; ) {
      int n = Math.min(need(1).remaining(), length - done);
      buffer.get(values, done, n);
      done += n;
    }
    return values;
  }

  private String text(byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new StateFormatException("in " + path() + ": a text is not UTF-8", e);
    }
  }

  private void fill(float[] into, int offset, int length) {
    for (int done = 0; done < length; ) {
      int n = Math.min(need(Float.BYTES).remaining() / Float.BYTES, length - done);
      buffer.asFloatBuffer().get(into, offset + done, n);
      done += advance(n, Float.BYTES);
    }
  }

  private void fill(double[] into) {
    for (int done = 0; done < into.length; ) {
      int n = Math.min(need(Double.BYTES).remaining() / Double.BYTES, into.length - done);
      buffer.asDoubleBuffer().get(into, done, n);
      done += advance(n, Double.BYTES);
    }
  }

  private int advance(int elements, int bytes) {
    buffer.position(buffer.position() + elements * bytes);
    return elements;
  }

  private long available() {
    return unread + buffer.remaining();
  }

  /** The buffer with at least that many bytes. */
  private ByteBuffer need(int bytes) {
    if (buffer.remaining() >= bytes) {
      return buffer;
    }
    if (available() < bytes) {
      throw wrong("it ends in the middle of a field");
    }
    buffer.compact();
    buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + unread));
    while (buffer.position() < bytes) {
      fill();
    }
    return buffer.flip();
  }

  /** Reads on, behind the buffer's position. */
  private void fill() {
    int from = buffer.position();
    try {
      if (channel.read(buffer) < 0) {
        throw new EOFException("it became shorter while it was read");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int got = buffer.position() - from;
    crc.update(buffer.array(), from, got);
    unread -= got;
  }

  /** Reads the rest, of which nobody wants anything, and returns the checksum of everything. */
  int checksumOfAll() {
    while (unread > 0) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), unread));
      fill();
    }
    return (int) crc.getValue();
  }

  private static StateFormatException wrong(String what) {
    return new StateFormatException(what);
  }
}
