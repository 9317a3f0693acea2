package org.deeprl4j.algorithms.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeprl4j.state.DamagedStateException;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.Stateful;
import org.deeprl4j.state.WholeFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last few checkpoints of a run: {@code checkpoint.bin}, and before it {@code checkpoint-1.bin}
 * and so on, which are used where newer ones are damaged.
 */
final class Checkpoints {
  /** What is not yet the newest. */
  static final String NEW = "checkpoint.new";

  static final String KIND = "checkpoint";
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

  private final Path directory;
  private final int keep;

  Checkpoints(Path directory, int keep) {
    this.directory = directory;
    this.keep = keep;
  }

  /** The existing ones, the newest first. */
  List<Path> files() {
    List<Path> found = new ArrayList<>();
    // The first one is missing if the process was killed between the two renamings.
    for (int age = 0; age <= keep || Files.exists(file(age)); age++) {
      if (Files.exists(file(age))) {
        found.add(file(age));
      }
    }
    return found;
  }

  /**
   * Reads the newest undamaged one.
   *
   * @param content Modified, also by damaged ones.
   * @return whether there is one
   */
  boolean read(Stateful content) throws IOException {
    for (Path file : files()) {
      try {
        StateFile.read(file, KIND, content);
        return true;
      } catch (DamagedStateException e) {
        LOG.warn("{}; it is passed over", e.getMessage());
      }
    }
    return false;
  }

  /** The newest undamaged one, or null; to know it takes reading it. */
  @Nullable Path newestWhole() throws IOException {
    for (Path file : files()) {
      try {
        StateFile.kind(file);
        return file;
      } catch (DamagedStateException e) {
        LOG.debug("{}", e.getMessage());
      }
    }
    return null;
  }

  /**
   * Writes a new one; the others become one older, and the oldest beyond the limit goes.
   *
   * @param again whether it takes the place of the newest one instead, which is of the same steps
   */
  void write(Stateful content, boolean again) throws IOException {
    Path newest = directory.resolve(NEW);
    StateFile.write(newest, KIND, content);
    for (int age = again ? 0 : keep - 1; age > 0; age--) {
      if (Files.exists(file(age - 1))) {
        WholeFile.move(file(age - 1), file(age));
      }
    }
    WholeFile.move(newest, file(0));
  }

  private Path file(int age) {
    return directory.resolve(age == 0 ? "checkpoint.bin" : "checkpoint-%d.bin".formatted(age));
  }
}
