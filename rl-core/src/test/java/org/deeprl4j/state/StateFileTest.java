package org.deeprl4j.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
  @TempDir Path directory;

  /** One field of every type, and a part. */
  private static final class Everything implements Stateful {
    boolean flag;
    int number;
    long big;
    double real;
    String text = "";
    byte[] raw = {};
    final boolean[] flags = new boolean[3];
    final int[] ints = new int[4];
    final long[] longs = new long[2];
    final double[] doubles = new double[3];
    final float[] floats = new float[6];
    float[] free = {};
    double[] freeDoubles = {};
    final Part part = new Part();

    static Everything filled() {
      Everything e = new Everything();
      e.flag = true;
      e.number = Integer.MIN_VALUE;
      e.big = 0x0123_4567_89AB_CDEFL;
      e.real = -0.0;
      e.text = "π ≠ 3\n";
      e.raw = new byte[] {-1, 0, 1};
      e.flags[1] = true;
      Arrays.setAll(e.ints, i -> i * i - 7);
      Arrays.setAll(e.longs, i -> Long.MAX_VALUE - i);
      System.arraycopy(new double[] {Double.NaN, Double.MIN_VALUE, 1 / 3.0}, 0, e.doubles, 0, 3);
      float[] f = {0, Float.NaN, -0f, Float.POSITIVE_INFINITY, Float.MIN_VALUE, 0};
      System.arraycopy(f, 0, e.floats, 0, 6);
      e.free = new float[] {1.5f};
      e.freeDoubles = new double[] {2.5, 3.5};
      e.part.value = 99;
      return e;
    }

    @Override
    public void save(StateWriter out) {
      out.put("flag", flag);
      out.put("number", number);
      out.put("big", big);
      out.put("real", real);
      out.put("text", text);
      out.put("raw", raw);
      out.put("part", part);
      out.put("flags", flags);
      out.put("ints", ints);
      out.put("longs", longs);
      out.put("doubles", doubles);
      out.put("floats", floats, 1, 4);
      out.put("free", free);
      out.put("freeDoubles", freeDoubles);
    }

    @Override
    public void load(StateReader in) {
      flag = in.getBoolean("flag");
      number = in.getInt("number");
      big = in.getLong("big");
      real = in.getDouble("real");
      text = in.getString("text");
      raw = in.getBytes("raw");
      in.get("part", part);
      in.get("flags", flags);
      in.get("ints", ints);
      in.get("longs", longs);
      in.get("doubles", doubles);
      in.get("floats", floats, 1, 4);
      free = in.getFloats("free");
      freeDoubles = in.getDoubles("freeDoubles");
    }
  }

  private static final class Part implements Stateful {
    int value;

    @Override
    public void save(StateWriter out) {
      out.put("value", value);
    }

    @Override
    public void load(StateReader in) {
      value = in.getInt("value");
    }
  }

  @Test
  void everyType_comesBackBitForBit() throws IOException {
    Everything saved = Everything.filled();
    Path file = directory.resolve("all.state");
    StateFile.write(file, "everything", saved);
    Everything loaded = new Everything();
    StateFile.read(file, "everything", loaded);
    assertTrue(loaded.flag);
    assertEquals(saved.number, loaded.number);
    assertEquals(saved.big, loaded.big);
    assertEquals(Double.doubleToRawLongBits(-0.0), Double.doubleToRawLongBits(loaded.real));
    assertEquals(saved.text, loaded.text);
    assertArrayEquals(saved.raw, loaded.raw);
    assertEquals(99, loaded.part.value);
    assertArrayEquals(saved.flags, loaded.flags);
    assertArrayEquals(saved.ints, loaded.ints);
    assertArrayEquals(saved.longs, loaded.longs);
    assertArrayEquals(saved.doubles, loaded.doubles);
    assertArrayEquals(saved.floats, loaded.floats);
    assertArrayEquals(saved.free, loaded.free);
    assertArrayEquals(saved.freeDoubles, loaded.freeDoubles);
    // And the same object gives the same bytes, in memory too.
    assertArrayEquals(StateFile.toBytes("everything", loaded), Files.readAllBytes(file));
    assertEquals("everything", StateFile.kind(file));
  }

  @Test
  void arraysLongerThanTheBuffer_comeBack() throws IOException {
    class Large implements Stateful {
      final float[] floats = new float[StateFile.BUFFER + 13];
      final double[] doubles = new double[StateFile.BUFFER / 3];
      final long[] longs = new long[StateFile.BUFFER / 5];
      final int[] ints = new int[StateFile.BUFFER];
      final boolean[] flags = new boolean[StateFile.BUFFER + 1];
      byte[] bytes = new byte[StateFile.BUFFER * 2 + 1];

      @Override
      public void save(StateWriter out) {
        out.put("floats", floats);
        out.put("doubles", doubles);
        out.put("longs", longs);
        out.put("ints", ints);
        out.put("flags", flags);
        out.put("bytes", bytes);
      }

      @Override
      public void load(StateReader in) {
        in.get("floats", floats);
        in.get("doubles", doubles);
        in.get("longs", longs);
        in.get("ints", ints);
        in.get("flags", flags);
        bytes = in.getBytes("bytes");
      }
    }

    Large saved = new Large();
    Random random = new Random(3);
    for (int i = 0; i < saved.floats.length; i++) {
      saved.floats[i] = random.nextFloat();
    }
    Arrays.setAll(saved.doubles, i -> random.nextDouble());
    Arrays.setAll(saved.longs, i -> random.nextLong());
    Arrays.setAll(saved.ints, i -> random.nextInt());
    saved.flags[StateFile.BUFFER] = true;
    random.nextBytes(saved.bytes);
    Path file = directory.resolve("large.state");
    StateFile.write(file, "large", saved);
    Large loaded = new Large();
    StateFile.read(file, "large", loaded);
    assertArrayEquals(saved.floats, loaded.floats);
    assertArrayEquals(saved.doubles, loaded.doubles);
    assertArrayEquals(saved.longs, loaded.longs);
    assertArrayEquals(saved.ints, loaded.ints);
    assertArrayEquals(saved.flags, loaded.flags);
    assertArrayEquals(saved.bytes, loaded.bytes);
  }

  @Test
  void anyChangedByte_isDamage() throws IOException {
    Path file = directory.resolve("damaged.state");
    byte[] good = StateFile.toBytes("everything", Everything.filled());
    for (int i = 0; i < good.length; i++) {
      for (int mask : new int[] {1, 0x80, 0xFF}) {
        byte[] bad = good.clone();
        bad[i] ^= (byte) mask;
        Everything target = new Everything();
        assertThrows(
            DamagedStateException.class,
            () -> StateFile.fromBytes(bad, "everything", target),
            "byte " + i);
      }
      byte[] bad = good.clone();
      bad[i] ^= 0x10;
      Files.write(file, bad);
      String message =
          assertThrows(
                  DamagedStateException.class,
                  () -> StateFile.read(file, "everything", new Everything()))
              .getMessage();
      assertTrue(message.startsWith(file.toString()), message);
      assertThrows(DamagedStateException.class, () -> StateFile.kind(file));
    }
  }

  @Test
  void anyTruncationOrExtension_isNoticed() {
    byte[] good = StateFile.toBytes("everything", Everything.filled());
    for (int length = 0; length < good.length + 20; length++) {
      if (length != good.length) {
        byte[] bad = Arrays.copyOf(good, length);
        assertThrows(
            StateFormatException.class,
            () -> StateFile.fromBytes(bad, "everything", new Everything()),
            "length " + length);
      }
    }
  }

  @Test
  void changedFields_underAGoodChecksum_areStillOnlyFormatErrors() {
    // What a buggy or hostile writer could produce: every single-byte change, checksums mended.
    byte[] good = StateFile.toBytes("everything", Everything.filled());
    int refused = 0;
    for (int i = StateFile.HEADER; i < good.length; i++) {
      for (int mask : new int[] {1, 0x40, 0x80, 0xFF}) {
        byte[] bad = good.clone();
        bad[i] ^= (byte) mask;
        mend(bad);
        try {
          StateFile.fromBytes(bad, "everything", new Everything());
        } catch (StateFormatException e) {
          refused++;
        }
      }
    }
    assertTrue(refused > good.length, "refused " + refused);
  }

  @Test
  void messages_tellWhatIsWrong() throws IOException {
    Path file = directory.resolve("x.state");
    StateFile.write(file, "everything", Everything.filled());
    byte[] good = Files.readAllBytes(file);
    refused(file, good, "other", m -> contains(m, "\"everything\"", "\"other\""));
    refused(
        file, Arrays.copyOf(good, good.length - 1), "everything", m -> contains(m, "truncated"));
    refused(file, Arrays.copyOf(good, 20), "everything", m -> contains(m, "truncated"));
    refused(file, new byte[0], "everything", m -> contains(m, "not a DeepRL4J state file"));
    refused(file, "PK a zip file, say".getBytes("UTF-8"), "everything", m -> contains(m, "not a"));
    byte[] newer = good.clone();
    newer[8] = 2;
    refused(file, newer, "everything", m -> contains(m, "version 2", "version 1"));
    byte[] damaged = good.clone();
    damaged[good.length - 5] ^= 4;
    refused(file, damaged, "everything", m -> contains(m, "damaged"));
  }

  private void refused(Path file, byte[] bytes, String kind, Consumer<String> message)
      throws IOException {
    Files.write(file, bytes);
    Everything target = new Everything();
    StateFormatException e =
        assertThrows(StateFormatException.class, () -> StateFile.read(file, kind, target));
    contains(e.getMessage(), file.toString());
    message.accept(e.getMessage());
  }

  @Test
  void load_reportsAnObjectThatDoesNotFit() {
    byte[] bytes = StateFile.toBytes("t", writer(out -> out.put("weights", new float[] {1, 2, 3})));
    mismatch(bytes, in -> in.get("weights", new float[4]), "4 elements", "state/weights", "3");
    mismatch(bytes, in -> in.getFloats("biases"), "\"biases\"", "\"weights\"");
    mismatch(bytes, in -> in.getDoubles("weights"), "doubles", "floats");
    mismatch(bytes, in -> {}, "end of state", "floats weights");
    mismatch(
        bytes,
        in -> {
          in.getFloats("weights");
          in.getInt("more");
        },
        "\"more\"",
        "end of state");
    mismatch(
        bytes,
        in -> {
          throw new IllegalArgumentException("boom");
        },
        "boom");
    byte[] nested = StateFile.toBytes("t", writer(out -> out.put("part", new Part())));
    mismatch(nested, in -> in.get("other", new Part()), "\"other\"", "\"part\"");
    mismatch(nested, in -> in.get("part", reader(i -> i.getLong("value"))), "state/part", "long");
    mismatch(nested, in -> in.get("part", reader(i -> {})), "end of state/part", "value");
    mismatch(nested, in -> in.getInt("part"), "object", "int");
  }

  private static void mismatch(byte[] bytes, Consumer<StateReader> load, String... parts) {
    StateFormatException e =
        assertThrows(
            StateFormatException.class, () -> StateFile.fromBytes(bytes, "t", reader(load)));
    contains(e.getMessage(), parts);
  }

  @Test
  void lengthsAreChecked_beforeMemoryIsTaken() {
    byte[] bytes = StateFile.toBytes("t", writer(out -> out.put("f", new float[] {1})));
    // The count is the 4 bytes before the element and the two end markers' first.
    int at = bytes.length - 1 - Float.BYTES - Integer.BYTES;
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, Integer.MAX_VALUE);
    mend(bytes);
    mismatch(bytes, in -> in.getFloats("f"), "2147483647", "are left");
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, -1);
    mend(bytes);
    mismatch(bytes, in -> in.getFloats("f"), "-1");
  }

  @Test
  void failedWrite_leavesOnlyTheOldFile() throws IOException {
    Path file = directory.resolve("kept.state");
    StateFile.write(file, "everything", Everything.filled());
    byte[] before = Files.readAllBytes(file);
    assertThrows(
        IllegalStateException.class,
        () ->
            StateFile.write(
                file,
                "everything",
                writer(
                    out -> {
                      out.put("much", new float[1 << 20]);
                      throw new IllegalStateException("killed");
                    })));
    assertArrayEquals(before, Files.readAllBytes(file));
    try (var files = Files.list(directory)) {
      assertEquals(1, files.count());
    }
    StateFile.write(file, "part", new Part());
    assertEquals("part", StateFile.kind(file));
  }

  /** By what the kernel counts of this process's reads. */
  @Test
  void aFile_isReadOnce() throws IOException {
    Path io = Path.of("/proc/self/io");
    assumeTrue(Files.isReadable(io));
    int length = 1 << 22;
    Path file = directory.resolve("large.state");
    StateFile.write(file, "large", writer(out -> out.put("much", new float[length])));
    float[] into = new float[length];
    Stateful reader = reader(in -> in.get("much", into));
    StateFile.read(file, "large", reader); // loads classes
    long before = bytesRead(io);
    StateFile.read(file, "large", reader);
    long read = bytesRead(io) - before;
    assertTrue(read >= Files.size(file) && read < 1.5 * Files.size(file), read + " bytes");
  }

  private static long bytesRead(Path io) throws IOException {
    return Files.readAllLines(io).stream()
        .filter(line -> line.startsWith("rchar: "))
        .mapToLong(line -> Long.parseLong(line.substring(7)))
        .findFirst()
        .orElseThrow();
  }

  /** A file that claims more memory than there is says that it is damaged, if it is. */
  @Test
  void memoryThatRunsOut_isDamage_ofADamagedFile() {
    byte[] bytes = StateFile.toBytes("t", writer(out -> out.put("f", new float[] {1})));
    Stateful greedy =
        reader(
            in -> {
              throw new OutOfMemoryError("as if");
            });
    assertThrows(OutOfMemoryError.class, () -> StateFile.fromBytes(bytes, "t", greedy));
    bytes[bytes.length - 4] ^= 1;
    assertThrows(DamagedStateException.class, () -> StateFile.fromBytes(bytes, "t", greedy));
  }

  @Test
  void missingFiles_areIoErrors() {
    Path file = directory.resolve("none");
    assertThrows(NoSuchFileException.class, () -> StateFile.read(file, "k", new Part()));
    assertThrows(NoSuchFileException.class, () -> StateFile.kind(file));
    Path nowhere = directory.resolve("no/where");
    assertThrows(NoSuchFileException.class, () -> StateFile.write(nowhere, "k", new Part()));
  }

  private static void contains(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), text + " lacks " + part);
    }
  }

  /** Makes the checksums right again. */
  private static void mend(byte[] bytes) {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    CRC32C crc = new CRC32C();
    crc.update(bytes, StateFile.HEADER, bytes.length - StateFile.HEADER);
    b.putInt(20, (int) crc.getValue());
    crc.reset();
    crc.update(bytes, 0, 24);
    b.putInt(24, (int) crc.getValue());
  }

  private static Stateful writer(Consumer<StateWriter> save) {
    return new Stateful() {
      @Override
      public void save(StateWriter out) {
        save.accept(out);
      }

      @Override
      public void load(StateReader in) {
        throw new UnsupportedOperationException();
      }
    };
  }

  private static Stateful reader(Consumer<StateReader> load) {
    return new Stateful() {
      @Override
      public void save(StateWriter out) {
        throw new UnsupportedOperationException();
      }

      @Override
      public void load(StateReader in) {
        load.accept(in);
      }
    };
  }

  @Test
  void interruptedThread_writesAll() throws Exception {
    Path file = directory.resolve("interrupted");
    Thread.currentThread().interrupt();
    try {
      StateFile.write(file, "everything", Everything.filled());
    } finally {
      assertTrue(Thread.interrupted(), "the status is kept");
    }
    assertArrayEquals(
        StateFile.toBytes("everything", Everything.filled()), Files.readAllBytes(file));
  }
}
