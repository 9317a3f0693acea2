package org.deeprl4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.OnlyWith;
import org.deeprl4j.algorithms.configuration.Presets;
import org.deeprl4j.algorithms.training.Algorithm;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rl describe}. */
@Command(
    name = "describe",
    description = "Lists an algorithm's settings with their defaults, ranges and meanings.",
    mixinStandardHelpOptions = true)
final class DescribeCommand implements Callable<Integer> {
  /** A row of a page's table of settings: name, default, meaning. */
  private static final Pattern ROW =
      Pattern.compile("^\\| `(\\w+)` \\| ([^|]*) \\| (.*) \\|$", Pattern.MULTILINE);

  private static final Pattern LINK = Pattern.compile("\\[([^]]+)]\\([^)]+\\)");

  /** Values that few settings accept; what is said of them tells the range. */
  private static final List<String> ABSURD = List.of("-9", "1e300");

  /** Where ranges begin. */
  private static final int RANGE = 45;

  /** Where meanings begin, below the name. */
  private static final int MEANING = 4;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "ALGORITHM",
      description = "Names the algorithm by the id that 'rl list' shows.")
  private String id;

  @Override
  public Integer call() throws IOException {
    Algorithm<?> algorithm = Algorithms.find(id);
    PrintWriter out = spec.commandLine().getOut();
    out.print(Text.beside("", 0, algorithm.id() + ": " + algorithm.title()));
    out.println();
    out.print(row("setting", "default", "range"));
    Map<String, String[]> rows = rows(algorithm.id());
    for (RecordComponent setting : algorithm.defaults().getClass().getRecordComponents()) {
      String[] row = rows.get(setting.getName());
      if (row == null) {
        throw new IllegalStateException(id + "'s page does not describe " + setting.getName());
      }
      out.print(row(setting.getName(), row[0], range(algorithm, setting)));
      out.print(Text.beside("", MEANING, row[1] + onlyWith(setting)));
    }
    out.println();
    for (Presets.Preset preset : Presets.of(algorithm.id())) {
      out.print(Text.beside("", 0, "preset %s: %s".formatted(preset.name(), preset.source())));
      out.print(
          Text.beside(
              "",
              MEANING,
              preset.settings().properties().stream()
                  .map(entry -> entry.getKey() + "=" + Configurations.text(entry.getValue()))
                  .collect(Collectors.joining(" "))));
    }
    out.flush();
    return 0;
  }

  private static String row(String name, String value, String range) {
    String start = "%-26s %s".formatted(name, value);
    return range.isEmpty() ? start + "\n" : Text.beside(start, RANGE, range);
  }

  /** Beside which other settings this one has an effect, if not beside all. */
  private static String onlyWith(RecordComponent setting) {
    OnlyWith needs = setting.getAnnotation(OnlyWith.class);
    if (needs == null) {
      return "";
    }
    List<String> conditions = new ArrayList<>(List.of(needs.value()));
    if (needs.continuousActions()) {
      conditions.add("continuous actions");
    }
    return conditions.isEmpty() ? "" : "; only with " + String.join(" and ", conditions);
  }

  /** The default and meaning of each setting, from the algorithm's page. */
  private static Map<String, String[]> rows(String id) throws IOException {
    try (InputStream in = DescribeCommand.class.getResourceAsStream("/docs/" + id + ".md")) {
      if (in == null) {
        throw new IllegalStateException("there is no page on " + id);
      }
      Matcher row = ROW.matcher(new String(in.readAllBytes(), UTF_8));
      Map<String, String[]> rows = new LinkedHashMap<>();
      while (row.find()) {
        String meaning = LINK.matcher(row.group(3)).replaceAll("$1").replace("`", "");
        rows.putIfAbsent(
            row.group(1), new String[] {row.group(2).strip(), meaning.replace("\\|", "|")});
      }
      return rows;
    }
  }

  /** What the configuration itself says of values that it does not accept. */
  private static <C extends Record> String range(Algorithm<C> algorithm, RecordComponent setting) {
    Class<?> type = setting.getType();
    if (type == boolean.class) {
      return "true, false";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(String::valueOf)
          .collect(Collectors.joining(", "));
    }
    Pattern said = Pattern.compile(setting.getName() + " must be (.*), not ");
    List<String> values = List.class.isAssignableFrom(type) ? List.of("0") : ABSURD;
    for (String value : values) {
      try {
        Configurations.bind(
            algorithm.defaults(),
            List.of(Configurations.assignments("--set", List.of(setting.getName() + "=" + value))));
      } catch (IllegalArgumentException e) {
        Matcher range = said.matcher(String.valueOf(e.getMessage()));
        if (range.find()) {
          return range.group(1);
        }
      }
    }
    return "";
  }
}
