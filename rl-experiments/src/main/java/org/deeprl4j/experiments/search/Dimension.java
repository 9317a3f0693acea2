package org.deeprl4j.experiments.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Map;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * A setting that is searched, as a coordinate in [0, 1].
 *
 * @param name of the setting
 * @param range its numbers, null if it has a list of values
 * @param values its values; empty if it has a range
 * @param when other settings and the values with which this one is searched; all must hold
 */
record Dimension(
    String name, @Nullable Range range, List<JsonNode> values, Map<String, List<JsonNode>> when) {

  /** How many values there are to choose from; 0 for a range. */
  int choices() {
    return values.size();
  }

  /**
   * The value at a coordinate.
   *
   * @param start the value that the search starts from: a schedule keeps its shape
   */
  JsonNode value(double u, JsonNode start) {
    if (range == null) {
      return values.get(Math.min((int) (u * values.size()), values.size() - 1));
    }
    double x = range.value(u);
    if (range.whole()) {
      return JsonNodeFactory.instance.numberNode((long) x);
    }
    Schedule shape = schedule(start);
    return shape == null || shape.isConstant() || shape.start() == 0
        ? JsonNodeFactory.instance.numberNode(x)
        : JsonNodeFactory.instance.textNode(from(x, shape).toString());
  }

  /** A schedule of the same shape that starts at another value. */
  private static Schedule from(double x, Schedule shape) {
    return new Schedule(
        shape.curve(),
        shape.points().stream()
            .map(
                point ->
                    new Schedule.Point(
                        point.progress(), Range.rounded(point.value() * x / shape.start())))
            .toList());
  }

  /** The coordinate of a value, NaN if it has none: a value that is not listed. */
  double coordinate(JsonNode value) {
    if (range != null) {
      Double x = number(value);
      return x == null ? Double.NaN : range.coordinate(x);
    }
    for (int i = 0; i < values.size(); i++) {
      if (same(values.get(i), value)) {
        return (i + 0.5) / values.size();
      }
    }
    return Double.NaN;
  }

  /** Whether two values are the same setting: 1e-3 and 0.001, CLIP and clip. */
  static boolean same(JsonNode one, JsonNode other) {
    Schedule x = schedule(one);
    Schedule y = schedule(other);
    return (x != null && y != null)
        ? x.equals(y)
        : Configurations.text(one).equalsIgnoreCase(Configurations.text(other));
  }

  /** A number, or the start of a schedule; null for anything else. */
  static @Nullable Double number(JsonNode value) {
    Schedule schedule = schedule(value);
    return schedule == null ? null : Double.valueOf(schedule.start());
  }

  /** A number or a schedule; null for anything else. */
  private static @Nullable Schedule schedule(JsonNode value) {
    if (value.isNumber()) {
      return Schedule.constant(value.doubleValue());
    }
    if (!value.isTextual() || !value.textValue().matches("\\s*(\\w+\\s*\\(|[-+.0-9]).*")) {
      return null;
    }
    try {
      return Schedule.parse(value.textValue());
    } catch (IllegalArgumentException e) {
      return null; // another text
    }
  }
}
