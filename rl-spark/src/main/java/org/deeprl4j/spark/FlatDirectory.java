package org.deeprl4j.spark;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.deeprl4j.state.WholeFile;

/** Directories of files alone, as those of runs are. */
final class FlatDirectory {
  private FlatDirectory() {}

  /** A hidden directory beside another one. */
  static Path beside(Path directory, String suffix) {
    return directory.resolveSibling("." + directory.getFileName() + "." + suffix);
  }

  /**
   * Deletes a directory with its files, if it is there.
   *
   * @throws IOException if it cannot be, as there are directories in it
   */
  static void delete(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  /**
   * Puts one directory in the place of another. Killed between, it leaves the one that was replaced
   * beside the place, from where {@link #recover} takes it back.
   *
   * @param by its own name is gone then
   */
  static void replace(Path directory, Path by) throws IOException {
    Path old = beside(directory, "old");
    delete(old);
    WholeFile.move(directory, old);
    WholeFile.move(by, directory);
    delete(old);
  }

  /** Undoes a replacement that was killed half-way. */
  static void recover(Path directory) throws IOException {
    Path old = beside(directory, "old");
    if (!Files.exists(directory) && Files.exists(old)) {
      WholeFile.move(old, directory);
    }
    delete(old);
    delete(beside(directory, "part"));
  }
}
