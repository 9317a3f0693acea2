package org.deeprl4j.experiments.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.text.Suggestions;
import org.jspecify.annotations.Nullable;

/** Reads what {@link SearchSpace} describes as data. */
final class SpaceReader {
  private static final int MOST_SETTINGS = 64;
  private static final Set<String> KEYS = new TreeSet<>(Set.of("range", "scale", "values", "when"));

  private SpaceReader() {}

  /**
   * The settings that a tree describes, in its order.
   *
   * @param configuration the record of the algorithm's settings
   * @throws IllegalArgumentException naming the setting and what was expected
   */
  static List<Dimension> read(JsonNode tree, Class<?> configuration) {
    if (!(tree instanceof ObjectNode settings) || settings.isEmpty()) {
      throw new IllegalArgumentException("a search space must be settings by name, not " + tree);
    }
    Map<String, Class<?>> types = new LinkedHashMap<>();
    for (RecordComponent one : configuration.getRecordComponents()) {
      types.put(one.getName(), one.getType());
    }
    List<Dimension> read = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : settings.properties()) {
      Class<?> type = known(entry.getKey(), types);
      read.add(dimension(entry.getKey(), entry.getValue(), type, types, read));
    }
    if (read.size() > MOST_SETTINGS) {
      throw new IllegalArgumentException(
          "a search space has at most %d settings, not %d".formatted(MOST_SETTINGS, read.size()));
    }
    return List.copyOf(read);
  }

  private static Dimension dimension(
      String name,
      JsonNode node,
      Class<?> type,
      Map<String, Class<?>> types,
      List<Dimension> before) {
    if (!(node instanceof ObjectNode keys)) {
      throw new IllegalArgumentException(
          "%s needs a range or values, such as {range: [1, 10]}, not %s".formatted(name, node));
    }
    keys.fieldNames()
        .forEachRemaining(
            key -> {
              if (!KEYS.contains(key)) {
                throw Suggestions.unknown("key", name + "." + key, prefixed(name, KEYS));
              }
            });
    if (keys.has("range") == keys.has("values")) {
      throw new IllegalArgumentException(name + " needs either a range or values");
    }
    if (keys.has("values") && keys.has("scale")) {
      throw new IllegalArgumentException(name + ": a scale goes with a range, not with values");
    }
    Range range =
        keys.has("range") ? range(name, keys.get("range"), keys.get("scale"), type) : null;
    return new Dimension(
        name,
        range,
        range == null ? values(name, keys.get("values")) : List.of(),
        when(name, keys.get("when"), types, before));
  }

  private static Range range(
      String name, JsonNode ends, @Nullable JsonNode scaleName, Class<?> type) {
    boolean whole = List.of(int.class, long.class, Integer.class, Long.class).contains(type);
    if (!whole && !List.of(double.class, Double.class, Schedule.class).contains(type)) {
      throw new IllegalArgumentException(name + " is not a number: it needs values, not a range");
    }
    Double low = ends.size() == 2 ? Dimension.number(ends.get(0)) : null;
    Double high = ends.size() == 2 ? Dimension.number(ends.get(1)) : null;
    if (low == null || high == null || !(low < high)) {
      throw new IllegalArgumentException(
          "%s: a range must be two ascending numbers, not %s".formatted(name, ends));
    }
    Scale scale = scaleName == null ? Scale.LINEAR : scale(name, scaleName);
    if (whole && (low != Math.rint(low) || high != Math.rint(high) || scale == Scale.LOGIT)) {
      throw new IllegalArgumentException(
          "%s is a whole number: its range must be so, on a linear or log scale, not %s"
              .formatted(name, ends));
    }
    if (!scale.accepts(low, high)) {
      throw new IllegalArgumentException(
          "%s: on a %s scale a range must be %s, not %s"
              .formatted(
                  name,
                  scale.name().toLowerCase(Locale.ROOT),
                  scale == Scale.LOG ? "above 0" : "between 0 and 1, without them",
                  ends));
    }
    return new Range(low, high, scale, whole);
  }

  private static Scale scale(String name, JsonNode node) {
    for (Scale scale : Scale.values()) {
      if (scale.name().equalsIgnoreCase(node.asText())) {
        return scale;
      }
    }
    throw new IllegalArgumentException(
        "%s: a scale must be linear, log or logit, not %s".formatted(name, node));
  }

  private static List<JsonNode> values(String name, JsonNode node) {
    List<JsonNode> values = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(values::add);
    }
    for (int i = 0; i < values.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (Dimension.same(values.get(i), values.get(j))) {
          throw new IllegalArgumentException(
              "%s: values must be different, not %s twice"
                  .formatted(name, Configurations.text(values.get(i))));
        }
      }
    }
    if (values.size() < 2) {
      throw new IllegalArgumentException(
          "%s: values must be a list of at least two, not %s".formatted(name, node));
    }
    return values;
  }

  private static Map<String, List<JsonNode>> when(
      String name, @Nullable JsonNode node, Map<String, Class<?>> types, List<Dimension> before) {
    Map<String, List<JsonNode>> when = new TreeMap<>();
    if (node == null) {
      return when;
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException(
          "%s: when must be other settings and their values, not %s".formatted(name, node));
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String other = entry.getKey();
      known(other, types);
      List<JsonNode> values = new ArrayList<>();
      (entry.getValue().isArray()
              ? entry.getValue()
              : JsonNodeFactory.instance.arrayNode().add(entry.getValue()))
          .forEach(values::add);
      before.stream()
          .filter(earlier -> earlier.name().equals(other))
          .forEach(
              earlier -> {
                for (JsonNode value : values) {
                  if (earlier.values().stream().noneMatch(v -> Dimension.same(v, value))) {
                    throw new IllegalArgumentException(
                        "%s is searched when %s = %s, which is not one of its values"
                            .formatted(name, other, Configurations.text(value)));
                  }
                }
              });
      when.put(other, values);
    }
    return when;
  }

  private static Class<?> known(String name, Map<String, Class<?>> types) {
    Class<?> type = types.get(name);
    if (type == null) {
      throw Suggestions.unknown("setting", name, types.keySet());
    }
    return type;
  }

  private static List<String> prefixed(String name, Set<String> keys) {
    return keys.stream().map(key -> name + "." + key).toList();
  }
}
