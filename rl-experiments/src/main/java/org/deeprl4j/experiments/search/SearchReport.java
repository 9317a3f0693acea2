package org.deeprl4j.experiments.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Effects;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.experiments.report.Group;
import org.deeprl4j.experiments.report.Plots;
import org.deeprl4j.experiments.report.Report;
import org.deeprl4j.experiments.report.Summary;
import org.deeprl4j.experiments.report.Table;
import org.deeprl4j.experiments.report.Tables;
import org.deeprl4j.experiments.study.StudyDirectory;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.JsonFiles;
import org.deeprl4j.state.WholeFile;
import org.jspecify.annotations.Nullable;

/** Writes what a search has found. */
final class SearchReport {
  private static final int PLOTTED = 4;

  private final SearchDirectory directory;
  private final Search search;
  private final SearchSpace space;
  private final List<Trial> ranked; // those with a score, the best first
  private final double[][] points; // [trial][setting], in the same order

  private SearchReport(SearchDirectory directory) {
    this.directory = directory;
    search = directory.search();
    space = search.searched();
    ranked =
        directory.trials().stream()
            .filter(trial -> !trial.rungs().isEmpty())
            .sorted(Trial.BEST_FIRST)
            .toList();
    points = ranked.stream().map(trial -> space.point(trial.settings())).toArray(double[][]::new);
  }

  /**
   * Writes {@code best.json}, if a trial is complete, {@code summary.md}, {@code report.html} and
   * pictures.
   *
   * @param evaluated the study of the best trial on other seeds, null if there is none
   * @param actions of the environment
   * @return the tables as Markdown
   */
  static String write(SearchDirectory directory, @Nullable StudyDirectory evaluated, Space actions)
      throws IOException {
    return new SearchReport(directory).write(evaluated, actions);
  }

  private String write(@Nullable StudyDirectory evaluated, Space actions) throws IOException {
    Path path = directory.path();
    Optional<Trial> best = directory.best();
    List<String> notes = new ArrayList<>(List.of(steps()));
    List<Table> tables = new ArrayList<>();
    Map<String, byte[]> pictures = new LinkedHashMap<>();
    if (best.isPresent()) {
      ObjectNode configuration = directory.configuration(best.get());
      JsonFiles.write(
          path.resolve("best.json"),
          withEffect(Algorithms.find(search.algorithm()), configuration, actions));
      tables.add(settings(best.get()));
    }
    if (evaluated != null) {
      List<Group> groups = StudyDirectory.groups(evaluated.path());
      Summary summary = Summary.of(groups);
      notes.add("On seeds that no trial had: " + Tables.note());
      tables.addAll(Tables.of(summary, groups));
      pictures.putAll(Report.pictures(summary));
    }
    tables.add(importance());
    tables.add(trials());
    pictures.putAll(scatter());
    String title = "Search of %s on %s".formatted(search.algorithm(), search.environment());
    String markdown = Report.markdown(title, notes, tables);
    WholeFile.write(path.resolve("summary.md"), markdown.getBytes(StandardCharsets.UTF_8));
    for (Map.Entry<String, byte[]> picture : pictures.entrySet()) {
      WholeFile.write(path.resolve(picture.getKey()), picture.getValue());
    }
    WholeFile.write(
        path.resolve("report.html"),
        Report.html(title, notes, pictures, tables).getBytes(StandardCharsets.UTF_8));
    return markdown;
  }

  private String steps() {
    long taken = directory.trials().stream().mapToLong(Trial::steps).sum();
    long full = directory.trials().size() * search.steps();
    return "%d trials took %s environment steps. All of them trained for %s steps, with one seed each, would have taken %s%s"
        .formatted(
            directory.trials().size(),
            Tables.grouped(taken),
            Tables.grouped(search.steps()),
            Tables.grouped(full),
            taken < full ? ": %.0f %% are saved.".formatted(100.0 * (full - taken) / full) : ".");
  }

  /** Every setting that has an effect, so that --config accepts the file. */
  private static <C extends Record> ObjectNode withEffect(
      Algorithm<C> algorithm, ObjectNode configuration, Space actions) {
    C bound =
        Configurations.bind(
            algorithm.defaults(), List.of(new Configurations.Layer("best", configuration)));
    ObjectNode all = configuration.deepCopy();
    all.remove(Effects.missing(bound, actions, false).keySet());
    return all;
  }

  private Table settings(Trial best) {
    ObjectNode found = directory.configuration(best);
    List<List<String>> rows = new ArrayList<>();
    for (String name : space.names()) {
      rows.add(
          List.of(
              name,
              Configurations.text(search.start().required(name)),
              Configurations.text(found.required(name))));
    }
    return new Table(
        "The best settings, of trial " + best.number(), List.of("", "start", "best"), rows);
  }

