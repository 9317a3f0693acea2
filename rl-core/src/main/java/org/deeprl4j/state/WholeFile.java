package org.deeprl4j.state;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * A file that is written whole or not at all: its content goes beside its place under the name
 * {@code NAME.tmp}, is forced to the disk and then moved there atomically, so that a process killed
 * at any moment leaves the previous file or the new one, and perhaps a temporary one, which the
 * next writer of the same path replaces. One writer per path at a time.
 *
 * <pre>{@code
 * try (WholeFile file = WholeFile.replacing(path)) {
 *   // write file.temporary()
 *   file.commit();
 * }
 * }</pre>
 *
 * <p>Reading is for files that others may have written: it is bounded, and never waits for a pipe.
 * The exceptions of both name the file.
 */
public final class WholeFile implements AutoCloseable {
  private static final Duration STALE = Duration.ofHours(1);

  private final Path target;
  private final Path temporary;
  private boolean moved;

  private WholeFile(Path target, Path temporary) {
    this.target = target;
    this.temporary = temporary;
  }

  /**
   * Begins a file that takes the place of what may be there.
   *
   * @throws IOException if it cannot be written
   */
  public static WholeFile replacing(Path target) throws IOException {
    Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
    try {
      // A new file: a link that lay here could lead anywhere.
      Files.deleteIfExists(temporary);
      Files.createFile(temporary);
    } catch (IOException e) {
      throw FileErrors.named(target, e);
    }
    return new WholeFile(target, temporary);
  }

  /**
   * Writes a file.
   *
   * @throws IOException if it cannot be written; an existing file is then as it was
   */
  public static void write(Path target, byte[] content) throws IOException {
    try (WholeFile file = replacing(target)) {
      // Not a channel, here and below: an interrupt would close that.
      try (RandomAccessFile out = new RandomAccessFile(file.temporary.toFile(), "rw")) {
        out.write(content);
      } catch (IOException e) {
        throw FileErrors.named(target, e);
      }
      file.commit();
    }
  }

  /**
   * Reads a file whole.
   *
   * @param most the largest size that is read, in bytes
   * @throws IOException if it cannot be read, or is a directory, a pipe or a device
   * @throws StateFormatException if it is larger
   */
  public static byte[] read(Path file, int most) throws IOException {
    requireRegular(file);
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(most);
      if (in.read() >= 0) {
        throw new StateFormatException(
            file + " has more than " + most + " bytes, the most that such a file may have");
      }
    } catch (IOException e) {
      throw FileErrors.named(file, e);
    }
    return content;
  }

  /**
   * Checks that a path leads to a file with content of its own: a pipe could block for ever, and a
   * device never end.
   *
   * @throws IOException naming the path if it does not
   */
  public static void requireRegular(Path file) throws IOException {
    if (Files.isRegularFile(file)) {
      return;
    }
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a directory, not a file");
    }
    try {
      file.getFileSystem().provider().checkAccess(file); // throws if there is none
    } catch (IOException e) {
      throw FileErrors.named(file, e);
    }
    throw new FileSystemException(file.toString(), null, "is a pipe or a device, not a file");
  }

  /**
   * Deletes what writers have left behind that were killed: the files of a directory that match a
   * pattern and have not changed for an hour. For names that no later writer takes again.
   *
   * @param glob such as {@code "run*.part"}
   * @throws IOException if the directory cannot be read
   */
  public static void deleteStale(Path directory, String glob) throws IOException {
    Instant before = Instant.now().minus(STALE);
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, glob)) {
      for (Path file : found) {
        try {
          if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
            Files.deleteIfExists(file);
          }
        } catch (IOException e) {
          // It is gone, or belongs to somebody else.
        }
      }
    } catch (DirectoryIteratorException e) {
      throw FileErrors.named(directory, Objects.requireNonNull(e.getCause()));
    }
  }

  /** Where the content goes until {@link #commit}. It exists, and is empty at first. */
  public Path temporary() {
    return temporary;
  }

  /** Forces the content to the disk and moves it to its place. */
  public void commit() throws IOException {
    try {
      try (RandomAccessFile file = new RandomAccessFile(temporary.toFile(), "rw")) {
        file.getFD().sync();
      }
    } catch (IOException e) {
      throw FileErrors.named(target, e);
    }
    move(temporary, target);
    moved = true;
  }

  /**
   * Moves a file to another name in its directory, in the place of what may be there, atomically
   * and durably.
   *
   * @throws IOException if it cannot be moved; both are then as they were
   */
  public static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw FileErrors.named(to, e);
    }
    forceDirectory(
        Objects.requireNonNull(to.toAbsolutePath().getParent(), "a file lies in a directory"));
  }

  /** Discards the content if it was not committed. */
  @Override
  public void close() throws IOException {
    if (!moved) {
      Files.deleteIfExists(temporary);
    }
  }

  /** Makes a move itself durable, where the platform lets a directory be forced. */
  private static void forceDirectory(Path directory) {
    boolean interrupted = false;
    boolean again = true;
    while (again) {
      again = false;
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      } catch (ClosedByInterruptException e) {
        interrupted |= Thread.interrupted();
        again = true;
      } catch (IOException e) {
        // Some platforms cannot open directories; there the file system decides when it is durable.
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
