package org.deeprl4j.experiments.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.run.DirectoryLock;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.Versions;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.experiments.execution.RunOutcome;
import org.deeprl4j.experiments.execution.RunTask;
import org.deeprl4j.experiments.study.Study;
import org.deeprl4j.experiments.study.StudyDirectory;
import org.deeprl4j.experiments.study.Variant;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.JsonFiles;
import org.jspecify.annotations.Nullable;

/**
 * A search on disk. Its files:
 *
 * <ul>
 *   <li>{@code search.json}: the {@link Search} and its {@link Trial}s, as far as they are
 *   <li>{@code trial-N/seed-S}: the runs, ordinary run directories
 *   <li>{@code final-N}: a study of the best trial N and the start on other seeds
 *   <li>{@code best.json}: the best settings
 *   <li>{@code summary.md}, {@code report.html} and pictures: a {@link SearchReport}
 * </ul>
 *
 * <p>It is used in turns: {@link #next} says what to execute, {@link #record} takes the outcomes of
 * all of it and writes them down. What is next depends on what is written down alone, not on the
 * order in which runs end, so that a search that was killed goes on as if it had not been.
 *
 * <p>A directory belongs to one {@code SearchDirectory} at a time, by the lock on the file {@code
 * lock}, which ends with the process.
 */
public final class SearchDirectory implements AutoCloseable {
  /** The name of the file that makes a directory that of a search. */
  public static final String SEARCH = "search.json";

  private static final int MOST_BYTES = 1 << 26;

  /** The largest number of trials that {@code search.json} has room for. */
  public static final int MOST_TRIALS = 10_000;

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  /** What may differ between the command that began a search and one that goes on. */
  private static final List<String> OF_THE_SYSTEM = List.of("versions", "commandLine");

  private final Path path;
  private final Search search;
  private final int planned;
  private final UnaryOperator<RunConfig> programs;
  private final DirectoryLock lock;
  private final List<Trial> trials;

  private SearchDirectory(
      Path path,
      Search search,
      int planned,
      UnaryOperator<RunConfig> programs,
      DirectoryLock lock,
      List<Trial> trials) {
    this.path = path;
    this.search = search;
    this.planned = planned;
    this.programs = programs;
    this.lock = lock;
    this.trials = trials;
  }

  /** The content of {@code search.json}. */
  record Content(Search search, List<Trial> trials) {
    /** Checks that the trials are numbered as they follow each other. */
    Content {
      for (int t = 0; t < trials.size(); t++) {
        if (trials.get(t).number() != t + 1) {
          throw new IllegalArgumentException(
              "trial %d is in the place of trial %d".formatted(trials.get(t).number(), t + 1));
        }
      }
    }
  }

  /**
   * Trials that are to climb a rung together.
   *
   * @param rung from 0 on
   * @param trials their numbers
   * @param tasks the runs of all of them
   */
  public record Batch(int rung, List<Integer> trials, List<RunTask> tasks) {}

