package org.deeprl4j.algorithms.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;

/** Reads the records back with TensorFlow's own classes and a checksum of another make. */
class EventRecordsTest {

  @Test
  void records_areReadByTensorFlow() throws Exception {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("train/mean_return", -123.456);
    values.put("train/nothing", Double.NaN);
    values.put("train/größe", 1e-30);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(EventRecords.header(1.5));
    file.write(EventRecords.scalars(1e9 + 0.25, 3_000_000_000L, values));
    file.write(EventRecords.scalars(2e9, 0, Map.of("x".repeat(300), 1.0)));

    List<Event> events = parse(file.toByteArray());
    assertEquals(3, events.size());
    assertEquals("brain.Event:2", events.get(0).getFileVersion());
    assertEquals(1.5, events.get(0).getWallTime());
    Event scalars = events.get(1);
    assertEquals(3_000_000_000L, scalars.getStep());
    assertEquals(1e9 + 0.25, scalars.getWallTime());
    assertEquals(
        List.of("train/mean_return", "train/nothing", "train/größe"),
        scalars.getSummary().getValueList().stream().map(Summary.Value::getTag).toList());
    assertEquals(
        List.of(-123.456f, Float.NaN, 1e-30f),
        scalars.getSummary().getValueList().stream().map(Summary.Value::getSimpleValue).toList());
    assertEquals(300, events.get(2).getSummary().getValue(0).getTag().length());
  }

  /** What the plug-in reads, taken apart by the numbers of its fields. */
  @Test
  void hyperParameters_areThoseOfThePlugin() throws Exception {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("gamma", 0.99);
    values.put("sharedNetwork", true);
    values.put("activation", "größe");
    Summary.Value value =
        parse(EventRecords.hyperParameters(7.5, values)).get(0).getSummary().getValue(0);
    assertEquals("_hparams_/session_start_info", value.getTag());
    assertEquals("hparams", value.getMetadata().getPluginData().getPluginName());
    assertEquals(1, value.getTensor().getFloatValCount());
    UnknownFieldSet plugin =
        UnknownFieldSet.parseFrom(value.getMetadata().getPluginData().getContent().toByteArray());
    UnknownFieldSet session =
        UnknownFieldSet.parseFrom(plugin.getField(3).getLengthDelimitedList().get(0));
    assertEquals(
        Double.doubleToLongBits(7.5), session.getField(5).getFixed64List().get(0).longValue());
    Map<String, String> found = new LinkedHashMap<>();
    for (ByteString pair : session.getField(1).getLengthDelimitedList()) {
      UnknownFieldSet entry = UnknownFieldSet.parseFrom(pair);
      UnknownFieldSet one =
          UnknownFieldSet.parseFrom(entry.getField(2).getLengthDelimitedList().get(0));
      String text =
          one.hasField(2)
              ? "" + Double.longBitsToDouble(one.getField(2).getFixed64List().get(0))
              : one.hasField(4)
                  ? "" + one.getField(4).getVarintList().get(0)
                  : one.getField(3).getLengthDelimitedList().get(0).toStringUtf8();
      found.put(entry.getField(1).getLengthDelimitedList().get(0).toStringUtf8(), text);
    }
    assertEquals(Map.of("gamma", "0.99", "sharedNetwork", "1", "activation", "größe"), found);
  }

  /** The events of a file, every checksum verified. */
  static List<Event> parse(byte[] file) throws Exception {
    List<Event> events = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      int start = in.position();
      byte[] data = new byte[Math.toIntExact(in.getLong())];
      assertEquals(masked(Arrays.copyOfRange(file, start, start + 8)), in.getInt());
      in.get(data);
      assertEquals(masked(data), in.getInt());
      events.add(Event.parseFrom(data));
    }
    return events;
  }

  /** CRC-32C bit by bit, masked as TensorFlow's documentation of the format says. */
  private static int masked(byte[] data) {
    int crc = ~0;
    for (byte b : data) {
      crc ^= b & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0x82f63b78);
      }
    }
    crc = ~crc;
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }
}
