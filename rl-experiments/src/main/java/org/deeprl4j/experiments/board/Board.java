package org.deeprl4j.experiments.board;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.experiments.study.StudyDirectory;
import org.deeprl4j.experiments.study.StudyFile;
import org.deeprl4j.state.FileErrors;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * Every run and study under a directory, as they are. Looking takes little: files that have not
 * changed are not read, of those that grow only what was appended is, and between two looks passes
 * at least a hundred times what the last one took. Links are not followed. One thread uses a board
 * at a time.
 */
public final class Board {
  private static final long LOOK_NANOS = 1_000_000_000L;
  private static final long WALK_NANOS = 3_000_000_000L;

  /** How much longer than a look the time to the next one is. */
  private static final long RATIO = 100;

  private static final long BYTES_A_LOOK = 4 << 20;
  private static final int MOST_RUNS = 1000;
  private static final int MOST_ENTRIES = 20_000;
  private static final int DEPTH = 8;
  private static final String RESULTS = "results.csv";
  private static final int MOST_RESULTS = 1 << 24;

  /** Directories with many files and no runs. */
  private static final Set<String> SKIPPED = Set.of("target", "node_modules", "__pycache__");

  private static final CsvMapper CSV = new CsvMapper();

  private final Path directory;
  private final LongSupplier clock;
  private final Map<Path, BoardRun> runs = new TreeMap<>();
  private final Map<Path, StudyFiles> studies = new TreeMap<>();
  private long looks;
  private long listed;
  private boolean cut;
  private long due;
  private long walkDue;

  /**
   * The board of a directory.
   *
   * @throws IOException if there is no such directory
   */
  public Board(Path directory) throws IOException {
    this(directory, System::nanoTime);
  }

