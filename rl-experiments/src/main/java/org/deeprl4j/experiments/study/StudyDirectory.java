package org.deeprl4j.experiments.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.deeprl4j.algorithms.run.DirectoryLock;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunConfigBuilder;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.algorithms.run.Versions;
import org.deeprl4j.experiments.execution.RunTask;
import org.deeprl4j.experiments.report.Group;
import org.deeprl4j.experiments.report.Report;
import org.deeprl4j.experiments.report.RunResult;
import org.deeprl4j.experiments.report.Summary;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.state.JsonFiles;
import org.deeprl4j.state.WholeFile;

/**
 * A study on disk. Its files:
 *
 * <ul>
 *   <li>{@code study.json}: a {@link Study}
 *   <li>{@code VARIANT/seed-N}: its runs, ordinary run directories
 *   <li>{@code results.csv}: a row a run
 *   <li>{@code summary.json} and {@code summary.md}: a {@link Summary}, as data and as tables
 *   <li>{@code report.html}, and pictures: the same with plots
 * </ul>
 *
 * <p>A directory belongs to one {@code StudyDirectory} at a time, by the lock on the file {@code
 * lock}, which ends with the process.
 */
public final class StudyDirectory implements AutoCloseable {
  /** The name of the file that makes a directory that of a study. */
  public static final String STUDY = "study.json";

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  /** What of a run's configuration may differ between a study and its runs. */
  private static final List<String> OF_THE_SYSTEM =
      List.of("classpath", "python", "keep", "threads", "compute", "versions", "commandLine");

  private final Path path;
  private final Study study;
  private final DirectoryLock lock;
  private final List<RunTask> tasks;

  private StudyDirectory(Path path, Study study, DirectoryLock lock, List<RunTask> tasks) {
    this.path = path;
    this.study = study;
    this.lock = lock;
    this.tasks = tasks;
  }

  /**
   * Creates the directory of a study, or opens it to go on. The study may have grown since: other
   * variants and seeds are added.
   *
   * @param path the directory; its parents are created
   * @param programs adds to the configuration of a run the class path and the interpreter of its
   *     environment, if it needs them
   * @throws IllegalArgumentException if the directory holds runs that are not those of the study
   * @throws IOException if the directory cannot be read or written, or is in use
   */
  public static StudyDirectory open(Path path, Study study, UnaryOperator<RunConfig> programs)
      throws IOException {
    DirectoryLock lock = DirectoryLock.create(path);
    try {
      Path file = path.resolve(STUDY);
      List<RunTask> tasks = tasks(path, study, programs);
      if (Files.exists(file)) {
        requireGrown(path, StudyFile.read(file, List.of()), study);
      }
      for (RunTask task : tasks) {
        if (RunDirectory.isRun(task.directory())) {
          requireSame(RunDirectory.readConfig(task.directory()), task);
        }
      }
      JsonFiles.write(file, JSON.valueToTree(study));
      return new StudyDirectory(path, study, lock, tasks);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Whether a directory is that of a study. */
  public static boolean isStudy(Path path) {
    return Files.exists(path.resolve(STUDY));
  }

  /** The runs, the first seed of every variant first, so that a part of them says something. */
  private static List<RunTask> tasks(Path path, Study study, UnaryOperator<RunConfig> programs) {
    String compute;
    try (Compute one = Compute.create(study.kernels(), 1)) {
      compute = one.describe();
    }
    Map<String, String> versions = Versions.all();
    List<RunTask> tasks = new ArrayList<>();
    int most = study.variants().stream().mapToInt(v -> v.seeds().size()).max().orElse(0);
    for (int s = 0; s < most; s++) {
      for (Variant variant : study.variants()) {
        if (s < variant.seeds().size()) {
          RunConfig config =
              config(
                  variant,
                  variant.seeds().get(s),
                  study.kernels(),
                  compute,
                  versions,
                  study.commandLine() == null ? List.of() : study.commandLine());
          tasks.add(
              new RunTask(
                  variant.label(),
                  path.resolve(variant.directory(config.seed())),
                  programs.apply(config)));
        }
      }
    }
    return tasks;
  }

  /** A run of a variant. */
  public static RunConfig config(
      Variant variant,
      long seed,
      Compute.Kernels kernels,
      String compute,
      Map<String, String> versions,
      List<String> commandLine) {
    return RunConfigBuilder.builder()
        .format(RunConfig.FORMAT)
        .algorithm(variant.algorithm())
        .environment(variant.environment())
        .maxEpisodeSteps(variant.maxEpisodeSteps())
        .totalSteps(variant.steps())
        .seed(seed)
        .preset(variant.preset())
        .configuration(variant.set())
        .checkpointEvery(variant.checkpointEvery())
        .keep(RunConfig.KEEP)
        .evaluateEvery(variant.evaluateEvery())
        .evaluationEpisodes(variant.episodes())
        .threads(1)
        .kernels(kernels.name())
        .compute(compute)
        .versions(versions)
        .commandLine(commandLine)
        .wrappers(variant.wrappers())
        .build();
  }

  /** Checks that a study has all runs of the one that the directory held before. */
  private static void requireGrown(Path path, Study before, Study now) {
    if (before.kernels() != now.kernels()) {
      throw new IllegalArgumentException(
          "%s holds a study with kernels %s, not %s: name another directory"
              .formatted(path, before.kernels(), now.kernels()));
    }
    for (Variant old : before.variants()) {
      Variant same =
          now.variants().stream()
              .filter(variant -> variant.directory(0).equals(old.directory(0)))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "%s holds another study: '%s' on %s is not in this one; name another directory"
                              .formatted(path, old.label(), old.environment())));
      if (!new HashSet<>(same.seeds()).containsAll(old.seeds())) {
        throw new IllegalArgumentException(
            "%s holds seeds %s of '%s' on %s, and this study has %s: it may have more, not less"
                .formatted(path, old.seeds(), old.label(), old.environment(), same.seeds()));
      }
    }
  }