  private Table importance() {
    List<List<String>> rows = new ArrayList<>();
    double[] importances = importances();
    for (int d : byImportance(importances)) {
      rows.add(
          List.of(
              space.names().get(d),
              Double.isNaN(importances[d])
                  ? "too few trials"
                  : String.format(Locale.ROOT, "%.0f %%", 100 * importances[d]),
              space.describe(d),
              quarter(d)));
    }
    return new Table(
        "What mattered: the part of the variance of trials' ranks that a setting explains by"
            + " itself",
        List.of("", "part", "searched", "in the best quarter of the trials"),
        rows);
  }

  private double[] importances() {
    double[] losses = IntStream.range(0, ranked.size()).asDoubleStream().toArray();
    return IntStream.range(0, space.size())
        .mapToDouble(d -> Importance.of(coordinates(d), losses, space.choices(d)))
        .toArray();
  }

  private double[] coordinates(int d) {
    return IntStream.range(0, points.length).mapToDouble(t -> points[t][d]).toArray();
  }

  private List<Integer> byImportance(double[] importances) {
    return IntStream.range(0, importances.length)
        .boxed()
        .sorted(Comparator.comparingDouble(d -> Double.isNaN(importances[d]) ? 1 : -importances[d]))
        .toList();
  }

  /** The values of a setting in the best quarter of the trials: from the least to the largest. */
  private String quarter(int d) {
    List<JsonNode> values = new ArrayList<>();
    for (int t = 0; t < (ranked.size() + 3) / 4; t++) {
      if (!Double.isNaN(points[t][d])) {
        values.add(value(ranked.get(t), d));
      }
    }
    values.sort(Comparator.comparingDouble(value -> space.coordinate(d, value)));
    List<String> texts = values.stream().map(Configurations::text).distinct().toList();
    return texts.size() < 2 || space.choices(d) > 0
        ? String.join(", ", texts)
        : texts.get(0) + " to " + texts.get(texts.size() - 1);
  }

  private JsonNode value(Trial trial, int d) {
    String name = space.names().get(d);
    return trial.settings().has(name) ? trial.settings().get(name) : search.start().required(name);
  }

  private Table trials() {
    List<String> header = new ArrayList<>(List.of("", "rung", "steps", "return"));
    header.addAll(space.names());
    List<List<String>> rows = new ArrayList<>();
    for (int t = 0; t < ranked.size(); t++) {
      Trial trial = ranked.get(t);
      List<String> row = new ArrayList<>();
      row.add(trial.number() == 1 ? "1, the start" : String.valueOf(trial.number()));
      row.add(trial.rungs().size() + " of " + search.rungs());
      row.add(Tables.grouped(trial.steps()));
      String failure = trial.failure();
      row.add(failure == null ? Tables.number(trial.score()) : "failed: " + failure);
      for (int d = 0; d < space.size(); d++) {
        boolean searched = trial.number() == 1 || !Double.isNaN(points[t][d]);
        row.add(searched ? Configurations.text(value(trial, d)) : "");
      }
      rows.add(row);
    }
    return new Table("Trials, the best first; the return is that of the last rung", header, rows);
  }

  /** Returns over the trials, and over the settings that mattered most, by the names of files. */
  private Map<String, byte[]> scatter() throws IOException {
    Map<String, byte[]> pictures = new LinkedHashMap<>();
    List<Plots.Line> all = series(trial -> (double) trial.number());
    if (!all.isEmpty()) {
      pictures.put("trials.png", Plots.points("trial", false, all));
    }
    List<Integer> numbers =
        byImportance(importances()).stream().filter(d -> space.choices(d) == 0).toList();
    for (int d : numbers.subList(0, Math.min(PLOTTED, numbers.size()))) {
      String name = space.names().get(d);
      List<Plots.Line> series =
          series(
              trial ->
                  trial.number() > 1 && !trial.settings().has(name)
                      ? null
                      : SearchSpace.number(value(trial, d)));
      if (!series.isEmpty()) {
        pictures.put("setting-" + name + ".png", Plots.points(name, space.logarithmic(d), series));
      }
    }
    return pictures;
  }

  /** What of a trial is drawn on the horizontal axis, null for nothing. */
  private interface Horizontal {
    @Nullable Double of(Trial trial);
  }

  /** The scores of the last rungs, by rung. */
  private List<Plots.Line> series(Horizontal horizontal) {
    List<Plots.Line> series = new ArrayList<>();
    for (int rung = 1; rung <= search.rungs(); rung++) {
      List<double[]> drawn = new ArrayList<>();
      for (Trial trial : ranked) {
        Double x = horizontal.of(trial);
        if (x != null && trial.rungs().size() == rung && !trial.failed()) {
          drawn.add(new double[] {x, trial.score()});
        }
      }
      if (!drawn.isEmpty()) {
        series.add(
            new Plots.Line(
                "after %s steps".formatted(Plots.steps(search.steps(rung - 1))),
                drawn.stream().mapToDouble(point -> point[0]).toArray(),
                drawn.stream().mapToDouble(point -> point[1]).toArray(),
                null,
                null));
      }
    }
    return series;
  }
}
