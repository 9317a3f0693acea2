package org.deeprl4j.experiments.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.commons.text.StringEscapeUtils;
import org.deeprl4j.experiments.statistics.Estimate;
import org.deeprl4j.state.JsonFiles;
import org.deeprl4j.state.WholeFile;

/** Writes a summary as files. */
public final class Report {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  /** A policy of the page's own: it loads nothing, and runs nothing. */
  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
      <title>%1$s</title>
      <style>
      body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; }
      table { border-collapse: collapse; display: block; overflow-x: auto; }
      th, td { border-bottom: 1px solid #ccc; padding: .25em .75em; text-align: right; white-space: nowrap; }
      th:first-child, td:first-child { text-align: left; }
      img { max-width: 100%%; }
      </style>
      </head>
      <body>
      <h1>%1$s</h1>
      """;

  private Report() {}

  /** The tables of a summary as Markdown. */
  public static String markdown(String title, Summary summary, List<Group> groups) {
    return markdown(title, List.of(Tables.note()), Tables.of(summary, groups));
  }

  /** Sentences and tables as Markdown. */
  public static String markdown(String title, List<String> notes, List<Table> tables) {
    return "# %s\n\n%s\n\n%s"
        .formatted(
            title,
            String.join("\n\n", notes),
            tables.stream().map(Table::toMarkdown).collect(Collectors.joining("\n")));
  }

  /**
   * Writes into a directory {@code summary.json}, {@code summary.md}, pictures and {@code
   * report.html}, which needs no other file.
   *
   * @param title of the report
   */
  public static void write(Path directory, String title, Summary summary, List<Group> groups)
      throws IOException {
    JsonFiles.write(directory.resolve("summary.json"), JSON.valueToTree(summary));
    WholeFile.write(
        directory.resolve("summary.md"),
        markdown(title, summary, groups).getBytes(StandardCharsets.UTF_8));
    Map<String, byte[]> pictures = pictures(summary);
    for (Map.Entry<String, byte[]> picture : pictures.entrySet()) {
      WholeFile.write(directory.resolve(picture.getKey()), picture.getValue());
    }
    WholeFile.write(
        directory.resolve("report.html"),
        html(title, summary, groups, pictures).getBytes(StandardCharsets.UTF_8));
  }

  private static String html(
      String title, Summary summary, List<Group> groups, Map<String, byte[]> pictures) {
    return html(title, List.of(Tables.note()), pictures, Tables.of(summary, groups));
  }

  /** A page that needs no other file: sentences, pictures by name, tables. */
  public static String html(
      String title, List<String> notes, Map<String, byte[]> pictures, List<Table> tables) {
    StringBuilder page = new StringBuilder(HEAD.formatted(StringEscapeUtils.escapeHtml4(title)));
    notes.forEach(
        note -> page.append("<p>").append(StringEscapeUtils.escapeHtml4(note)).append("</p>\n"));
    pictures.forEach(
        (name, png) ->
            page.append("<img alt=\"")
                .append(StringEscapeUtils.escapeHtml4(name))
                .append("\" src=\"data:image/png;base64,")
                .append(Base64.getEncoder().encodeToString(png))
                .append("\">\n"));
    tables.forEach(table -> page.append(table.toHtml()));
    return page.append("</body>\n</html>\n").toString();
  }

  /** Curves and profiles, by the names of files. */
  public static Map<String, byte[]> pictures(Summary summary) throws IOException {
    Map<String, byte[]> pictures = new LinkedHashMap<>();
    for (Summary.OfEnvironment one : summary.environments()) {
      String name = one.environment().replaceAll("[^\\w.=,+-]+", "-");
      List<Plots.Line> curves = new ArrayList<>();
      for (Summary.OfGroup group : one.groups()) {
        Summary.Band curve = group.curve();
        if (curve != null) {
          curves.add(line(group.label(), curve.steps(), curve.returns()));
        }
      }
      if (!curves.isEmpty()) {
        pictures.put(
            "curves-" + name + ".png",
            Plots.overSteps(
                one.environment() + ": interquartile mean, 95 % interval", "return", curves));
      }
      Summary.Profile profile = one.profile();
      if (profile != null && profile.thresholds().size() > 1) {
        pictures.put(
            "profile-" + name + ".png",
            Plots.parts(
                one.environment() + ": performance profile, 95 % interval",
                "return τ of the final policy",
                "part of the runs above τ",
                profile.groups().stream()
                    .map(group -> line(group.label(), profile.thresholds(), group.parts()))
                    .toList()));
      }
    }
    return pictures;
  }

  private static Plots.Line line(String label, List<Double> x, List<Estimate> estimates) {
    return new Plots.Line(
        label,
        x.stream().mapToDouble(Double::doubleValue).toArray(),
        array(estimates, Estimate::value),
        array(estimates, Estimate::low),
        array(estimates, Estimate::high));
  }

  private static double[] array(List<Estimate> estimates, ToDoubleFunction<Estimate> part) {
    return estimates.stream().mapToDouble(part).toArray();
  }
}
