package org.deeprl4j.state;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * JSON that somebody else may have written. A record that is read is whole: every component is
 * there and of its type, and only one that is {@link Nullable} may be absent or null. Whatever else
 * the text holds ends in a {@link StateFormatException} that says where.
 */
public final class JsonFiles {
  /** Text takes up to thirty times its size in memory. */
  private static final int MOST_BYTES = 1 << 24;

  private static final DefaultPrettyPrinter PRETTY =
      new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
  private static final ObjectMapper MAPPER = strict().build();

  private JsonFiles() {}

  /** A mapper that believes nothing, to which kinds of types can be added. */
  public static JsonMapper.Builder strict() {
    return JsonMapper.builder()
        .annotationIntrospector(new Nullness())
        .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(
            DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
            DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS,
            DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS);
  }

  /**
   * Reads a file as a record, or as an array of them.
   *
   * @param most the largest size that is read, in bytes
   * @throws IOException if the file cannot be read
   * @throws StateFormatException naming the file if it does not hold one
   */
  public static <T> T read(Path file, Class<T> type, int most) throws IOException {
    return parse(file.toString(), MAPPER, WholeFile.read(file, most), type);
  }

  /**
   * Reads a file of settings.
   *
   * @param mapper of the file's format, JSON or YAML
   * @throws IOException if the file cannot be read
   * @throws StateFormatException naming the file if it is not of this format
   */
  public static JsonNode readTree(Path file, ObjectMapper mapper) throws IOException {
    return parse(file.toString(), mapper, WholeFile.read(file, MOST_BYTES), JsonNode.class);
  }

  /**
   * Reads a value from a text.
   *
   * @param name what messages call the text
   * @throws StateFormatException naming the text if it does not hold one
   */
  public static <T> T parse(String name, ObjectMapper mapper, byte[] text, Class<T> type) {
    T value;
    try {
      JavaType wanted = mapper.constructType(type);
      value = mapper.readValue(text, wanted);
    } catch (JsonProcessingException e) {
      throw new StateFormatException(name + " is not valid: " + message(e), e);
    } catch (IOException | RuntimeException e) { // of characters; of numbers and types
      throw new StateFormatException(name + " is not valid: " + oneLine(e.getMessage()), e);
    }
    if (value == null || (value instanceof JsonNode node && node.isMissingNode())) {
      throw new StateFormatException(name + " is not valid: it holds nothing");
    }
    return value;
  }

  /** Writes a file whole or not at all, with one setting a line. */
  public static void write(Path file, JsonNode content) throws IOException {
    WholeFile.write(file, MAPPER.writer(PRETTY).writeValueAsBytes(content));
  }

  private static String message(JsonProcessingException e) {
    Throwable of =
        e instanceof ValueInstantiationException && e.getCause() != null ? e.getCause() : e;
    String what = of == e ? e.getOriginalMessage() : of.getMessage();
    String where =
        e instanceof JsonMappingException mapping
            ? mapping.getPath().stream()
                .map(
                    at -> at.getFieldName() == null ? "[" + at.getIndex() + "]" : at.getFieldName())
                .collect(Collectors.joining("."))
            : "";
    return (where.isEmpty() ? "" : where + ": ") + oneLine(what);
  }

  private static String oneLine(@Nullable String text) {
    return String.valueOf(text).replaceAll("\\s+", " ").strip();
  }

  /** The components of records are as they are declared: there, unless they may be null. */
  private static final class Nullness extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Boolean hasRequiredMarker(AnnotatedMember member) {
      return isPresent(member) ? Boolean.TRUE : super.hasRequiredMarker(member);
    }

    @Override
    public JsonSetter.Value findSetterInfo(Annotated annotated) {
      return isPresent(annotated)
          ? JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL)
          : super.findSetterInfo(annotated);
    }

    private static boolean isPresent(Annotated annotated) {
      if (!(annotated instanceof AnnotatedParameter parameter)) {
        return false;
      }
      Class<?> type = parameter.getDeclaringClass();
      return type.isRecord()
          && !type.getRecordComponents()[parameter.getIndex()]
              .getAnnotatedType()
              .isAnnotationPresent(Nullable.class);
    }
  }
}
