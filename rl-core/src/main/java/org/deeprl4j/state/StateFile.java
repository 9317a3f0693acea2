package org.deeprl4j.state;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.zip.CRC32C;

/**
 * The state of a {@link Stateful} object as a file, or as bytes of the same format.
 *
 * <p>A file appears whole or not at all, as a {@link WholeFile}, and a thread that is interrupted
 * goes on writing. A file is read once: its checksum is known to be wrong only at its end, and what
 * was read until then is not to be used.
 *
 * <p>Format, version 1, little-endian: a header of 28 bytes (magic {@code 89 "DRL4J" 0D 0A}; int
 * version; long length of the body; int CRC-32C of the body; int CRC-32C of the 24 bytes before),
 * then the body, which is the field "state" of type object, whose first field is the string "kind".
 * A field is a type byte, the length of its name as an unsigned short, the name in UTF-8 and the
 * value: booleans as bytes 0 and 1, arrays and strings after an int that counts their elements or
 * bytes, an object as its fields and an end byte.
 */
public final class StateFile {
  static final int VERSION = 1;
  static final int HEADER = 28;
  static final int BUFFER = 1 << 18;
  private static final int LENGTH = 12; // its place in the header
  private static final int CHECKSUM = 20;
  private static final long MAGIC = 0x0A0D_4A34_4C52_4489L; // read as little-endian bytes
  private static final String ROOT = "state";
  private static final String KIND = "kind";

  private StateFile() {}

  /**
   * Writes an object's state to a file, replacing it if it exists.
   *
   * @param kind what the object is, {@code "ppo"} say; {@link #read} insists on it
   * @throws IOException if the file cannot be written; an existing file is then as it was
   */
  public static void write(Path file, String kind, Stateful object) throws IOException {
    try (WholeFile whole = WholeFile.replacing(file)) {
      // Not a channel: an interrupt would close that.
      try (RandomAccessFile out = new RandomAccessFile(whole.temporary().toFile(), "rw")) {
        out.seek(HEADER);
        ByteBuffer header = writeBody(new BinaryStateWriter(streamTo(out)), kind, object);
        out.seek(0);
        out.write(header.array());
      } catch (UncheckedIOException e) {
        throw FileErrors.named(file, e);
      } catch (IOException e) {
        throw FileErrors.named(file, e);
      }
      whole.commit();
    }
  }

  /**
   * Reads a file into an object built with the configuration of the one that was written.
   *
   * @param kind the kind it was written with
   * @param object receives the state. Modified, also where this fails: it is then not to be used,
   *     unless another file is read into it.
   * @throws IOException if the file cannot be read
   * @throws DamagedStateException if the file is damaged, truncated, foreign or of a newer version
   * @throws StateFormatException if it is of another kind, or does not fit the object
   */
  public static void read(Path file, String kind, Stateful object) throws IOException {
    String name = file.toString();
    try (FileChannel channel = open(file)) {
      readBody(channel, channel.size(), kind, object, name);
    } catch (UncheckedIOException e) {
      throw FileErrors.named(file, e);
    } catch (IOException e) {
      throw FileErrors.named(file, e);
    }
  }

  /**
   * The kind a file was written with.
   *
   * @throws IOException if the file cannot be read
   * @throws DamagedStateException if the file is damaged, truncated, foreign or of a newer version
   */
  public static String kind(Path file) throws IOException {
    try (FileChannel channel = open(file)) {
      return parse(
          channel,
          channel.size(),
          file.toString(),
          in -> {
            in.begin(ROOT);
            return in.getString(KIND);
          });
    } catch (UncheckedIOException e) {
      throw FileErrors.named(file, e);
    } catch (IOException e) {
      throw FileErrors.named(file, e);
    }
  }

