package org.deeprl4j.algorithms.run;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.state.FileErrors;
import org.deeprl4j.state.JsonFiles;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/**
 * A run on disk. Its files:
 *
 * <ul>
 *   <li>{@code config.json}: a {@link RunConfig}
 *   <li>{@code origin}: this user's seal on what {@code config.json} says of programs
 *   <li>{@code metrics.csv}: a header, then one row per iteration: steps, seconds, steps per second
 *       and the trainer's metrics; numbers as {@link Double#toString(double)} writes them, except
 *       that those of time are rounded
 *   <li>{@code episodes.csv}: a header, then one row per episode that ended: return, length,
 *       success (1 or 0, empty where the environment knows no such notion), steps and seconds at
 *       its end
 *   <li>{@code events.out.tfevents.*}: the metrics, the evaluations and the hyper-parameters, for
 *       TensorBoard
 *   <li>{@code checkpoint.bin}: the state that a resumed run needs, replaced at each checkpoint;
 *       {@code checkpoint-1.bin} and so on are the ones before, used if the newest is damaged
 *   <li>{@code policy.bin}: the policy at the last checkpoint; once the run is complete, the final
 *       one
 *   <li>{@code best.bin}: the policy with the best evaluation, if the run evaluates as it goes
 *   <li>{@code evaluation.json}: all evaluations, a list of {@link EvaluationResult}s with their
 *       steps
 * </ul>
 *
 * <p>Rows are appended and passed to the operating system immediately. A checkpoint records the
 * lengths of the files, so that a resumed run cuts off later rows. All other files are written
 * under a temporary name and moved into place. A directory belongs to one {@code RunDirectory} at a
 * time, which holds the operating system's lock on the file {@code lock}. The lock ends with the
 * process, however that ends.
 */
public final class RunDirectory implements AutoCloseable {
  /** The name of the file that makes a directory that of a run: a {@link RunConfig}. */
  public static final String CONFIG = "config.json";

  private static final String EVALUATION = "evaluation.json";
  private static final String POLICY = "policy.bin";
  private static final String BEST = "best.bin";

  private static final int MOST_CONFIG = 1 << 24;
  private static final int MOST_EVALUATIONS = 1 << 26; // three million returns

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  /** Writes a policy file. */
  @FunctionalInterface
  interface PolicyWriter {
    void write(Path file, Policy policy) throws IOException;
  }

  /**
   * An evaluation during a run.
   *
   * @param steps environment steps since the run began
   */
  public record Evaluated(long steps, EvaluationResult result) {}

  private final Path path;
  private RunConfig config;
  private final PolicyWriter policies;
  private final DirectoryLock lock;
  private final Checkpoints checkpoints;
  private final RunRecords records;
  private final List<Evaluated> evaluations = new ArrayList<>();
  private double seconds;
  private long savedSteps = -1; // those of the checkpoint
  private boolean isNew; // made here, and no run has begun in it

