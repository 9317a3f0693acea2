package org.deeprl4j.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Writes fields in the format of {@link StateFile} through a buffer, with a running checksum. */
final class BinaryStateWriter implements StateWriter {
  private static final int LONGEST_NAME = 0xFFFF;

  private final OutputStream stream;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(StateFile.BUFFER).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();
  private long length;

  BinaryStateWriter(OutputStream stream) {
    this.stream = stream;
  }

  @Override
  public void put(String name, boolean value) {
    field(FieldType.BOOLEAN, name);
    room(1).put((byte) (value ? 1 : 0));
  }

  @Override
  public void put(String name, int value) {
    field(FieldType.INT, name);
    room(Integer.BYTES).putInt(value);
  }

  @Override
  public void put(String name, long value) {
    field(FieldType.LONG, name);
    room(Long.BYTES).putLong(value);
  }

  @Override
  public void put(String name, double value) {
    field(FieldType.DOUBLE, name);
    room(Double.BYTES).putLong(Double.doubleToRawLongBits(value));
  }

  @Override
  public void put(String name, String value) {
    field(FieldType.STRING, name);
    byte[] bytes = value.getBytes(UTF_8);
    room(Integer.BYTES).putInt(bytes.length);
    raw(bytes);
  }

  @Override
  public void put(String name, byte[] values) {
    array(FieldType.BYTES, name, values.length);
    raw(values);
  }

  @Override
  public void put(String name, boolean[] values) {
    array(FieldType.BOOLEANS, name, values.length);
    for (boolean value : values) {
      room(1).put((byte) (value ? 1 : 0));
    }
  }

  @Override
  public void put(String name, int[] values) {
    array(FieldType.INTS, name, values.length);
    for (int done = 0; done < values.length; ) {
      int n = Math.min(room(Integer.BYTES).remaining() / Integer.BYTES, values.length - done);
      buffer.asIntBuffer().put(values, done, n);
      done += advance(n, Integer.BYTES);
    }
  }

  @Override
  public void put(String name, long[] values) {
    array(FieldType.LONGS, name, values.length);
    for (int done = 0; done < values.length; ) {
      int n = Math.min(room(Long.BYTES).remaining() / Long.BYTES, values.length - done);
      buffer.asLongBuffer().put(values, done, n);
      done += advance(n, Long.BYTES);
    }
  }

  @Override
  public void put(String name, double[] values) {
    array(FieldType.DOUBLES, name, values.length);
    for (int done = 0; done < values.length; ) {
      int n = Math.min(room(Double.BYTES).remaining() / Double.BYTES, values.length - done);
      buffer.asDoubleBuffer().put(values, done, n);
      done += advance(n, Double.BYTES);
    }
  }

  @Override
  public void put(String name, float[] values, int offset, int count) {
    array(FieldType.FLOATS, name, count);
    for (int done = 0; done < count; ) {
      int n = Math.min(room(Float.BYTES).remaining() / Float.BYTES, count - done);
      buffer.asFloatBuffer().put(values, offset + done, n);
      done += advance(n, Float.BYTES);
    }
  }

  @Override
  public void put(String name, Stateful part) {
    begin(name);
    part.save(this);
    end();
  }

  void begin(String name) {
    field(FieldType.OBJECT, name);
  }

  void end() {
    room(1).put(FieldType.END.code());
  }

  /** Hands what is buffered to the stream. */
  void flush() {
    buffer.flip();
    crc.update(buffer.duplicate());
    length += buffer.remaining();
    try {
      stream.write(buffer.array(), 0, buffer.limit());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    buffer.clear();
  }

  /** The number of bytes flushed. */
  long length() {
    return length;
  }

  /** The CRC-32C of the bytes flushed. */
  int checksum() {
    return (int) crc.getValue();
  }

  private void array(FieldType type, String name, int count) {
    field(type, name);
    room(Integer.BYTES).putInt(count);
  }

  private void field(FieldType type, String name) {
    byte[] bytes = name.getBytes(UTF_8);
    if (bytes.length > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "a field's name takes at most " + LONGEST_NAME + " bytes, not " + bytes.length);
    }
    room(1 + Short.BYTES).put(type.code()).putShort((short) bytes.length);
    raw(bytes);
  }

  private void raw(byte[] bytes) {
    for (int done = 0; done < bytes.length; ) {
      int n = Math.min(room(1).remaining(), bytes.length - done);
      buffer.put(bytes, done, n);
      done += n;
    }
  }

  /** The buffer with at least that many bytes free. */
  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  private int advance(int elements, int bytes) {
    buffer.position(buffer.position() + elements * bytes);
    return elements;
  }
}