  /**
   * Checks that a directory holds the run of a task; the system it ran on may be another.
   *
   * @param found the configuration in the directory
   * @throws IllegalArgumentException with the differences if it does not
   */
  public static void requireSame(RunConfig found, RunTask task) {
    ObjectNode there = JSON.valueToTree(found);
    ObjectNode here = JSON.valueToTree(task.config());
    there.remove(OF_THE_SYSTEM);
    here.remove(OF_THE_SYSTEM);
    if (there.toString().equals(here.toString())) {
      return;
    }
    List<String> differences = new ArrayList<>();
    describe("", there, here, differences);
    throw new IllegalArgumentException(
        "%s holds another run than this study's: %s; name another directory"
            .formatted(task.directory(), String.join(", ", differences)));
  }

  private static void describe(
      String prefix, ObjectNode there, ObjectNode here, List<String> differences) {
    TreeSet<String> names = new TreeSet<>();
    there.fieldNames().forEachRemaining(names::add);
    here.fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      JsonNode one = there.path(name);
      JsonNode other = here.path(name);
      if (one instanceof ObjectNode inner && other instanceof ObjectNode innerHere) {
        describe(prefix + name + ".", inner, innerHere, differences);
      } else if (!one.toString().equals(other.toString())) {
        differences.add("%s is %s there and %s here".formatted(prefix + name, one, other));
      }
    }
  }

  /** The path of the directory. */
  public Path path() {
    return path;
  }

  /** The study. */
  public Study study() {
    return study;
  }

  /** All runs, complete or not. */
  public List<RunTask> tasks() {
    return tasks;
  }

  /**
   * Reads the runs of a study.
   *
   * @throws IOException if there is no study
   */
  public static List<Group> groups(Path path) throws IOException {
    List<Group> groups = new ArrayList<>();
    for (Variant variant : StudyFile.read(path.resolve(STUDY), List.of()).variants()) {
      List<RunResult> runs = new ArrayList<>();
      for (long seed : variant.seeds()) {
        Path run = path.resolve(variant.directory(seed));
        if (RunDirectory.isRun(run)) {
          runs.add(RunResult.read(run));
        }
      }
      groups.add(
          new Group(
              variant.label(),
              variant.environment(),
              variant.seeds().size(),
              runs,
              variant.target(),
              variant.threshold(),
              variant.randomReturn()));
    }
    return groups;
  }

  /**
   * Writes what the runs say, as far as they are complete.
   *
   * @param failures why runs are not complete, by their directories
   * @return the summary
   */
  public Summary summarize(Map<Path, String> failures) throws IOException {
    WholeFile.write(path.resolve("results.csv"), ResultsTable.of(path, tasks, study, failures));
    List<Group> groups = groups(path);
    Summary summary = Summary.of(groups);
    Report.write(path, "Study", summary, groups);
    return summary;
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