  private static FileChannel open(Path file) throws IOException {
    WholeFile.requireRegular(file);
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  /** The bytes of the file that {@link #write} would write. */
  public static byte[] toBytes(String kind, Stateful object) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[HEADER]);
    ByteBuffer header = writeBody(new BinaryStateWriter(bytes), kind, object);
    byte[] all = bytes.toByteArray();
    header.get(all, 0, HEADER);
    return all;
  }

  /**
   * As {@link #read}, from bytes.
   *
   * @param object receives the state. Modified.
   */
  public static void fromBytes(byte[] bytes, String kind, Stateful object) {
    try {
      ReadableByteChannel channel = Channels.newChannel(new ByteArrayInputStream(bytes));
      readBody(channel, bytes.length, kind, object, "the state in memory");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static OutputStream streamTo(RandomAccessFile file) {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        file.write(one);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        file.write(bytes, offset, length);
      }
    };
  }

  /** Writes everything but the header, and returns that. */
  private static ByteBuffer writeBody(BinaryStateWriter out, String kind, Stateful object) {
    out.begin(ROOT);
    out.put(KIND, kind);
    object.save(out);
    out.end();
    out.flush();
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(MAGIC).putInt(VERSION).putLong(out.length()).putInt(out.checksum());
    CRC32C crc = new CRC32C();
    crc.update(header.array(), 0, HEADER - Integer.BYTES);
    return header.putInt((int) crc.getValue()).flip();
  }

  private static void readBody(
      ReadableByteChannel channel, long size, String kind, Stateful object, String name)
      throws IOException {
    parse(
        channel,
        size,
        name,
        in -> {
          in.begin(ROOT);
          String found = in.getString(KIND);
          if (!found.equals(kind)) {
            throw new StateFormatException(
                "holds the state of \"" + found + "\", not of \"" + kind + "\"");
          }
          object.load(in);
          in.end();
          in.finish();
          return kind;
        });
  }

  /**
   * Reads a whole file. Damage looks like anything, a file that does not fit among it, so that the
   * checksum decides what is told.
   */
  private static <T> T parse(
      ReadableByteChannel channel, long size, String name, Function<BinaryStateReader, T> body)
      throws IOException {
    ByteBuffer header = readHeader(channel, size, name);
    BinaryStateReader in = new BinaryStateReader(channel, header.getLong(LENGTH));
    T result = null;
    Throwable failure = null;
    try {
      result = body.apply(in);
    } catch (UncheckedIOException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError e) {
      failure = e;
    }
    if (in.checksumOfAll() != header.getInt(CHECKSUM)) {
      throw new DamagedStateException(name + " is damaged: its checksum is wrong");
    }
    if (failure instanceof OutOfMemoryError e) {
      throw e;
    } else if (failure instanceof StateFormatException e) {
      throw naming(name, e);
    } else if (failure != null) {
      throw new StateFormatException(
          name + ": does not fit: near " + in.path() + ": " + failure.getMessage(), failure);
    }
    return Objects.requireNonNull(result);
  }

  /** What a field or an object says of itself, with the file that holds it. */
  private static StateFormatException naming(String name, StateFormatException e) {
    String message = String.valueOf(e.getMessage());
    return message.startsWith(name)
        ? e
        : new StateFormatException(name + ": " + message, e.getCause() == null ? e : e.getCause());
  }

  /** As {@link StateParts#read}. */
  static Set<String> readParts(Path file, String kind, Map<String, Stateful> parts)
      throws IOException {
    Set<String> found = new LinkedHashSet<>();
    read(
        file,
        kind,
        new Stateful() {
          @Override
          public void save(StateWriter out) {
            throw new UnsupportedOperationException("parts are read only");
          }

          @Override
          public void load(StateReader in) {
            ((BinaryStateReader) in).parts(parts, found);
          }
        });
    return found;
  }

  /** Reads and checks the header. */
  private static ByteBuffer readHeader(ReadableByteChannel channel, long size, String name)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // until the header is there
    }
    buffer.flip();
    if (buffer.remaining() < Long.BYTES || buffer.getLong(0) != MAGIC) {
      throw new DamagedStateException(name + " is not a DeepRL4J state file");
    }
    if (buffer.remaining() < HEADER) {
      throw new DamagedStateException(
          name + " is truncated: " + size + " bytes, less than its header");
    }
    int version = buffer.getInt(8);
    if (version != VERSION) {
      throw new DamagedStateException(
          name + " has format version " + version + "; this program reads version " + VERSION);
    }
    long body = buffer.getLong(LENGTH);
    CRC32C crc = new CRC32C();
    crc.update(buffer.array(), 0, HEADER - Integer.BYTES);
    if ((int) crc.getValue() != buffer.getInt(24)) {
      throw new DamagedStateException(name + " is damaged: its header's checksum is wrong");
    }
    if (size - HEADER != body) {
      throw new DamagedStateException(
          name
              + (size - HEADER < body ? " is truncated: " : " is damaged: ")
              + size
              + " bytes where its header tells "
              + (body + HEADER));
    }
    return buffer;
  }
}
