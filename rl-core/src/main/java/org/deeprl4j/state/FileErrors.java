package org.deeprl4j.state;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** What went wrong with a file, in one line that names it. */
public final class FileErrors {
  private FileErrors() {}

  /**
   * An exception that names a file. Those of streams that are already open say only what failed,
   * such as "No space left on device".
   *
   * @return of the kind of {@code e}, where that is one of a file system
   */
  public static IOException named(Path file, IOException e) {
    String name = file.toString();
    if (e instanceof FileSystemException known && name.equals(known.getFile())) {
      return e;
    }
    IOException named;
    if (e instanceof NoSuchFileException) {
      named = new NoSuchFileException(name, null, missing(file));
    } else if (e instanceof AccessDeniedException) {
      named = new AccessDeniedException(name);
    } else if (e instanceof FileSystemException known) {
      named = new FileSystemException(name, null, reason(known));
    } else if (e instanceof FileNotFoundException) {
      // "NAME (Permission denied)"
      String text = String.valueOf(e.getMessage());
      int from = text.lastIndexOf('(');
      String why = from > 0 ? text.substring(from + 1, text.length() - 1) : text;
      named = new FileSystemException(name, null, why);
    } else {
      named = new FileSystemException(name, null, text(e));
    }
    named.initCause(e);
    return named;
  }

  /** As above, of an exception that had to pass through code which throws none. */
  static IOException named(Path file, UncheckedIOException e) {
    return named(file, cause(e));
  }

  /** One line: the file, if the exception names one, and what is wrong with it. */
  public static String describe(UncheckedIOException e) {
    return describe(cause(e));
  }

  private static IOException cause(UncheckedIOException e) {
    IOException cause = e.getCause();
    return cause == null ? new IOException(e) : cause;
  }

  /** One line: the file, if the exception names one, and what is wrong with it. */
  public static String describe(IOException e) {
    return e instanceof FileSystemException known && known.getFile() != null
        ? known.getFile() + ": " + reason(known)
        : text(e);
  }

  private static String reason(FileSystemException e) {
    String given = e.getReason();
    if (given != null) {
      return given;
    }
    if (e instanceof NoSuchFileException) {
      return missing(Path.of(e.getFile()));
    } else if (e instanceof AccessDeniedException) {
      return "permission denied";
    } else if (e instanceof FileAlreadyExistsException) {
      return "exists";
    } else if (e instanceof NotDirectoryException) {
      return "is not a directory";
    } else if (e instanceof DirectoryNotEmptyException) {
      return "is not empty";
    }
    return "the file system refuses it";
  }

  private static String missing(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    return directory == null || Files.isDirectory(directory)
        ? "there is no such file"
        : "there is no directory " + directory;
  }

  private static String text(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
