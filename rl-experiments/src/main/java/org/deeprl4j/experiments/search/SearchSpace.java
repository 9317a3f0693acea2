package org.deeprl4j.experiments.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Effects;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.experiments.study.YamlFiles;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Space;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an algorithm that are searched, and their values: a cube of [0, 1] for each. It
 * is data, YAML or JSON:
 *
 * <pre>{@code
 * learningRate: {range: [1e-5, 1e-2], scale: log}
 * gamma: {range: [0.9, 0.9999], scale: logit}
 * epochs: {range: [1, 20], scale: log}              # a whole number, as the setting is one
 * objective: {values: [CLIP, ADAPTIVE_KL]}
 * clipRange: {range: [0.05, 0.4], when: {objective: CLIP}}
 * }</pre>
 *
 * <p>A setting with {@code when} is searched where all other settings named there have the values
 * given, and else stays as it was at the start. Those that are searched, too, come before it.
 */
public final class SearchSpace {
  private static final int MOST_CORNERS = 1024;

  private final String origin;
  private final List<Dimension> dimensions;
  private final ObjectNode start;
  private final Set<String> conditions = new TreeSet<>(); // settings that decide on others

  /**
   * The space that a tree describes.
   *
   * @param origin where it comes from, for error messages
   * @param start every setting where the search starts; those that are not searched keep these
   *     values
   * @throws IllegalArgumentException naming the origin, the setting and what was expected
   */
  public SearchSpace(String origin, JsonNode tree, Algorithm<?> algorithm, ObjectNode start) {
    this.origin = origin;
    this.start = start;
    try {
      dimensions = SpaceReader.read(tree, algorithm.defaults().getClass());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(origin + ": " + e.getMessage(), e);
    }
    dimensions.forEach(dimension -> conditions.addAll(dimension.when().keySet()));
  }

  /** What the library searches of an algorithm, to be given to the constructor. */
  public static ObjectNode bundled(String algorithm) {
    String resource = "/org/deeprl4j/experiments/spaces/" + algorithm + ".yaml";
    try (InputStream in = SearchSpace.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("there is no resource " + resource);
      }
      return (ObjectNode) YamlFiles.parse(resource, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }

  /** How many settings are searched. */
  public int size() {
    return dimensions.size();
  }

  /** The names of the settings, in the order of coordinates. */
  public List<String> names() {
    return dimensions.stream().map(Dimension::name).toList();
  }

  /** How many values a coordinate chooses from; 0 if it is a range. */
  public int choices(int dimension) {
    return dimensions.get(dimension).choices();
  }

  /**
   * The settings at a point: those that are searched there.
   *
   * @param point [size], in [0, 1]; where a setting is not searched, anything
   */
  public ObjectNode settings(double[] point) {
    ObjectNode all = start.deepCopy();
    ObjectNode settings = JsonNodeFactory.instance.objectNode();
    for (int d = 0; d < dimensions.size(); d++) {
      Dimension dimension = dimensions.get(d);
      if (isSearched(dimension, all)) {
        double u = Double.isNaN(point[d]) ? 0.5 : point[d];
        JsonNode value = dimension.value(u, start.required(dimension.name()));
        settings.set(dimension.name(), value);
        all.set(dimension.name(), value);
      }
    }
    return settings;
  }

  /**
   * The point of settings.
   *
   * @param settings some; the others are those of the start
   * @return [size], in [0, 1], NaN where a setting is not searched or has a value that the space
   *     does not list; numbers outside a range are taken for its nearer end
   */
  public double[] point(ObjectNode settings) {
    ObjectNode all = start.deepCopy().setAll(settings);
    return dimensions.stream()
        .mapToDouble(
            dimension ->
                isSearched(dimension, all)
                    ? dimension.coordinate(all.required(dimension.name()))
                    : Double.NaN)
        .toArray();
  }

  /** A point with NaN where a setting is not searched. */
  double[] searched(double[] point) {
    double[] searched = point.clone();
    ObjectNode choices = conditions.isEmpty() ? start : start.deepCopy();
    for (int d = 0; d < point.length; d++) {
      Dimension dimension = dimensions.get(d);
      if (!isSearched(dimension, choices)) {
        searched[d] = Double.NaN;
      } else if (conditions.contains(dimension.name())) {
        choices.set(dimension.name(), dimension.value(point[d], start.required(dimension.name())));
      }
    }
    return searched;
  }

  private static boolean isSearched(Dimension dimension, ObjectNode all) {
    return dimension.when().entrySet().stream()
        .allMatch(
            condition ->
                condition.getValue().stream()
                    .anyMatch(value -> Dimension.same(value, all.required(condition.getKey()))));
  }

  /**
   * Checks that the algorithm accepts the whole space: every combination of the settings' extremes
   * and choices, or 1,024 of them at random where there are more.
   *
   * @param actions of the environment
   * @throws IllegalArgumentException naming the origin, the settings and what is wrong with them
   */
  public <C extends Record> void check(Algorithm<C> algorithm, Space actions) {
    long corners = 1;
    for (Dimension dimension : dimensions) {
      corners = Math.min(corners * Math.max(2, dimension.choices()), MOST_CORNERS + 1L);
    }
    Rng random = new Rng(1);
    for (long c = 0; c < Math.min(corners, MOST_CORNERS); c++) {
      double[] corner = new double[dimensions.size()];
      long rest = c;
      for (int d = 0; d < corner.length; d++) {
        int choices = dimensions.get(d).choices();
        int ways = Math.max(2, choices);
        long way = corners > MOST_CORNERS ? random.nextInt(ways) : rest % ways;
        rest /= ways;
        corner[d] = choices == 0 ? way : (way + 0.5) / choices;
      }
      check(algorithm, settings(corner), actions);
    }
  }

  private <C extends Record> void check(
      Algorithm<C> algorithm, ObjectNode settings, Space actions) {
    Configurations.Layer layer = new Configurations.Layer(origin, settings);
    C bound;
    try {
      bound =
          Configurations.bind(
              algorithm.defaults(), List.of(new Configurations.Layer("start", start), layer));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s: %s; the space allows %s".formatted(origin, e.getMessage(), settings), e);
    }
    Effects.require(bound, layer, settings.objectNode(), actions, false);
  }

  /** The coordinate of a value, NaN if the space does not list it. */
  public double coordinate(int dimension, JsonNode value) {
    return dimensions.get(dimension).coordinate(value);
  }

  /** Whether equal factors of a setting are equally likely. */
  public boolean logarithmic(int dimension) {
    Range range = dimensions.get(dimension).range();
    return range != null && range.scale() == Scale.LOG;
  }

  /** A value as a number, that of a schedule where it starts; null if it is no number. */
  public static @Nullable Double number(JsonNode value) {
    return Dimension.number(value);
  }

  /** The ends of a setting's range, or its values, for people. */
  public String describe(int dimension) {
    Dimension one = dimensions.get(dimension);
    Range range = one.range();
    return range == null
        ? String.join(", ", one.values().stream().map(Configurations::text).toList())
        : range.whole()
            ? "%.0f to %.0f".formatted(range.low(), range.high())
            : range.low() + " to " + range.high();
  }
}