  /**
   * Creates the directory of a search, or opens it to go on, with as many trials or more.
   *
   * @param path the directory; its parents are created
   * @param planned how many trials there are to be, the start among them, in [1, 10 000]
   * @param programs adds to the configuration of a run the class path and the interpreter of its
   *     environment, if it needs them
   * @throws IllegalArgumentException if the directory holds another search
   * @throws IOException if the directory cannot be read or written, is in use, or holds something
   *     else
   */
  public static SearchDirectory open(
      Path path, Search search, int planned, UnaryOperator<RunConfig> programs) throws IOException {
    Require.inRange("trials", planned, 1, MOST_TRIALS);
    DirectoryLock lock = DirectoryLock.create(path);
    try {
      List<Trial> trials = new ArrayList<>();
      Path file = path.resolve(SEARCH);
      if (Files.exists(file)) {
        Content before = JsonFiles.read(file, Content.class, MOST_BYTES);
        requireSame(path, before.search(), search);
        if (before.trials().size() > planned) {
          throw new IllegalArgumentException(
              "%s holds a search with %d trials: there may be more, not %d"
                  .formatted(path, before.trials().size(), planned));
        }
        trials.addAll(before.trials());
      } else {
        requireEmpty(path);
      }
      return new SearchDirectory(path, search, planned, programs, lock, trials);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static void requireEmpty(Path path) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (!name.equals(DirectoryLock.FILE) && !name.equals(SEARCH + ".tmp")) {
          throw new FileSystemException(
              path.toString(), null, "is in the place of a search, but holds " + name);
        }
      }
    }
  }

  private static void requireSame(Path path, Search before, Search now) {
    ObjectNode there = JSON.valueToTree(before);
    ObjectNode here = JSON.valueToTree(now);
    there.remove(OF_THE_SYSTEM);
    here.remove(OF_THE_SYSTEM);
    for (Map.Entry<String, JsonNode> entry : here.properties()) {
      String name = entry.getKey();
      if (!entry.getValue().toString().equals(there.required(name).toString())) {
        throw new IllegalArgumentException(
            "%s holds another search: its %s is %s, not %s; name another directory"
                .formatted(path, name, there.required(name), entry.getValue()));
      }
    }
  }

  /** The path of the directory. */
  public Path path() {
    return path;
  }

  /** The search. */
  public Search search() {
    return search;
  }

  /** The trials so far, by number. */
  public List<Trial> trials() {
    return List.copyOf(trials);
  }

  /** How many trials there are to be. */
  public int planned() {
    return planned;
  }

  /** What is to be executed next; null if all trials are as far as they get. */
  public @Nullable Batch next() throws IOException {
    while (true) {
      for (int rung = 0; rung < search.rungs(); rung++) {
        List<Trial> climbing = climbing(rung);
        if (!climbing.isEmpty()) {
          return batch(rung, climbing);
        }
      }
      if (trials.size() >= planned) {
        return null;
      }
      propose();
    }
  }

  /** The trials that go on to a rung now. */
  private List<Trial> climbing(int rung) {
    List<Trial> below =
        trials.stream().filter(trial -> trial.rungs().size() == rung && !trial.failed()).toList();
    if (rung == 0) {
      return below;
    }
    long reached = trials.stream().filter(trial -> trial.rungs().size() >= rung).count();
    long gone = trials.stream().filter(trial -> trial.rungs().size() > rung).count();
    return below.stream()
        .sorted(Trial.BEST_FIRST)
        .limit(Math.max(0, Math.max(1, reached / search.eta()) - gone))
        .toList();
  }

  /** Adds the trials of a round; the first one is the start and a round. */
  private void propose() throws IOException {
    SearchSpace space = search.searched();
    int left = planned - trials.size();
    if (trials.isEmpty()) {
      trials.add(new Trial(1, search.start().objectNode(), List.of()));
      left--;
    }
    if (left > 0) {
      List<double[]> points =
          search.sampler().propose(observations(space), Math.min(search.round(), left));
      for (double[] point : points) {
        trials.add(new Trial(trials.size() + 1, space.settings(point), List.of()));
      }
    }
    write();
  }

  private List<Sampler.Observation> observations(SearchSpace space) {
    List<Trial> ranked = trials.stream().sorted(Trial.BEST_FIRST).toList();
    return trials.stream()
        .map(trial -> new Sampler.Observation(space.point(trial.settings()), ranked.indexOf(trial)))
        .toList();
  }

  private Batch batch(int rung, List<Trial> climbing) {
    String compute;
    try (Compute one = Compute.create(search.kernels(), 1)) {
      compute = one.describe();
    }
    Map<String, String> versions = Versions.all();
    List<RunTask> tasks = new ArrayList<>();
    for (Trial trial : climbing) {
      Variant variant = variant("trial " + trial.number(), trial, seeds(rung), search.episodes());
      for (long seed : variant.seeds()) {
        RunConfig config =
            StudyDirectory.config(
                    variant, seed, search.kernels(), compute, versions, search.commandLine())
                .withKeep(1);
        tasks.add(
            new RunTask(
                variant.label(),
                path.resolve("trial-" + trial.number()).resolve("seed-" + seed),
                programs.apply(config),
                search.steps(rung)));
      }
    }
    return new Batch(rung, climbing.stream().map(Trial::number).toList(), tasks);
  }

  private List<Long> seeds(int rung) {
    List<Long> seeds = new ArrayList<>();
    for (int s = 0; s < search.seeds(rung); s++) {
      seeds.add(Search.FIRST_SEED + s);
    }
    return seeds;
  }

  private Variant variant(String label, Trial trial, List<Long> seeds, int episodes) {
    return new Variant(
        label,
        search.algorithm(),
        search.environment(),
        search.maxEpisodeSteps(),
        search.wrappers(),
        seeds,
        search.steps(),
        search.preset(),
        configuration(trial),
        0,
        0,
        episodes,
        null,
        null,
        null);
  }

  /** Every setting of a trial. */
  ObjectNode configuration(Trial trial) {
    return configuration(Algorithms.find(search.algorithm()), trial);
  }

  private <C extends Record> ObjectNode configuration(Algorithm<C> algorithm, Trial trial) {
    return Configurations.toJson(
        Configurations.bind(
            algorithm.defaults(),
            List.of(
                new Configurations.Layer("start", search.start()),
                new Configurations.Layer("trial " + trial.number(), trial.settings()))));
  }

  /**
   * Writes down what came of a batch, if all of it has ended: complete, or diverged, which is a
   * result of the settings. Else nothing is written, and the batch is the next one again.
   *
   * @param outcomes of all tasks of the batch, in any order
   * @return whether all has ended
   */
  public boolean record(Batch batch, List<RunOutcome> outcomes) throws IOException {
    Map<RunTask, RunOutcome> byTask = new LinkedHashMap<>();
    outcomes.forEach(outcome -> byTask.put(outcome.task(), outcome));
    Map<Integer, Trial.Rung> climbed = new LinkedHashMap<>();
    int perTrial = search.seeds(batch.rung());
    for (int t = 0; t < batch.trials().size(); t++) {
      List<RunOutcome> own = new ArrayList<>();
      for (RunTask task : batch.tasks().subList(t * perTrial, (t + 1) * perTrial)) {
        RunOutcome outcome = byTask.get(task);
        if (outcome == null || !(outcome.evaluation() != null || diverged(outcome))) {
          return false;
        }
        own.add(outcome);
      }
      climbed.put(batch.trials().get(t), rung(own));
    }
    climbed.forEach((number, rung) -> trials.set(number - 1, trials.get(number - 1).with(rung)));
    write();
    return true;
  }

  private static boolean diverged(RunOutcome outcome) {
    return outcome.failure() instanceof DivergenceException;
  }

  private static Trial.Rung rung(List<RunOutcome> outcomes) {
    List<Long> steps = outcomes.stream().map(RunOutcome::steps).toList();
    List<Double> returns = new ArrayList<>();
    for (RunOutcome outcome : outcomes) {
      EvaluationResult evaluation = outcome.evaluation();
      if (evaluation == null) {
        return new Trial.Rung(steps, List.of(), String.valueOf(outcome.failure()));
      }
      returns.add(evaluation.meanReturn());
    }
    return new Trial.Rung(steps, returns, null);
  }

  private void write() throws IOException {
    JsonFiles.write(path.resolve(SEARCH), JSON.valueToTree(new Content(search, trials)));
  }

  /** The best of the trials that are complete; empty if none is. */
  public Optional<Trial> best() {
    return trials.stream()
        .filter(trial -> trial.rungs().size() == search.rungs() && !trial.failed())
        .min(Trial.BEST_FIRST);
  }

  /**
   * The study that says what the search was worth: the best trial and the start, trained with seeds
   * that no trial had.
   *
   * @param best the trial
   * @param seeds other than the trials'
   * @param episodes of the evaluation of each final policy
   * @return its directory, below this one
   */
  public StudyDirectory finalStudy(Trial best, List<Long> seeds, int episodes) throws IOException {
    List<Variant> variants = new ArrayList<>();
    variants.add(variant("trial " + best.number(), best, seeds, episodes));
    if (best.number() > 1) {
      variants.add(variant("start", trials.get(0), seeds, episodes));
    }
    Study study =
        new Study(
            Study.FORMAT, search.kernels(), variants, search.versions(), search.commandLine());
    return StudyDirectory.open(path.resolve("final-" + best.number()), study, programs);
  }

  /**
   * Writes {@code best.json}, tables, plots and a report.
   *
   * @param evaluated the study of the best trial, null if there is none
   * @param actions of the environment
   * @return the tables as Markdown
   */
  public String summarize(@Nullable StudyDirectory evaluated, Space actions) throws IOException {
    return SearchReport.write(this, evaluated, actions);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
