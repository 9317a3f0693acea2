package org.deeprl4j.experiments.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Presets;
import org.deeprl4j.algorithms.run.Versions;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.text.Suggestions;
import org.jspecify.annotations.Nullable;

/**
 * Reads descriptions of studies: YAML, and so JSON.
 *
 * <pre>{@code
 * algorithm: ppo                      # or a list
 * environment: CartPole-v1            # or a list
 * seeds: 1-10                         # or a list
 * steps: 100000
 * set: {hidden: [64, 64]}             # settings of all variants
 * grid: {clipRange: [0.1, 0.2, 0.3]}  # a variant for each combination of these
 * }</pre>
 *
 * <p>With {@code variants}, a list, each element has these keys for itself, and the file's own are
 * what it leaves out.
 */
public final class StudyFile {
  private static final Set<String> OF_VARIANTS =
      new TreeSet<>(
          Set.of(
              "label",
              "algorithm",
              "environment",
              "maxEpisodeSteps",
              "wrappers",
              "seeds",
              "steps",
              "preset",
              "set",
              "grid",
              "checkpointEvery",
              "evaluateEvery",
              "episodes",
              "target",
              "threshold",
              "randomReturn"));

  private static final Set<String> OF_FILES =
      Set.of("format", "kernels", "variants", "versions", "commandLine");

  private static final int MOST_SEEDS = 10_000;

  private static final Pattern RANGE = Pattern.compile("(-?\\d+)-(-?\\d+)");

  private StudyFile() {}

  /**
   * Reads a study from a file.
   *
   * @param commandLine the arguments of the program, to be recorded
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException naming the file and the key if it does not describe a study
   */
  public static Study read(Path file, List<String> commandLine) throws IOException {
    return study(file.toString(), YamlFiles.read(file), commandLine);
  }

  /**
   * The study that a tree of keys and values describes.
   *
   * @param origin where it comes from, for error messages
   * @throws IllegalArgumentException naming the origin and the key if it does not describe one
   */
  public static Study study(String origin, JsonNode tree, List<String> commandLine) {
    try {
      ObjectNode file = object("a study", tree);
      requireKnown(file, union(OF_VARIANTS, OF_FILES));
      if (file.has("format") && file.get("format").asInt() != Study.FORMAT) {
        throw new IllegalArgumentException(
            "format must be %d, not %s".formatted(Study.FORMAT, file.get("format")));
      }
      List<Variant> variants = new ArrayList<>();
      JsonNode listed = file.get("variants");
      if (listed == null) {
        variants.addAll(expand(common(file)));
      } else {
        if (!listed.isArray()) {
          throw new IllegalArgumentException("variants must be a list, not " + listed);
        }
        for (JsonNode one : listed) {
          ObjectNode own = object("a variant", one);
          requireKnown(own, OF_VARIANTS);
          ObjectNode whole = common(file);
          own.properties().forEach(entry -> whole.set(entry.getKey(), entry.getValue()));
          variants.addAll(expand(whole));
          Study.requireFew(variants.size(), Study.runs(variants));
        }
      }
      return new Study(
          Study.FORMAT, kernels(file), variants, Versions.all(), List.copyOf(commandLine));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(origin + ": " + e.getMessage(), e);
    }
  }

  /** The keys of a file that variants have, too. */
  private static ObjectNode common(ObjectNode file) {
    return file.deepCopy().retain(OF_VARIANTS);
  }

  private static Compute.Kernels kernels(ObjectNode file) {
    String name = file.path("kernels").asText("AUTO");
    for (Compute.Kernels one : Compute.Kernels.values()) {
      if (one.name().equalsIgnoreCase(name)) {
        return one;
      }
    }
    throw new IllegalArgumentException(
        "kernels must be one of %s, not %s"
            .formatted(List.of(Compute.Kernels.values()), file.get("kernels")));
  }