  /** As above, with a clock that counts nanoseconds. */
  Board(Path directory, LongSupplier clock) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw Files.exists(directory)
          ? new NotDirectoryException(directory.toString())
          : new NoSuchFileException(directory.toString());
    }
    this.directory = directory.toRealPath();
    this.clock = clock;
  }

  /** What is known of a study's two files. */
  private static final class StudyFiles {
    private FileTime study = FileTime.fromMillis(-1);
    private FileTime results = FileTime.fromMillis(-1);
    private BoardStudy said;
    private Map<String, String> failures = Map.of();

    StudyFiles(String id) {
      said = new BoardStudy(id, 0, null);
    }
  }

  /** The directory. */
  public Path directory() {
    return directory;
  }

  /**
   * Looks at the files, if it is time to.
   *
   * @return the number of the last look, from 1 on
   */
  public long look() {
    long start = clock.getAsLong();
    if (looks > 0 && start - due < 0) {
      return looks;
    }
    looks++;
    if (looks == 1 || start - walkDue >= 0) {
      walk();
      long took = clock.getAsLong() - start;
      walkDue = start + took + Math.max(WALK_NANOS, RATIO * took);
    }
    long begun = clock.getAsLong();
    Budget budget = new Budget(BYTES_A_LOOK);
    Processes processes = Processes.now();
    studies.forEach(this::lookAt);
    runs.forEach((path, run) -> run.look(looks, budget, processes, failure(path)));
    long took = clock.getAsLong() - begun;
    // What has not been read yet is, with a pause that lets others work.
    due = begun + took + (budget.isSpent() ? took : Math.max(LOOK_NANOS, RATIO * took));
    return looks;
  }

  /** Nanoseconds until {@link #look} looks again, 0 if it is time. */
  public long untilNextLook() {
    return Math.max(0, due - clock.getAsLong());
  }

  /** The runs, by their paths. */
  public Collection<BoardRun> runs() {
    return runs.values();
  }

  /** The run with an id, null if there is none. */
  public @Nullable BoardRun find(String id) {
    for (BoardRun run : runs.values()) {
      if (run.id().equals(id)) {
        return run;
      }
    }
    return null;
  }

  /** The studies, by their paths. */
  public List<BoardStudy> studies() {
    return studies.values().stream().map(study -> study.said).toList();
  }

  /** The number of the look that last found other runs or studies than the one before. */
  public long listed() {
    return listed;
  }

  /** Whether there is more in the directory than a board shows. */
  public boolean isCut() {
    return cut;
  }

  /** The largest number of runs that a board shows. */
  public int mostRuns() {
    return MOST_RUNS;
  }

  private String id(Path path) {
    return directory.relativize(path).toString().replace('\\', '/');
  }

  private void walk() {
    List<Path> foundRuns = new ArrayList<>();
    List<Path> foundStudies = new ArrayList<>();
    boolean[] more = {false};
    int[] entries = {0};
    try {
      Files.walkFileTree(
          directory,
          EnumSet.noneOf(FileVisitOption.class),
          DEPTH,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
              String name = String.valueOf(path.getFileName());
              if (!path.equals(directory) && (name.startsWith(".") || SKIPPED.contains(name))) {
                return FileVisitResult.SKIP_SUBTREE;
              }
              if (Files.exists(path.resolve(RunDirectory.CONFIG), LinkOption.NOFOLLOW_LINKS)) {
                if (foundRuns.size() == MOST_RUNS) {
                  more[0] = true;
                  return FileVisitResult.TERMINATE;
                }
                foundRuns.add(path);
                return FileVisitResult.SKIP_SUBTREE;
              }
              if (StudyDirectory.isStudy(path)) {
                foundStudies.add(path);
              }
              return count();
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              return count();
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return count(); // gone, or of somebody else
            }

            @Override
            public FileVisitResult postVisitDirectory(Path path, @Nullable IOException e) {
              return FileVisitResult.CONTINUE;
            }

            private FileVisitResult count() {
              more[0] |= ++entries[0] > MOST_ENTRIES;
              return more[0] ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      return; // of the directory itself: what is known stays
    }
    boolean same =
        runs.keySet().equals(Set.copyOf(foundRuns))
            && studies.keySet().equals(Set.copyOf(foundStudies))
            && cut == more[0];
    if (!same || looks == 1) {
      listed = looks;
    }
    cut = more[0];
    runs.keySet().retainAll(Set.copyOf(foundRuns));
    foundRuns.forEach(path -> runs.computeIfAbsent(path, p -> new BoardRun(id(p), p)));
    studies.keySet().retainAll(Set.copyOf(foundStudies));
    foundStudies.forEach(path -> studies.computeIfAbsent(path, p -> new StudyFiles(id(p))));
  }

  /** The time of a file, or of none: a link counts as no file. */
  private static FileTime time(Path file) {
    try {
      BasicFileAttributes found =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return found.isRegularFile() ? found.lastModifiedTime() : FileTime.fromMillis(0);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }

  private void lookAt(Path path, StudyFiles files) {
    FileTime study = time(path.resolve(StudyDirectory.STUDY));
    if (!study.equals(files.study)) {
      files.study = study;
      BoardStudy before = files.said;
      files.said = read(path, before.id(), study);
      if (!files.said.equals(before)) {
        listed = looks;
      }
    }
    FileTime results = time(path.resolve(RESULTS));
    if (!results.equals(files.results)) {
      files.results = results;
      files.failures = results.toMillis() == 0 ? Map.of() : failures(path.resolve(RESULTS));
    }
  }

  private static BoardStudy read(Path path, String id, FileTime time) {
    if (time.toMillis() == 0) {
      return new BoardStudy(id, 0, StudyDirectory.STUDY + " is a link or is gone");
    }
    try {
      int planned =
          StudyFile.read(path.resolve(StudyDirectory.STUDY), List.of()).variants().stream()
              .mapToInt(variant -> variant.seeds().size())
              .sum();
      return new BoardStudy(id, planned, null);
    } catch (IOException e) {
      return new BoardStudy(id, 0, FileErrors.describe(e));
    } catch (StateFormatException | IllegalArgumentException e) {
      return new BoardStudy(id, 0, String.valueOf(e.getMessage()));
    }
  }

  /** Why runs failed, by their ids below the study. */
  private static Map<String, String> failures(Path file) {
    Map<String, String> failures = new HashMap<>();
    try (MappingIterator<Map<String, String>> rows =
        CSV.readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader())
            .readValues(WholeFile.read(file, MOST_RESULTS))) {
      while (rows.hasNextValue()) {
        Map<String, String> row = rows.nextValue();
        if ("failed".equals(row.get("status"))) {
          failures.put(String.valueOf(row.get("directory")), String.valueOf(row.get("failure")));
        }
      }
    } catch (IOException | StateFormatException e) {
      failures.clear(); // being written, or damaged: the runs tell what they are themselves
    }
    return failures;
  }

  private @Nullable String failure(Path run) {
    for (Map.Entry<Path, StudyFiles> study : studies.entrySet()) {
      if (!study.getValue().failures.isEmpty() && run.startsWith(study.getKey())) {
        String inside = study.getKey().relativize(run).toString().replace('\\', '/');
        String failure = study.getValue().failures.get(inside);
        if (failure != null) {
          return failure;
        }
      }
    }
    return null;
  }
}
