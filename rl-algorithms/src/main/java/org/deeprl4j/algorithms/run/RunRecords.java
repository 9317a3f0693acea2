package org.deeprl4j.algorithms.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/**
 * The files of a run that grow: metrics, episodes and TensorBoard's events. A checkpoint keeps
 * their lengths, to which a resumed run cuts them.
 */
final class RunRecords implements AutoCloseable {
  private static final String METRICS = "metrics.csv";
  private static final String EPISODES = "episodes.csv";
  private static final String EVENTS = "events.out.tfevents.";

  /** The columns of metrics.csv that are not the trainer's. */
  private static final String OWN_COLUMNS = "steps,seconds,steps_per_second";

  private static final int OWN_COUNT = 3;

  private final Path directory;
  private final RunConfig config;
  private final AppendedFile metrics;
  private final AppendedFile episodes;
  private final AppendedFile events;
  private final List<AppendedFile> files = new ArrayList<>();
  private final StringBuilder ended = new StringBuilder(); // rows of episodes.csv to come
  private @Nullable List<String> names; // of the metrics, once there are any
  private long lastSteps; // of the row before, as the next
  private double lastSeconds;
  private boolean ready; // to append

  RunRecords(Path directory, RunConfig config) throws IOException {
    this.directory = directory;
    this.config = config;
    try {
      metrics = open(directory.resolve(METRICS));
      episodes = open(directory.resolve(EPISODES));
      events = open(directory.resolve(eventFile(directory)));
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private AppendedFile open(Path path) throws IOException {
    AppendedFile file = new AppendedFile(path);
    files.add(file);
    return file;
  }

  /** The existing event file, or a name for a new one. */
  private static String eventFile(Path directory) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, EVENTS + "*")) {
      for (Path file : found) {
        return String.valueOf(file.getFileName());
      }
    }
    return EVENTS + System.currentTimeMillis() / 1000 + ".deeprl4j";
  }

  static Path metricsFile(Path directory) {
    return directory.resolve(METRICS);
  }

  /** Lengths of the files at some time, in bytes. */
  static final class Lengths implements Stateful {
    private long metrics;
    private long episodes;
    private long events;

    @Override
    public void save(StateWriter out) {
      out.put("metrics", metrics);
      out.put("episodes", episodes);
      out.put("events", events);
    }

    @Override
    public void load(StateReader in) {
      metrics = in.getLong("metrics");
      episodes = in.getLong("episodes");
      events = in.getLong("events");
      if (metrics < 0 || episodes < 0 || events < 0) {
        throw new StateFormatException("files cannot have negative lengths, but have " + this);
      }
    }

    @Override
    public String toString() {
      return "%d bytes of metrics, %d of episodes and %d of events"
          .formatted(metrics, episodes, events);
    }
  }

  Lengths lengths() throws IOException {
    Lengths now = new Lengths();
    now.metrics = metrics.length();
    now.episodes = episodes.length();
    now.events = events.length();
    return now;
  }

  /** Whether there are any rows. */
  boolean isEmpty() throws IOException {
    return metrics.length() == 0;
  }

  /** Cuts everything off, so that the run can begin. */
  void clear() throws IOException {
    cutTo(new Lengths(), 0, 0);
  }

  /**
   * Cuts off what lies behind lengths, where recording goes on.
   *
   * @param steps of the run there
   * @param seconds of the run there
   * @throws StateFormatException if a file is shorter
   */
  void cutTo(Lengths lengths, long steps, double seconds) throws IOException {
    if (metrics.length() < lengths.metrics
        || episodes.length() < lengths.episodes
        || events.length() < lengths.events) {
      throw new StateFormatException(
          "%s has %s, but its checkpoint recorded %s".formatted(directory, lengths(), lengths));
    }
    metrics.cutTo(lengths.metrics);
    episodes.cutTo(lengths.episodes);
    events.cutTo(lengths.events);
    names = lengths.metrics == 0 ? null : readNames();
    ended.setLength(0);
    if (lengths.episodes == 0) {
      episodes.append(bytes("return,length,success,steps,seconds\n"));
    }
    if (lengths.events == 0) {
      events.append(EventRecords.header(now()));
      events.append(EventRecords.hyperParameters(now(), config.hyperParameters()));
    }
    lastSteps = steps;
    lastSeconds = seconds;
    ready = true;
  }

  /** The names of the metrics in the header. */
  private List<String> readNames() throws IOException {
    String header = metrics.firstLine(MetricsTable.MOST_LINE);
    if (header == null || !header.startsWith(OWN_COLUMNS)) {
      throw new StateFormatException(metrics.path() + " is damaged: it has no header");
    }
    List<String> columns = List.of(header.split(",", -1));
    return columns.subList(OWN_COUNT, columns.size());
  }

  /** Appends an iteration. The first one sets the names of the metrics. */
  void iteration(long steps, double elapsed, Metrics values) throws IOException {
    if (!ready) {
      throw new IllegalStateException(
          directory + " holds an earlier run: restore or restart it before training goes on");
    }
    List<String> given = List.copyOf(values.values().keySet());
    StringBuilder text = new StringBuilder();
    if (names == null) {
      names = given;
      text.append(OWN_COLUMNS);
      for (String name : given) {
        if (!name.matches("[^,\"\\s]+")) {
          throw new IllegalArgumentException(
              "a metric's name must not hold commas, quotes or blanks, but one is '" + name + "'");
        }
        text.append(',').append(name);
      }
      text.append('\n');
    } else if (!given.equals(names)) {
      throw new IllegalArgumentException(
          "%s: metrics must keep the names %s of the first iteration, not be %s"
              .formatted(metrics.path(), names, given));
    }
    double speed = elapsed > lastSeconds ? (steps - lastSteps) / (elapsed - lastSeconds) : 0;
    lastSteps = steps;
    lastSeconds = elapsed;
    text.append(steps).append(String.format(Locale.ROOT, ",%.3f,%.1f", elapsed, speed));
    values.values().values().forEach(value -> text.append(',').append(value.doubleValue()));
    metrics.append(bytes(text.append('\n').toString()));
    writeEpisodes();
    Map<String, Double> tagged = new LinkedHashMap<>();
    values.rollout().forEach((name, value) -> tagged.put("rollout/" + name, value));
    values.train().forEach((name, value) -> tagged.put("train/" + name, value));
    tagged.put("time/seconds", elapsed);
    tagged.put("time/steps_per_second", speed);
    events.append(EventRecords.scalars(now(), steps, tagged));
  }

  /** Takes in an episode that ended in the last step; it is written with its iteration. */
  void episode(long steps, double elapsed, EpisodeLog.Episode episode) {
    ended.append(episode.undiscounted()).append(',').append(episode.length()).append(',');
    if (episode.successDefined()) {
      ended.append(episode.success() ? 1 : 0);
    }
    ended.append(',').append(steps).append(String.format(Locale.ROOT, ",%.3f\n", elapsed));
  }

  private void writeEpisodes() throws IOException {
    if (ended.length() > 0) {
      episodes.append(bytes(ended.toString()));
      ended.setLength(0);
    }
  }

  /** Appends an evaluation's values. */
  void evaluation(RunDirectory.Evaluated one) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("eval/mean_return", one.result().meanReturn());
    values.put("eval/std_return", one.result().stdReturn());
    values.put("eval/mean_length", one.result().meanLength());
    one.result().successRate().ifPresent(rate -> values.put("eval/success_rate", rate));
    events.append(EventRecords.scalars(now(), one.steps(), values));
  }

  /** Forces everything to the disk. */
  void sync() throws IOException {
    writeEpisodes();
    for (AppendedFile file : files) {
      file.sync();
    }
  }

  @Override
  public void close() throws IOException {
    for (AppendedFile file : files) {
      file.close();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static double now() {
    return System.currentTimeMillis() * 1e-3;
  }
}
