package org.deeprl4j.algorithms.configuration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.text.Suggestions;
import org.jspecify.annotations.Nullable;

/**
 * Converts configuration records to JSON and back. The name of a component is the name of the
 * setting. Values are numbers, booleans, enum constants, texts, lists, {@link Schedule}s and
 * further records, whose settings are {@code outer.inner}.
 *
 * <p>A text stands for any value, {@code "64,64"} for the list [64, 64] and {@code "none"} for null
 * where that is allowed, so that the command line can express everything that a file can.
 */
public final class Configurations {
  /** Parts of the names of settings that make numbers grow or keep them small. */
  private static final List<String> SUSPECTS =
      List.of("earningRate", "emperature", "GradientNorm", "normalize");

  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Configurations() {}

  /**
   * Settings from one source; later layers win over earlier ones.
   *
   * @param origin where they come from, for error messages: a file or {@code "--set"}
   * @param settings an object with some of the settings
   */
  public record Layer(String origin, JsonNode settings) {}

  /**
   * A layer of {@code name=value} texts.
   *
   * @param origin where they come from
   * @param assignments one setting each; a name may have dots
   * @throws IllegalArgumentException if a text is not an assignment, or a setting is given twice
   */
  public static Layer assignments(String origin, List<String> assignments) {
    ObjectNode root = NODES.objectNode();
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "%s takes name=value, not '%s'".formatted(origin, assignment));
      }
      String[] path = assignment.substring(0, equals).strip().split("\\.", -1);
      ObjectNode node = root;
      for (String outer : Arrays.copyOf(path, path.length - 1)) {
        JsonNode next = node.has(outer) ? node.get(outer) : node.putObject(outer);
        if (!(next instanceof ObjectNode object)) {
          throw new IllegalArgumentException(
              "%s sets both '%s' and a part of it".formatted(origin, outer));
        }
        node = object;
      }
      String value = assignment.substring(equals + 1).strip();
      if (node.putIfAbsent(path[path.length - 1], NODES.textNode(value)) != null) {
        throw new IllegalArgumentException(
            "%s sets '%s' twice".formatted(origin, String.join(".", path)));
      }
    }
    return new Layer(origin, root);
  }

  /**
   * Applies layers to the defaults. The record is built once, from the last value of every setting,
   * so that layers may change interdependent settings separately.
   *
   * @param defaults values of settings that no layer sets
   * @param layers in ascending order of precedence
   * @throws IllegalArgumentException naming the setting, its value and what was expected, or
   *     similar names for one that does not exist
   */
  @SuppressWarnings("unchecked")
  public static <C extends Record> C bind(C defaults, List<Layer> layers) {
    return (C) bind(defaults.getClass(), defaults, layers, "");
  }

  /** Every setting of a configuration; {@link #bind} reads it back to an equal record. */
  public static ObjectNode toJson(Record configuration) {
    ObjectNode node = NODES.objectNode();
    for (RecordComponent component : configuration.getClass().getRecordComponents()) {
      node.set(component.getName(), json(value(component, configuration)));
    }
    return node;
  }

  private static JsonNode json(@Nullable Object value) {
    if (value == null) {
      return NODES.nullNode();
    } else if (value instanceof Schedule schedule) {
      return schedule.isConstant()
          ? NODES.numberNode(schedule.start())
          : NODES.textNode(schedule.toString());
    } else if (value instanceof Record record) {
      return toJson(record);
    } else if (value instanceof Enum<?> constant) {
      return NODES.textNode(constant.name());
    } else if (value instanceof List<?> list) {
      return NODES.arrayNode().addAll(list.stream().map(Configurations::json).toList());
    }
    return JSON.valueToTree(value);
  }

  private static Record bind(
      Class<?> type, @Nullable Record base, List<Layer> layers, String prefix) {
    RecordComponent[] components = type.getRecordComponents();
    List<String> names = Arrays.stream(components).map(RecordComponent::getName).toList();
    for (Layer layer : layers) {
      if (!layer.settings().isObject()) {
        throw new IllegalArgumentException(
            "%s: %s must be settings by name, not %s"
                .formatted(
                    layer.origin(),
                    prefix.isEmpty() ? "it" : prefix.substring(0, prefix.length() - 1),
                    layer.settings()));
      }
      for (Iterator<String> used = layer.settings().fieldNames(); used.hasNext(); ) {
        String name = used.next();
        if (!names.contains(name)) {
          List<String> known = names.stream().map(n -> prefix + n).toList();
          throw new IllegalArgumentException(
              "%s (%s)"
                  .formatted(
                      Suggestions.unknown("setting", prefix + name, known).getMessage(),
                      layer.origin()));
        }
      }
    }
    @Nullable Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      types[i] = component.getType();
      List<Layer> own =
          layers.stream()
              .filter(layer -> layer.settings().has(component.getName()))
              .map(layer -> new Layer(layer.origin(), layer.settings().get(component.getName())))
              .toList();
      values[i] = bind(component, base == null ? null : value(component, base), own, prefix);
    }
    return construct(type, types, values);
  }

  /** The value of one component after all layers that set it. */
  private static @Nullable Object bind(
      RecordComponent component, @Nullable Object base, List<Layer> layers, String prefix) {
    String name = prefix + component.getName();
    boolean nested =
        Record.class.isAssignableFrom(component.getType()) && component.getType() != Schedule.class;
    if (layers.isEmpty()) {
      return base;
    }
    Layer last = layers.get(layers.size() - 1);
    if (nested && !isNone(last.settings())) {
      List<Layer> parts = layers.stream().filter(layer -> !isNone(layer.settings())).toList();
      return bind(component.getType(), (Record) base, parts, name + ".");
    }
    boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    if (nullable && isNone(last.settings())) {
      return null;
    }
    try {
      return convert(component.getGenericType(), last.settings());
    } catch (BadValue e) {
      throw new IllegalArgumentException(
          "%s must be %s%s, not %s (%s)"
              .formatted(
                  name, e.getMessage(), nullable ? " or none" : "", last.settings(), last.origin()),
          e);
    }
  }

  private static boolean isNone(JsonNode node) {
    return node.isNull() || (node.isTextual() && node.textValue().matches("(?i)none|null"));
  }

  private static Record construct(Class<?> type, Class<?>[] types, @Nullable Object[] values) {
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.trySetAccessible();
      return (Record) constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException outOfRange) {
        throw outOfRange;
      }
      throw new IllegalStateException("cannot build a " + type.getName(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot build a " + type.getName(), e);
    }
  }

  private static @Nullable Object value(RecordComponent component, Record record) {
    try {
      component.getAccessor().trySetAccessible();
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  /** Reports a value that does not convert; the message completes "must be …". */
  private static final class BadValue extends Exception {
    private static final long serialVersionUID = 1L;

    BadValue(String expected) {
      super(expected, null, false, false); // always caught here
    }
  }

  private static Object convert(Type type, JsonNode node) throws BadValue {
    if (type == int.class || type == Integer.class) {
      return Math.toIntExact(whole(node, Integer.MIN_VALUE, Integer.MAX_VALUE));
    } else if (type == long.class || type == Long.class) {
      return whole(node, Long.MIN_VALUE, Long.MAX_VALUE);
    } else if (type == double.class || type == Double.class) {
      return real(node);
    } else if (type == boolean.class || type == Boolean.class) {
      return truth(node);
    } else if (type == String.class && node.isTextual()) {
      return node.textValue();
    } else if (type == Schedule.class) {
      return schedule(node);
    } else if (type instanceof Class<?> c && c.isEnum()) {
      return constant(c, node);
    } else if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      return list(list.getActualTypeArguments()[0], node);
    }
    try {
      return JSON.treeToValue(node, JSON.constructType(type));
    } catch (JsonProcessingException e) {
      throw new BadValue("a " + type.getTypeName());
    }
  }

  private static long whole(JsonNode node, long low, long high) throws BadValue {
    BadValue bad =
        new BadValue(
            high == Integer.MAX_VALUE ? "a whole number of 32 bits" : "a whole number of 64 bits");
    if (!node.isNumber() && !node.isTextual()) {
      throw bad;
    }
    try {
      // 1e5 is a whole number too, 1.5 is not.
      long value = new BigDecimal(node.asText()).longValueExact();
      if (value < low || value > high) {
        throw bad;
      }
      return value;
    } catch (ArithmeticException | NumberFormatException e) {
      throw bad;
    }
  }

  private static double real(JsonNode node) throws BadValue {
    // Excludes "1f", "0x1p3" and surrounding blanks, which Double.parseDouble accepts.
    if (node.isNumber() || (node.isTextual() && node.textValue().matches("[-+.0-9eE]+"))) {
      try {
        return Double.parseDouble(node.asText());
      } catch (NumberFormatException e) {
        throw new BadValue("a number");
      }
    }
    throw new BadValue("a number");
  }

  private static boolean truth(JsonNode node) throws BadValue {
    return switch (node.asText().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new BadValue("true or false");
    };
  }

  private static Schedule schedule(JsonNode node) throws BadValue {
    if (node.isNumber() || node.isTextual()) {
      try {
        return Schedule.parse(node.asText());
      } catch (IllegalArgumentException e) {
        throw new BadValue(Schedule.FORMS);
      }
    }
    throw new BadValue(Schedule.FORMS);
  }

  private static Object constant(Class<?> type, JsonNode node) throws BadValue {
    Object[] constants = type.getEnumConstants();
    String name = node.asText().replace('-', '_');
    for (Object constant : constants) {
      if (((Enum<?>) constant).name().equalsIgnoreCase(name)) {
        return constant;
      }
    }
    throw new BadValue("one of " + Arrays.toString(constants));
  }

  private static List<Object> list(Type element, JsonNode node) throws BadValue {
    List<JsonNode> parts = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(parts::add);
    } else if (node.isTextual()) {
      String text = node.textValue().strip();
      String inner =
          text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
      if (!inner.isBlank()) {
        Arrays.stream(inner.split(",", -1))
            .map(part -> new TextNode(part.strip()))
            .forEach(parts::add);
      }
    } else {
      parts.add(node);
    }
    List<Object> values = new ArrayList<>();
    for (JsonNode part : parts) {
      try {
        values.add(convert(element, part));
      } catch (BadValue e) {
        throw new BadValue("a list such as \"64,64\" whose elements are each " + e.getMessage());
      }
    }
    return List.copyOf(values);
  }

  /** A setting's value as {@code --set} takes it: 64,64 for a list, [] for an empty one, none. */
  public static String text(JsonNode value) {
    if (value.isArray()) {
      return value.isEmpty()
          ? "[]"
          : StreamSupport.stream(value.spliterator(), false)
              .map(Configurations::text)
              .collect(Collectors.joining(","));
    }
    if (value.isObject()) {
      return value.properties().stream()
          .map(entry -> entry.getKey() + " " + text(entry.getValue()))
          .collect(Collectors.joining(" "));
    }
    return value.isNull() ? "none" : value.asText();
  }

  /**
   * The settings that make numbers grow or keep them small, as a divergence names them.
   *
   * @param settings a configuration record; of anything else no settings are named
   */
  public static String suspects(Object settings) {
    List<String> found = new ArrayList<>();
    if (settings instanceof Record record) {
      addSuspects("", toJson(record), found);
    } else {
      found.add("the learning rate");
    }
    return String.join(", ", found) + ", and large rewards";
  }

  private static void addSuspects(String prefix, ObjectNode node, List<String> found) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String name = prefix + field.getKey();
      if (field.getValue() instanceof ObjectNode nested) {
        addSuspects(name + ".", nested, found);
      } else if (SUSPECTS.stream().anyMatch(name::contains)) {
        found.add(name + "=" + text(field.getValue()));
      }
    }
  }
}
