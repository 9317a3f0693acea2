package org.deeprl4j.algorithms.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * A lock on a directory between processes, and within this one: the operating system's lock on a
 * file in it that nothing else reads or writes. The file stays when the lock is released; were it
 * deleted, two processes could each lock a file of that name.
 */
public final class DirectoryLock implements AutoCloseable {
  /** The name of the file. */
  public static final String FILE = "lock";

  /**
   * The files locked by this process. POSIX drops a process's locks on a file as soon as it closes
   * any descriptor of that file, so a second one is never opened, not even to find it locked.
   */
  private static final Set<Path> HELD = new HashSet<>();

  private static final int ATTEMPTS = 5;
  private static final long BETWEEN_NANOS = 10_000_000;

  private final Path file;
  private final FileChannel channel;

  private DirectoryLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Locks a directory, which is created with its parents if it is not there.
   *
   * @throws FileSystemException naming what is in the way if it cannot be created, or is in use
   */
  public static DirectoryLock create(Path directory) throws IOException {
    createDirectories(directory);
    return acquire(directory);
  }

  /** Creates a directory and its parents where they are not there. */
  static void createDirectories(Path directory) throws IOException {
    try {
      Files.createDirectories(directory);
    } catch (FileAlreadyExistsException e) {
      throw new FileSystemException(directory.toString(), null, "is a file, not a directory");
    }
  }

  /**
   * Locks a directory that exists.
   *
   * @throws FileSystemException naming the directory if it is in use
   */
  public static DirectoryLock acquire(Path directory) throws IOException {
    Path real = directory.toRealPath().resolve(FILE);
    synchronized (HELD) {
      if (HELD.contains(real)) {
        throw inUse(directory);
      }
      AppendedFile.requireOwn(real);
      FileChannel channel =
          FileChannel.open(real, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      boolean locked = false;
      try {
        locked = lock(channel);
      } finally {
        if (!locked) {
          channel.close();
        }
      }
      if (!locked) {
        throw inUse(directory);
      }
      HELD.add(real);
      return new DirectoryLock(real, channel);
    }
  }

  /**
   * Tries for a moment, as {@link #isHeld} of another process may be asking.
   *
   * @param channel of the file to lock. Modified.
   */
  private static boolean lock(FileChannel channel) throws IOException {
    for (int attempt = 1; channel.tryLock() == null; attempt++) {
      if (attempt == ATTEMPTS) {
        return false;
      }
      LockSupport.parkNanos(BETWEEN_NANOS);
    }
    return true;
  }

  /**
   * Whether somebody holds the lock on a directory, this process included. Who is about to acquire
   * it is not kept from that.
   *
   * @return false if nobody has ever locked it, or it cannot be read
   */
  public static boolean isHeld(Path directory) {
    try {
      if (!Files.isRegularFile(directory.resolve(FILE), LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      Path real = directory.toRealPath().resolve(FILE);
      synchronized (HELD) {
        if (HELD.contains(real)) {
          return true;
        }
        try (FileChannel channel =
            FileChannel.open(real, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
          return channel.tryLock(0, Long.MAX_VALUE, true) == null;
        }
      }
    } catch (IOException e) {
      return false;
    }
  }

  private static FileSystemException inUse(Path directory) {
    return new FileSystemException(
        directory.toString(), null, "is in use by another run; wait for it or stop it");
  }

  @Override
  public void close() throws IOException {
    synchronized (HELD) {
      if (channel.isOpen()) {
        HELD.remove(file);
        channel.close();
      }
    }
  }
}