  /** The variants of one description: environments, algorithms and the grid, in this order. */
  private static List<Variant> expand(ObjectNode keys) {
    List<Long> seeds = seeds(keys.get("seeds")); // the same list for all of them: there may be many
    List<Variant> variants = new ArrayList<>();
    for (String environment : texts(keys, "environment")) {
      for (String algorithm : texts(keys, "algorithm")) {
        for (ObjectNode point : grid(keys.get("grid"))) {
          variants.add(variant(keys, environment, Algorithms.find(algorithm), seeds, point));
        }
        Study.requireFew(variants.size(), 0);
      }
    }
    return variants;
  }

  private static Variant variant(
      ObjectNode keys,
      String environment,
      Algorithm<?> algorithm,
      List<Long> seeds,
      ObjectNode point) {
    Optional<Presets.Preset> preset =
        keys.hasNonNull("preset")
            ? Optional.of(Presets.find(algorithm.id(), text(keys, "preset")))
            : keys.has("preset") // as null: none
                ? Optional.empty()
                : Presets.tuned(algorithm.id(), environment.split(",", 2)[0]);
    List<Configurations.Layer> layers = new ArrayList<>();
    preset.map(Presets.Preset::layer).ifPresent(layers::add);
    ObjectNode set =
        keys.has("set") ? object("set", keys.get("set")) : JsonNodeFactory.instance.objectNode();
    layers.add(new Configurations.Layer("set", set));
    layers.add(new Configurations.Layer("grid", point));
    point
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (set.has(name)) {
                throw new IllegalArgumentException(name + " is in set and in grid");
              }
            });
    return new Variant(
        label(keys, algorithm, set, point),
        algorithm.id(),
        environment,
        keys.hasNonNull("maxEpisodeSteps") ? Math.toIntExact(whole(keys, "maxEpisodeSteps")) : null,
        keys.hasNonNull("wrappers") ? texts(keys, "wrappers") : null,
        seeds,
        whole(keys, "steps"),
        preset.map(Presets.Preset::name).orElse(null),
        Configurations.toJson(Configurations.bind(algorithm.defaults(), layers)),
        keys.has("checkpointEvery") ? whole(keys, "checkpointEvery") : 0,
        keys.has("evaluateEvery") ? whole(keys, "evaluateEvery") : 0,
        keys.has("episodes") ? Math.toIntExact(whole(keys, "episodes")) : 100,
        real(keys, "target"),
        real(keys, "threshold"),
        real(keys, "randomReturn"));
  }

  /** The label of the file with the point of the grid, or the algorithm with what was set. */
  private static String label(
      ObjectNode keys, Algorithm<?> algorithm, ObjectNode set, ObjectNode point) {
    StringBuilder label = new StringBuilder();
    if (keys.hasNonNull("label")) {
      label.append(text(keys, "label"));
    } else {
      label.append(algorithm.id());
      if (keys.hasNonNull("preset")) {
        label.append(' ').append(text(keys, "preset"));
      }
      set.properties().forEach(entry -> append(label, entry));
    }
    point.properties().forEach(entry -> append(label, entry));
    return label.toString();
  }

  private static void append(StringBuilder label, Map.Entry<String, JsonNode> entry) {
    label
        .append(' ')
        .append(entry.getKey())
        .append('=')
        .append(Configurations.text(entry.getValue()));
  }

  /** Every combination, the last setting varying fastest. */
  private static List<ObjectNode> grid(@Nullable JsonNode grid) {
    List<ObjectNode> points = new ArrayList<>(List.of(JsonNodeFactory.instance.objectNode()));
    if (grid == null) {
      return points;
    }
    for (Map.Entry<String, JsonNode> axis : object("grid", grid).properties()) {
      if (!axis.getValue().isArray() || axis.getValue().isEmpty()) {
        throw new IllegalArgumentException(
            "grid: %s must be a list of values, not %s".formatted(axis.getKey(), axis.getValue()));
      }
      Study.requireFew(points.size() * (long) axis.getValue().size(), 0);
      List<ObjectNode> longer = new ArrayList<>();
      for (ObjectNode point : points) {
        axis.getValue().forEach(value -> longer.add(point.deepCopy().set(axis.getKey(), value)));
      }
      points = longer;
    }
    return points;
  }

  /**
   * Parses seeds: {@code 3}, {@code 1-10}, {@code 1-5,11}.
   *
   * @throws IllegalArgumentException if the text is something else
   */
  public static List<Long> seeds(String text) {
    List<Long> seeds = new ArrayList<>();
    addSeeds(text, seeds);
    return seeds;
  }

  /**
   * Adds those of a text.
   *
   * @param seeds Modified.
   */
  private static void addSeeds(String text, List<Long> seeds) {
    for (String part : text.split(",", -1)) {
      Matcher range = RANGE.matcher(part.strip());
      try {
        long first =
            range.matches() ? Long.parseLong(range.group(1)) : Long.parseLong(part.strip());
        long last = range.matches() ? Long.parseLong(range.group(2)) : first;
        if (last < first || last - first < 0 || last - first >= MOST_SEEDS) {
          throw new IllegalArgumentException(
              "seeds: a range must ascend, and hold at most %d, not be '%s'"
                  .formatted(MOST_SEEDS, part.strip()));
        }
        if (seeds.size() + (last - first) >= MOST_SEEDS) {
          throw new IllegalArgumentException(
              "seeds: with '%s' they are more than %d".formatted(part.strip(), MOST_SEEDS));
        }
        for (long seed = first; seed <= last; seed++) {
          seeds.add(seed);
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "seeds must be numbers and ranges such as 1-10 or 1-5,11, not '%s'".formatted(text), e);
      }
    }
  }

  private static List<Long> seeds(@Nullable JsonNode node) {
    if (node == null) {
      throw missing("seeds");
    }
    List<Long> seeds = new ArrayList<>();
    for (JsonNode part : node.isArray() ? node : JsonNodeFactory.instance.arrayNode().add(node)) {
      addSeeds(part.asText(), seeds);
    }
    return List.copyOf(seeds);
  }

  private static List<String> texts(ObjectNode keys, String key) {
    JsonNode node = keys.get(key);
    List<String> values = new ArrayList<>();
    if (node != null) {
      (node.isArray() ? node : JsonNodeFactory.instance.arrayNode().add(node))
          .forEach(one -> values.add(one.asText()));
    }
    if (values.isEmpty()) {
      throw missing(key);
    }
    return values;
  }

  private static String text(ObjectNode keys, String key) {
    if (!keys.path(key).isTextual()) {
      throw new IllegalArgumentException("%s must be a text, not %s".formatted(key, keys.get(key)));
    }
    return keys.get(key).textValue();
  }

  private static long whole(ObjectNode keys, String key) {
    JsonNode node = keys.get(key);
    if (node == null) {
      throw missing(key);
    }
    try {
      return new BigDecimal(node.asText()).longValueExact(); // 1e5 is a text in YAML
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s must be a whole number, not %s".formatted(key, node), e);
    }
  }

  private static @Nullable Double real(ObjectNode keys, String key) {
    if (!keys.hasNonNull(key)) {
      return null;
    }
    JsonNode node = keys.get(key);
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw new IllegalArgumentException("%s must be a number, not %s".formatted(key, node));
    }
    return node.doubleValue();
  }

  private static ObjectNode object(String what, JsonNode node) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalArgumentException(what + " must be values by name, not " + node);
  }

  private static IllegalArgumentException missing(String key) {
    return new IllegalArgumentException(key + " is missing");
  }

  private static void requireKnown(ObjectNode node, Set<String> known) {
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                throw Suggestions.unknown("key", name, known);
              }
            });
  }

  private static Set<String> union(Set<String> one, Set<String> other) {
    Set<String> all = new TreeSet<>(one);
    all.addAll(other);
    return all;
  }
}
