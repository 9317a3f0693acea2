package org.deeprl4j.policy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Descriptions of policies as JSON. The kinds of spaces and networks that may appear are listed
 * here by name, so that a file cannot ask for anything else; whatever else a text holds ends in a
 * {@link StateFormatException} that says where.
 *
 * <p>It reads the parser's tokens itself, since a library that binds records would take as long to
 * start as all the rest of a first action, and be the largest part of what inference needs.
 */
final class Descriptions {
  private static final String KIND = "kind";
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Descriptions() {}

  static String write(PolicyFile.Description d) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      out.writeFieldName("observationSpace");
      write(d.observationSpace(), out);
      out.writeFieldName("actionSpace");
      write(d.actionSpace(), out);
      out.writeBooleanField("normalizeObservations", d.normalizeObservations());
      out.writeFieldName("network");
      write(d.network(), out);
      out.writeNumberField("firstColumn", d.firstColumn());
      out.writeStringField("head", d.head().name());
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of a text in memory
    }
    return text.toString();
  }

  private static void write(Space space, JsonGenerator out) throws IOException {
    out.writeStartObject();
    if (space instanceof Box box) {
      out.writeStringField(KIND, "box");
      write("low", box.low(), out);
      write("high", box.high(), out);
      write("shape", box.shape(), out);
    } else if (space instanceof Discrete discrete) {
      out.writeStringField(KIND, "discrete");
      out.writeNumberField("n", discrete.n());
    } else if (space instanceof MultiDiscrete several) {
      out.writeStringField(KIND, "multi-discrete");
      write("counts", several.counts(), out);
    } else if (space instanceof MultiBinary bits) {
      out.writeStringField(KIND, "multi-binary");
      out.writeNumberField("n", bits.n());
    } else if (space instanceof Dict dict) {
      out.writeStringField(KIND, "dict");
      out.writeObjectFieldStart("spaces");
      for (Map.Entry<String, Space> entry : dict.spaces().entrySet()) {
        out.writeFieldName(entry.getKey());
        write(entry.getValue(), out);
      }
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  private static void write(NetworkSpec spec, JsonGenerator out) throws IOException {
    out.writeStartObject();
    if (spec instanceof Mlp mlp) {
      out.writeStringField(KIND, "mlp");
      out.writeNumberField("inputs", mlp.inputs());
      out.writeNumberField("outputs", mlp.outputs());
      write("hidden", mlp.hidden().stream().mapToInt(Integer::intValue).toArray(), out);
      out.writeStringField("activation", mlp.activation().name());
      out.writeStringField("outputActivation", mlp.outputActivation().name());
      out.writeBooleanField("layerNorm", mlp.layerNorm());
      out.writeFieldName("init");
      write(mlp.init(), out);
    } else if (spec instanceof NetworkSpec.Constant constant) {
      out.writeStringField(KIND, "constant");
      out.writeNumberField("inputs", constant.inputs());
      out.writeArrayFieldStart("initial");
      for (double value : constant.initial()) {
        out.writeNumber(value);
      }
      out.writeEndArray();
    } else if (spec instanceof NetworkSpec.SideBySide several) {
      out.writeStringField(KIND, "side-by-side");
      writeParts(several.parts(), out);
    } else if (spec instanceof NetworkSpec.Stacked stacked) {
      out.writeStringField(KIND, "stacked");
      out.writeFieldName("body");
      write(stacked.body(), out);
      out.writeFieldName("head");
      write(stacked.head(), out);
      out.writeBooleanField("features", stacked.features());
    } else if (spec instanceof NetworkSpec.Parallel several) {
      out.writeStringField(KIND, "parallel");
      writeParts(several.parts(), out);
    } else if (spec instanceof NetworkSpec.Identity identity) {
      out.writeStringField(KIND, "identity");
      out.writeNumberField("inputs", identity.inputs());
    } else if (spec instanceof NetworkSpec.Convolution layer) {
      out.writeStringField(KIND, "convolution");
      out.writeNumberField("scale", layer.scale());
      out.writeNumberField("height", layer.height());
      out.writeNumberField("width", layer.width());
      out.writeNumberField("channels", layer.channels());
      out.writeBooleanField("channelsFirst", layer.channelsFirst());
      out.writeNumberField("filters", layer.filters());
      out.writeNumberField("kernel", layer.kernel());
      out.writeNumberField("stride", layer.stride());
      out.writeStringField("activation", layer.activation().name());
      out.writeFieldName("init");
      write(layer.init(), out);
    } else if (spec instanceof NetworkSpec.Lstm lstm) {
      out.writeStringField(KIND, "lstm");
      out.writeNumberField("features", lstm.features());
      out.writeNumberField("units", lstm.units());
    } else if (spec instanceof NetworkSpec.Dl4j dl4j) {
      out.writeStringField(KIND, "dl4j");
      out.writeNumberField("inputs", dl4j.inputs());
      out.writeNumberField("outputs", dl4j.outputs());
      out.writeStringField("configuration", dl4j.configuration());
    }
    out.writeEndObject();
  }

  private static void writeParts(List<NetworkSpec> parts, JsonGenerator out) throws IOException {
    out.writeArrayFieldStart("parts");
    for (NetworkSpec part : parts) {
      write(part, out);
    }
    out.writeEndArray();
  }

  private static void write(Mlp.Init init, JsonGenerator out) throws IOException {
    out.writeStartObject();
    if (init instanceof Mlp.Init.Orthogonal orthogonal) {
      out.writeStringField(KIND, "orthogonal");
      out.writeNumberField("hiddenGain", orthogonal.hiddenGain());
      out.writeNumberField("outputGain", orthogonal.outputGain());
    } else if (init instanceof Mlp.Init.FanInUniform) {
      out.writeStringField(KIND, "fan-in-uniform");
    } else if (init instanceof Mlp.Init.FanInUniformSmallOutput small) {
      out.writeStringField(KIND, "fan-in-uniform-small-output");
      out.writeNumberField("limit", small.limit());
    } else if (init instanceof Mlp.Init.Dl4j dl4j) {
      out.writeStringField(KIND, "dl4j");
      out.writeStringField("configuration", dl4j.configuration());
    }
    out.writeEndObject();
  }

  private static void write(String name, float[] values, JsonGenerator out) throws IOException {
    out.writeArrayFieldStart(name);
    for (float value : values) {
      out.writeNumber(value);
    }
    out.writeEndArray();
  }

  private static void write(String name, int[] values, JsonGenerator out) throws IOException {
    out.writeArrayFieldStart(name);
    for (int value : values) {
      out.writeNumber(value);
    }
    out.writeEndArray();
  }

  /**
   * Reads a description.
   *
   * @throws StateFormatException if it is none
   */
  static PolicyFile.Description read(byte[] text) {
    try (JsonParser in = JSON.createParser(text)) {
      in.nextToken();
      Fields root = new Fields("", tree(in));
      if (in.nextToken() != null) {
        throw new IllegalArgumentException("something follows its end");
      }
      PolicyFile.Description description =
          new PolicyFile.Description(
              space(root.object("observationSpace")),
              space(root.object("actionSpace")),
              root.bool("normalizeObservations"),
              network(root.object("network")),
              root.integer("firstColumn"),
              root.one("head", NetworkPolicy.Head.class));
      root.end();
      return description;
    } catch (JsonProcessingException e) {
      throw invalid(e.getOriginalMessage(), e);
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw invalid(e.getMessage(), e);
    }
  }

  private static StateFormatException invalid(@Nullable String why, Exception e) {
    String line = String.valueOf(why).replaceAll("\\s+", " ").strip();
    return new StateFormatException("the policy's description is not valid: " + line, e);
  }

  /** The value at the parser's token: a map, list, text, number or truth, or null. */
  private static @Nullable Object tree(JsonParser in) throws IOException {
    JsonToken token = in.currentToken();
    if (token == null) {
      throw new IllegalArgumentException("it holds nothing");
    }
    switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
          String name = in.currentName();
          in.nextToken();
          object.put(name, tree(in));
        }
        return object;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          list.add(tree(in));
        }
        return list;
      }
      case VALUE_STRING -> {
        return in.getText();
      }
      case VALUE_NUMBER_INT -> {
        return in.getNumberValue();
      }
      case VALUE_NUMBER_FLOAT -> {
        return in.getDoubleValue();
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        return token == JsonToken.VALUE_TRUE;
      }
      default -> {
        return null;
      }
    }
  }

  private static Space space(Fields in) {
    String kind = in.text(KIND);
    Space space =
        switch (kind) {
          case "box" -> new Box(in.floats("low"), in.floats("high"), in.integers("shape"));
          case "discrete" -> new Discrete(in.integer("n"));
          case "multi-discrete" -> new MultiDiscrete(in.integers("counts"));
          case "multi-binary" -> new MultiBinary(in.integer("n"));
          case "dict" -> {
            Fields entries = in.object("spaces");
            Map<String, Space> spaces = new LinkedHashMap<>();
            for (String name : entries.names()) {
              spaces.put(name, space(entries.object(name)));
            }
            yield new Dict(spaces);
          }
          default -> throw in.unknown("space", kind);
        };
    in.end();
    return space;
  }

  private static NetworkSpec network(Fields in) {
    String kind = in.text(KIND);
    NetworkSpec spec =
        switch (kind) {
          case "mlp" ->
              new Mlp(
                  in.integer("inputs"),
                  in.integer("outputs"),
                  in.integerList("hidden"),
                  in.one("activation", Activation.class),
                  in.one("outputActivation", Activation.class),
                  in.bool("layerNorm"),
                  init(in.object("init")));
          case "constant" ->
              new NetworkSpec.Constant(in.integer("inputs"), in.numberList("initial"));
          case "side-by-side" -> new NetworkSpec.SideBySide(parts(in));
          case "parallel" -> new NetworkSpec.Parallel(parts(in));
          case "identity" -> new NetworkSpec.Identity(in.integer("inputs"));
          case "convolution" ->
              new NetworkSpec.Convolution(
                  in.number("scale"),
                  in.integer("height"),
                  in.integer("width"),
                  in.integer("channels"),
                  in.bool("channelsFirst"),
                  in.integer("filters"),
                  in.integer("kernel"),
                  in.integer("stride"),
                  in.one("activation", Activation.class),
                  init(in.object("init")));
          case "lstm" -> new NetworkSpec.Lstm(in.integer("features"), in.integer("units"));
          case "stacked" ->
              new NetworkSpec.Stacked(
                  network(in.object("body")), network(in.object("head")), in.bool("features"));
          case "dl4j" ->
              new NetworkSpec.Dl4j(
                  in.integer("inputs"), in.integer("outputs"), in.text("configuration"));
          default -> throw in.unknown("network", kind);
        };
    in.end();
    return spec;
  }

  private static List<NetworkSpec> parts(Fields in) {
    List<NetworkSpec> parts = new ArrayList<>();
    for (Fields part : in.objects("parts")) {
      parts.add(network(part));
    }
    return parts;
  }

  private static Mlp.Init init(Fields in) {
    String kind = in.text(KIND);
    Mlp.Init init =
        switch (kind) {
          case "orthogonal" ->
              new Mlp.Init.Orthogonal(in.number("hiddenGain"), in.number("outputGain"));
          case "fan-in-uniform" -> new Mlp.Init.FanInUniform();
          case "fan-in-uniform-small-output" ->
              new Mlp.Init.FanInUniformSmallOutput(in.number("limit"));
          case "dl4j" -> new Mlp.Init.Dl4j(in.text("configuration"));
          default -> throw in.unknown("initialisation", kind);
        };
    in.end();
    return init;
  }

  /** An object's fields, each of which is taken once and as what it is. */
  private static final class Fields {
    private final String path;
    private final Map<String, @Nullable Object> left = new LinkedHashMap<>();

    Fields(String path, @Nullable Object value) {
      this.path = path;
      if (!(value instanceof Map<?, ?> fields)) {
        throw new IllegalArgumentException(at(path) + "must be an object, not " + shown(value));
      }
      fields.forEach((name, of) -> left.put((String) name, of));
    }

    private static String at(String path) {
      return path.isEmpty() ? "" : path + ": ";
    }

    private static String shown(@Nullable Object value) {
      String text = value == null ? "none" : value.toString().replaceAll("\\p{Cntrl}", "?");
      return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }

    private String path(String name) {
      return path.isEmpty() ? name : path + "." + name;
    }

    private IllegalArgumentException wrong(String name, String wanted, @Nullable Object value) {
      return new IllegalArgumentException(
          "%s must be %s, not %s".formatted(path(name), wanted, shown(value)));
    }

    IllegalArgumentException unknown(String what, String kind) {
      return new IllegalArgumentException(
          "%sthere is no %s of the kind %s".formatted(at(path), what, shown(kind)));
    }

    private @Nullable Object take(String name) {
      if (!left.containsKey(name)) {
        throw new IllegalArgumentException(path(name) + " is missing");
      }
      return left.remove(name);
    }

    List<String> names() {
      return List.copyOf(left.keySet());
    }

    Fields object(String name) {
      return new Fields(path(name), take(name));
    }

    List<Fields> objects(String name) {
      List<Fields> objects = new ArrayList<>();
      for (Object value : list(name)) {
        objects.add(new Fields("%s[%d]".formatted(path(name), objects.size()), value));
      }
      return objects;
    }

    private List<?> list(String name) {
      Object value = take(name);
      if (value instanceof List<?> list) {
        return list;
      }
      throw wrong(name, "a list", value);
    }

    String text(String name) {
      Object value = take(name);
      if (value instanceof String text) {
        return text;
      }
      throw wrong(name, "a text", value);
    }

    <E extends Enum<E>> E one(String name, Class<E> type) {
      String text = text(name);
      for (E constant : type.getEnumConstants()) {
        if (constant.name().equals(text)) {
          return constant;
        }
      }
      throw wrong(name, "one of " + List.of(type.getEnumConstants()), text);
    }

    boolean bool(String name) {
      Object value = take(name);
      if (value instanceof Boolean truth) {
        return truth;
      }
      throw wrong(name, "true or false", value);
    }

    int integer(String name) {
      return integer(name, take(name));
    }

    private int integer(String name, @Nullable Object value) {
      if (value instanceof Integer number) {
        return number;
      }
      throw wrong(name, "a whole number below 2^31", value);
    }

    double number(String name) {
      return number(name, take(name));
    }

    private double number(String name, @Nullable Object value) {
      if (value instanceof Number number) {
        return number.doubleValue();
      }
      // As numbers that JSON does not have are written.
      if ("Infinity".equals(value) || "-Infinity".equals(value) || "NaN".equals(value)) {
        return Double.parseDouble((String) value);
      }
      throw wrong(name, "a number", value);
    }

    List<Integer> integerList(String name) {
      List<Integer> all = new ArrayList<>();
      for (Object value : list(name)) {
        all.add(integer(name, value));
      }
      return all;
    }

    int[] integers(String name) {
      return integerList(name).stream().mapToInt(Integer::intValue).toArray();
    }

    List<Double> numberList(String name) {
      List<Double> all = new ArrayList<>();
      for (Object value : list(name)) {
        all.add(number(name, value));
      }
      return all;
    }

    float[] floats(String name) {
      List<Double> all = numberList(name);
      float[] values = new float[all.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = all.get(i).floatValue();
      }
      return values;
    }

    /** Checks that every field has been taken. */
    void end() {
      if (!left.isEmpty()) {
        throw new IllegalArgumentException(
            path(left.keySet().iterator().next()) + " is not expected");
      }
    }
  }
}
