package org.deeprl4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.run.RunConfig;
import org.jspecify.annotations.Nullable;

/**
 * Runs that are repetitions of one another: whatever decides their course is the same, but for the
 * seed.
 *
 * @param title what all of them have in common
 * @param groups the runs by what their group differs in, in the order given
 */
record RunGroups(String title, Map<String, List<Path>> groups) {
  /** What repetitions may differ in: it decides nothing that is expected of a run. */
  private static final Set<String> INCIDENTAL =
      Set.of(
          "seed",
          "classpath",
          "python",
          "preset",
          "checkpointEvery",
          "keep",
          "evaluateEvery",
          "evaluationEpisodes",
          "threads",
          "kernels",
          "compute",
          "versions",
          "commandLine");

  private static final ObjectMapper JSON = JsonMapper.builder().build();

  /** Puts runs into groups, and names each by what distinguishes it from the others. */
  static RunGroups of(Map<Path, RunConfig> runs) {
    Map<Map<String, String>, List<Path>> repetitions = new LinkedHashMap<>();
    runs.forEach(
        (run, config) ->
            repetitions.computeIfAbsent(decisive(config), any -> new ArrayList<>()).add(run));
    List<Map<String, String>> all = List.copyOf(repetitions.keySet());
    boolean oneAlgorithm = agree(all, "algorithm");
    boolean oneEnvironment = agree(all, "environment");
    Map<String, List<Path>> groups = new LinkedHashMap<>();
    repetitions.forEach(
        (settings, paths) -> {
          List<String> parts = new ArrayList<>();
          if (!oneAlgorithm) {
            parts.add(settings.get("algorithm"));
          }
          if (!oneEnvironment) {
            parts.add(settings.get("environment"));
          }
          parts.addAll(differences(settings, all));
          RunConfig only = Objects.requireNonNull(runs.get(paths.get(0)));
          parts.add(paths.size() > 1 ? paths.size() + " runs" : "seed " + only.seed());
          groups.put(String.join(", ", parts), List.copyOf(paths));
        });
    Map<String, String> any = all.get(0);
    List<String> title = new ArrayList<>();
    if (oneAlgorithm) {
      title.add(any.get("algorithm"));
    }
    if (oneEnvironment) {
      title.add(any.get("environment"));
    }
    return new RunGroups(String.join(" on ", title), groups);
  }

  /** The values that decide a run's course, by name. */
  static Map<String, String> decisive(RunConfig config) {
    ObjectNode tree = JSON.valueToTree(config);
    tree.remove(INCIDENTAL);
    tree.remove("configuration");
    tree.put("from", origin(config.from()));
    JsonNode changes = tree.remove("changes");
    Map<String, String> values = new LinkedHashMap<>();
    for (ObjectNode part : List.of(tree, config.configuration())) {
      part.properties()
          .forEach(entry -> values.put(entry.getKey(), Configurations.text(entry.getValue())));
    }
    values.put("changed", changes.isEmpty() ? "no" : Configurations.text(changes));
    return values;
  }

  /**
   * The run that another one began with, without its seed: repetitions begin with repetitions. A
   * seed is what a study's directories are called by, and what names end with by default.
   */
  static String origin(RunConfig.@Nullable Source from) {
    if (from == null) {
      return "none";
    }
    List<String> path = List.of(from.path().split("[/\\\\]+", -1));
    int end = path.size() - 1;
    String file = path.get(end).endsWith(".bin") && end > 0 ? "/" + path.get(end--) : "";
    if (path.get(end).matches("seed-\\d+") && end > 0) {
      end--;
    }
    return path.get(end).replaceFirst("-\\d+$", "") + file;
  }

  private static boolean agree(List<Map<String, String>> groups, String name) {
    return groups.stream().map(group -> group.get(name)).distinct().count() == 1;
  }

  /** What a group has otherwise than another one of the same algorithm and environment. */
  private static List<String> differences(
      Map<String, String> group, List<Map<String, String>> all) {
    List<Map<String, String>> comparable =
        all.stream()
            .filter(other -> agree(List.of(other, group), "algorithm"))
            .filter(other -> agree(List.of(other, group), "environment"))
            .toList();
    Set<String> names = new LinkedHashSet<>();
    comparable.forEach(other -> names.addAll(other.keySet()));
    return names.stream()
        .filter(name -> !agree(comparable, name))
        .map(name -> name + "=" + group.get(name))
        .toList();
  }
}
