package org.deeprl4j.algorithms.run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * TensorBoard's event records: a TFRecord frame (length, checksum of the length, data, checksum of
 * the data; little-endian) around a protocol buffer {@code tensorflow.Event}, of which only these
 * fields are used:
 *
 * <pre>
 * Event   { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }
 * Summary { repeated Value value = 1; }
 * Value   { string tag = 1; float simple_value = 2; TensorProto tensor = 8; SummaryMetadata metadata = 9; }
 * SummaryMetadata   { PluginData plugin_data = 1; }
 * PluginData        { string plugin_name = 1; bytes content = 2; }
 * </pre>
 *
 * and of the plug-in "hparams", whose table shows hyper-parameters beside the last scalars:
 *
 * <pre>
 * HParamsPluginData { SessionStartInfo session_start_info = 3; }
 * SessionStartInfo  { map&lt;string, Value&gt; hparams = 1; double start_time_secs = 5; }
 * Value             { double number_value = 2; string string_value = 3; bool bool_value = 4; }
 * </pre>
 */
final class EventRecords {
  // The low bits of a protocol buffer key give the encoding of the value.
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  /**
   * A float tensor of the shape [1] that holds 0: the plug-in reads values that have a tensor
   * alone.
   */
  private static final byte[] ZERO_TENSOR = {8, 1, 18, 4, 18, 2, 8, 1, 42, 4, 0, 0, 0, 0};

  private EventRecords() {}

  /** The record every event file starts with. */
  static byte[] header(double wallTime) {
    byte[] version = "brain.Event:2".getBytes(StandardCharsets.UTF_8);
    ByteBuffer event = buffer(16 + version.length);
    event.put(key(1, FIXED64)).putDouble(wallTime);
    bytes(event, 3, version);
    return frame(event);
  }

  /**
   * Encodes one scalar per tag, all at the same step.
   *
   * @param wallTime seconds since 1970
   * @param values by tag; TensorBoard groups tags by their part before the slash
   */
  static byte[] scalars(double wallTime, long step, Map<String, Double> values) {
    int size = 0;
    for (String tag : values.keySet()) {
      size += 32 + 4 * tag.length();
    }
    ByteBuffer summary = buffer(size);
    for (Map.Entry<String, Double> entry : values.entrySet()) {
      byte[] tag = entry.getKey().getBytes(StandardCharsets.UTF_8);
      ByteBuffer value = buffer(16 + tag.length);
      bytes(value, 1, tag);
      value.put(key(2, FIXED32)).putFloat(entry.getValue().floatValue());
      bytes(summary, 1, written(value));
    }
    ByteBuffer event = buffer(40 + summary.position());
    event.put(key(1, FIXED64)).putDouble(wallTime);
    varint(event.put(key(2, VARINT)), step);
    bytes(event, 5, written(summary));
    return frame(event);
  }

  /**
   * Encodes hyper-parameters.
   *
   * @param wallTime seconds since 1970
   * @param values numbers, booleans and texts by name
   */
  static byte[] hyperParameters(double wallTime, Map<String, Object> values) {
    int size = 16;
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      size += 32 + 4 * (entry.getKey().length() + entry.getValue().toString().length());
    }
    ByteBuffer session = buffer(size);
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      byte[] name = utf8(entry.getKey());
      byte[] value = value(entry.getValue());
      ByteBuffer pair = buffer(16 + name.length + value.length);
      bytes(pair, 1, name);
      bytes(pair, 2, value);
      bytes(session, 1, written(pair));
    }
    session.put(key(5, FIXED64)).putDouble(wallTime);
    byte[] content = nested(3, written(session));
    ByteBuffer plugin = buffer(32 + content.length);
    bytes(plugin, 1, utf8("hparams"));
    bytes(plugin, 2, content);
    ByteBuffer summary = buffer(96 + plugin.position());
    bytes(summary, 1, utf8("_hparams_/session_start_info"));
    bytes(summary, 8, ZERO_TENSOR);
    bytes(summary, 9, nested(1, written(plugin)));
    byte[] summaries = nested(1, written(summary));
    ByteBuffer event = buffer(40 + summaries.length);
    event.put(key(1, FIXED64)).putDouble(wallTime);
    bytes(event, 5, summaries);
    return frame(event);
  }

  private static byte[] value(Object value) {
    if (value instanceof Number number) {
      return written(buffer(16).put(key(2, FIXED64)).putDouble(number.doubleValue()));
    }
    if (value instanceof Boolean truth) {
      return written(buffer(16).put(key(4, VARINT)).put((byte) (truth ? 1 : 0)));
    }
    return nested(3, utf8(value.toString()));
  }

  private static byte[] nested(int field, byte[] content) {
    ByteBuffer out = buffer(16 + content.length);
    bytes(out, field, content);
    return written(out);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] frame(ByteBuffer event) {
    byte[] data = written(event);
    ByteBuffer frame = buffer(16 + data.length).putLong(data.length);
    frame.putInt(maskedChecksum(frame.array(), Long.BYTES));
    frame.put(data).putInt(maskedChecksum(data, data.length));
    return frame.array();
  }

  /**
   * TFRecord rotates and shifts its checksums, so that checksums of data that contains checksums
   * stay reliable.
   */
  private static int maskedChecksum(byte[] data, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  private static ByteBuffer buffer(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] written(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.flip().remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static byte key(int field, int wireType) {
    return (byte) ((field << 3) | wireType);
  }

  private static void bytes(ByteBuffer out, int field, byte[] value) {
    out.put(key(field, BYTES));
    varint(out, value.length);
    out.put(value);
  }

  private static void varint(ByteBuffer out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.put((byte) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }
}