  /** Takes over the lock, and releases it if this fails. */
  private RunDirectory(Path path, RunConfig config, PolicyWriter policies, DirectoryLock lock)
      throws IOException {
    this.path = path;
    this.config = config;
    this.policies = policies;
    this.lock = lock;
    Integer keep = config.keep();
    checkpoints = new Checkpoints(path, keep == null ? RunConfig.KEEP : keep);
    try {
      deleteTemporaries();
      records = new RunRecords(path, config);
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Creates a new directory for a run. Where the trainer can be made first, make it first; else
   * {@link #discard} the directory if that fails.
   *
   * @param path must not exist; its parents are created
   * @throws FileAlreadyExistsException if it exists
   */
  public static RunDirectory create(Path path, RunConfig config) throws IOException {
    return create(path, config, PolicyFile::write);
  }

  static RunDirectory create(Path path, RunConfig config, PolicyWriter policies)
      throws IOException {
    Path parent = path.toAbsolutePath().getParent();
    if (parent != null) {
      DirectoryLock.createDirectories(parent);
    }
    Files.createDirectory(path);
    DirectoryLock lock = DirectoryLock.acquire(path);
    try {
      Origin.seal(path, config); // first, so that no run is without its seal
      JsonFiles.write(path.resolve(CONFIG), JSON.valueToTree(config));
    } catch (IOException e) {
      lock.close();
      throw e;
    }
    RunDirectory directory = new RunDirectory(path, config, policies, lock);
    directory.records.clear();
    directory.isNew = true;
    return directory;
  }

  /** Deletes what a process was writing when it was killed. */
  private void deleteTemporaries() throws IOException {
    for (String file : List.of(CONFIG, EVALUATION, POLICY, BEST, Origin.FILE, Checkpoints.NEW)) {
      Files.deleteIfExists(path.resolve(file + ".tmp"));
    }
    Files.deleteIfExists(path.resolve(Checkpoints.NEW));
  }

  /**
   * Creates a new directory {@code ALGORITHM-ENVIRONMENT-SEED} under another one, with {@code -2},
   * {@code -3} and so on appended if it exists.
   */
  public static RunDirectory createUnder(Path root, RunConfig config) throws IOException {
    // Some file systems reject the characters of gym:module:Name-v0.
    String environment = config.environment().replaceAll("[:/\\\\]", "-");
    String name = "%s-%s-%d".formatted(config.algorithm(), environment, config.seed());
    for (int i = 2; ; i++) {
      try {
        return create(root.resolve(i == 2 ? name : name + "-" + (i - 1)), config);
      } catch (FileAlreadyExistsException e) {
        // It exists; try the next number.
      }
    }
  }

  /**
   * Opens the directory of an earlier run, which {@link #restore} continues and {@link #restart}
   * begins again.
   *
   * @throws NoSuchFileException if there is no run
   * @throws StateFormatException if its configuration is damaged
   * @throws IOException if it is in use, here or by another process
   */
  public static RunDirectory open(Path path) throws IOException {
    return open(path, PolicyFile::write);
  }

  static RunDirectory open(Path path, PolicyWriter policies) throws IOException {
    RunConfig config = readConfig(path);
    return new RunDirectory(path, config, policies, DirectoryLock.acquire(path));
  }

  /** Whether a directory is that of a run. */
  public static boolean isRun(Path path) {
    return Files.exists(path.resolve(CONFIG));
  }

  /**
   * Reads the configuration of a run.
   *
   * @throws NoSuchFileException if there is no run
   * @throws FileSystemException if the path is that of a file
   * @throws StateFormatException if its configuration is damaged
   */
  public static RunConfig readConfig(Path path) throws IOException {
    if (Files.isRegularFile(path)) {
      throw new FileSystemException(path.toString(), null, "is a file, but a run is a directory");
    }
    Path file = path.resolve(CONFIG);
    Format written = JsonFiles.read(file, Format.class, MOST_CONFIG);
    if (written.format() != null && written.format() == RunConfig.FORMAT) {
      return JsonFiles.read(file, RunConfig.class, MOST_CONFIG);
    }
    throw new StateFormatException(
        "%s is of format %s, not %d: an earlier version with other names of settings and metrics wrote it; train again with this version"
            .formatted(file, written.format() == null ? 1 : written.format(), RunConfig.FORMAT));
  }

  /** What every format of {@code config.json} has; the first did not name itself. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Format(@Nullable Integer format) {}

  /**
   * Reads columns of a run's metrics.
   *
   * @param names of columns: steps, seconds or metrics
   * @return [name][row]
   * @throws IOException if there are none
   * @throws IllegalArgumentException if there is no such column
   * @throws StateFormatException if they are damaged
   */
  public static double[][] readMetrics(Path path, String... names) throws IOException {
    return MetricsTable.read(RunRecords.metricsFile(path), List.of(names));
  }

  /**
   * Reads the evaluations of a run, in order; none if it has not been evaluated.
   *
   * @throws StateFormatException if they are damaged
   */
  public static List<Evaluated> readEvaluations(Path path) throws IOException {
    try {
      return Arrays.stream(stored(path.resolve(EVALUATION)))
          .map(stored -> new Evaluated(stored.steps(), stored.result()))
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /**
   * Whether this user made a directory, on this machine, for the environment, class path and
   * interpreter that it names. Those of other directories are programs of somebody else.
   *
   * @param config as {@link #readConfig} read it
   */
  public static boolean isMadeHere(Path path, RunConfig config) {
    return Origin.isSealed(path, config);
  }

  /** The file of a run's last policy, or of the one with the best evaluation. */
  public static Path policyFile(Path path, boolean best) {
    return path.resolve(best ? BEST : POLICY);
  }

  /** The path of the directory. */
  public Path path() {
    return path;
  }

  /** The configuration of the run. */
  public RunConfig config() {
    return config;
  }

  /** Training time of the run up to the restored checkpoint; 0 without one. */
  public double seconds() {
    return seconds;
  }

  /** The evaluations so far, in order; after a restore, those in the checkpoint. */
  public List<Evaluated> evaluations() {
    return List.copyOf(evaluations);
  }

  /** Whether {@link #restore} would find a checkpoint. */
  public boolean isRestorable() throws IOException {
    return checkpoints.newestWhole() != null;
  }

  /** Whether an iteration has been recorded or a checkpoint written, damaged or not. */
  public boolean hasBegun() throws IOException {
    return !records.isEmpty() || !checkpoints.files().isEmpty();
  }

  /** Deletes everything that the run has recorded, so that a new trainer can begin it again. */
  public void restart() throws IOException {
    for (Path file : checkpoints.files()) {
      Files.delete(file);
    }
    for (String file : List.of(EVALUATION, BEST, POLICY)) {
      Files.deleteIfExists(path.resolve(file));
    }
    evaluations.clear();
    seconds = 0;
    records.clear();
  }

  /**
   * Restores a trainer and the files to their state at the last checkpoint that is whole. The files
   * are then cut to their lengths at that checkpoint.
   *
   * @param trainer built from {@link #config()}. Modified; where no checkpoint is whole, not to be
   *     used any more unless there is none at all.
   * @return whether there was such a checkpoint; if not, no file has changed, and {@link #restart}
   *     begins the run again
   * @throws StateFormatException if it does not fit the trainer, which is then not to be used
   */
  public boolean restore(Trainer trainer) throws IOException {
    Checkpoint checkpoint = new Checkpoint(trainer);
    if (!checkpoints.read(checkpoint)) {
      return false;
    }
    evaluations.clear();
    if (checkpoint.evaluationCount > 0) {
      readEvaluations(path.resolve(EVALUATION), checkpoint.evaluationCount);
    }
    records.cutTo(checkpoint.lengths, trainer.steps(), checkpoint.seconds);
    savedSteps = trainer.steps();
    seconds = checkpoint.seconds;
    return true;
  }

  private static EvaluationResult.Stored[] stored(Path file) throws IOException {
    return JsonFiles.read(file, EvaluationResult.Stored[].class, MOST_EVALUATIONS);
  }

  /** Reads the first evaluations; a resumed run repeats those after its checkpoint. */
  private void readEvaluations(Path file, int count) throws IOException {
    EvaluationResult.Stored[] all = stored(file);
    if (all.length < count) {
      throw new StateFormatException(
          "%s has %d evaluations, but the checkpoint recorded %d"
              .formatted(file, all.length, count));
    }
    for (int i = 0; i < count; i++) {
      evaluations.add(new Evaluated(all[i].steps(), all[i].result()));
    }
  }

  /**
   * Records that the run goes on otherwise, as {@link RunConfig#changed} says, after a restored
   * trainer has accepted it.
   */
  public void change(RunConfig changed) throws IOException {
    JsonFiles.write(path.resolve(CONFIG), JSON.valueToTree(changed));
    config = changed;
  }

  /** Called when the run begins: nothing discards the directory any more. */
  void begin() {
    isNew = false;
  }

  /** Appends an iteration. The first one sets the names of the metrics. */
  void record(long steps, double elapsed, Metrics values) throws IOException {
    records.iteration(steps, elapsed, values);
  }

  /** Takes in the episode of environment e, which ended in the last step. */
  void recordEpisode(long steps, double elapsed, EpisodeLog.Episode episode) {
    records.episode(steps, elapsed, episode);
  }

  /** Records evaluations, of which only the last is new. */
  void recordEvaluations(List<Evaluated> all) throws IOException {
    evaluations.clear();
    evaluations.addAll(all);
    ArrayNode array = JSON.createArrayNode();
    for (Evaluated one : all) {
      array.add(JSON.createObjectNode().put("steps", one.steps()).setAll(one.result().toJson()));
    }
    JsonFiles.write(path.resolve(EVALUATION), array);
    records.evaluation(all.get(all.size() - 1));
  }

  void writeBest(Policy policy) throws IOException {
    policies.write(path.resolve(BEST), policy);
  }

  void writePolicy(Policy policy) throws IOException {
    policies.write(path.resolve(POLICY), policy);
  }

  /** Writes policy and checkpoint. */
  void checkpoint(Trainer trainer, double elapsed) throws IOException {
    records.sync();
    writePolicy(trainer.policy());
    Checkpoint checkpoint = new Checkpoint(trainer);
    checkpoint.seconds = elapsed;
    checkpoint.lengths = records.lengths();
    checkpoint.evaluationCount = evaluations.size();
    checkpoints.write(checkpoint, savedSteps == trainer.steps());
    savedSteps = trainer.steps();
  }

  /** A failure to write, with what is left of the run. */
  IOException failure(IOException e) {
    String left =
        savedSteps < 0 || checkpoints.files().isEmpty()
            ? "there is no checkpoint"
            : "the checkpoint at %d steps is kept".formatted(savedSteps);
    return new IOException(FileErrors.describe(e) + "; " + left, e);
  }

  /** Releases the directory to other processes. */
  @Override
  public void close() throws IOException {
    try (lock) {
      records.close();
    }
  }

  /**
   * Closes the directory, and deletes it if it is new and no run has begun in it. Called where the
   * trainer cannot be made, so that a start that fails leaves nothing.
   */
  public void discard() throws IOException {
    close();
    if (!isNew) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(path);
  }

  /** The content of a checkpoint. */
  private static final class Checkpoint implements Stateful {
    private final Trainer trainer;
    private double seconds;
    private RunRecords.Lengths lengths = new RunRecords.Lengths();
    private int evaluationCount;

    Checkpoint(Trainer trainer) {
      this.trainer = trainer;
    }

    @Override
    public void save(StateWriter out) {
      out.put("seconds", seconds);
      out.put("lengths", lengths);
      out.put("evaluationCount", evaluationCount);
      out.put("trainer", trainer);
    }

    @Override
    public void load(StateReader in) {
      seconds = in.getDouble("seconds");
      in.get("lengths", lengths);
      evaluationCount = in.getInt("evaluationCount");
      if (!(seconds >= 0) || evaluationCount < 0) {
        throw new StateFormatException(
            "a run cannot have %s seconds and %d evaluations".formatted(seconds, evaluationCount));
      }
      in.get("trainer", trainer);
    }
  }
}
