package org.deeprl4j.algorithms.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeprl4j.state.FileErrors;
import org.deeprl4j.state.WholeFile;
import org.jspecify.annotations.Nullable;

/** A file that grows at its end. Its exceptions name it. */
final class AppendedFile implements AutoCloseable {
  private final Path path;
  private final RandomAccessFile file; // not a channel: an interrupt would close that

  /** Opens a file, or creates it. */
  AppendedFile(Path path) throws IOException {
    this.path = path;
    requireOwn(path);
    try {
      file = new RandomAccessFile(path.toFile(), "rw");
    } catch (IOException e) {
      throw FileErrors.named(path, e);
    }
  }

  /** Checks that what may lie at a path is a file, and no link, which could lead anywhere. */
  static void requireOwn(Path path) throws IOException {
    if (Files.isSymbolicLink(path)) {
      throw new FileSystemException(path.toString(), null, "is a link, not a file");
    }
    if (Files.exists(path)) {
      WholeFile.requireRegular(path);
    }
  }

  Path path() {
    return path;
  }

  long length() throws IOException {
    try {
      return file.length();
    } catch (IOException e) {
      throw FileErrors.named(path, e);
    }
  }

  /** Cuts off what lies behind a length, where {@link #append} goes on. */
  void cutTo(long length) throws IOException {
    try {
      file.setLength(length);
      file.seek(length);
    } catch (IOException e) {
      throw FileErrors.named(path, e);
    }
  }

  void append(byte[] bytes) throws IOException {
    try {
      file.write(bytes);
    } catch (IOException e) {
      throw FileErrors.named(path, e);
    }
  }

  /** Forces what was appended to the disk. */
  void sync() throws IOException {
    try {
      file.getFD().sync();
    } catch (IOException e) {
      throw FileErrors.named(path, e);
    }
  }

  /** The first line, without its end; null if none ends within {@code most} bytes. */
  @Nullable String firstLine(int most) throws IOException {
    try {
      long position = file.getFilePointer();
      file.seek(0);
      byte[] start = new byte[(int) Math.min(most, file.length())];
      file.readFully(start);
      file.seek(position);
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (byte b : start) {
        if (b == '\n') {
          return line.toString(StandardCharsets.UTF_8);
        }
        line.write(b);
      }
      return null;
    } catch (IOException e) {
      throw FileErrors.named(path, e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
