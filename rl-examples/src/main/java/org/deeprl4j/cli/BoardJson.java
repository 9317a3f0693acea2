package org.deeprl4j.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.experiments.board.Board;
import org.deeprl4j.experiments.board.BoardRun;
import org.deeprl4j.experiments.board.BoardStudy;
import org.deeprl4j.experiments.board.Points;
import org.jspecify.annotations.Nullable;

/** What the board's page reads, as JSON in one line. */
final class BoardJson {
  private static final JsonFactory JSON = new JsonFactory();

  private BoardJson() {}

  @FunctionalInterface
  private interface Content {
    void write(JsonGenerator out) throws IOException;
  }

  private static byte[] object(Content content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartObject();
      content.write(out);
      out.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /** The ids of all runs, and the studies. */
  static byte[] list(Board board) throws IOException {
    return object(
        out -> {
          out.writeStringField("directory", board.directory().toString());
          out.writeNumberField("most", board.isCut() ? board.mostRuns() : 0);
          out.writeArrayFieldStart("runs");
          for (BoardRun run : board.runs()) {
            out.writeString(run.id());
          }
          out.writeEndArray();
          out.writeArrayFieldStart("studies");
          for (BoardStudy study : board.studies()) {
            out.writeStartObject();
            out.writeStringField("id", study.id());
            out.writeNumberField("planned", study.planned());
            text(out, "problem", study.problem());
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }

  /**
   * How a run is.
   *
   * @param whole with what it is, too
   */
  static byte[] run(BoardRun run, boolean whole) throws IOException {
    return object(
        out -> {
          RunConfig config = run.config();
          out.writeStringField("id", run.id());
          out.writeStringField("state", run.state().name().toLowerCase(Locale.ROOT));
          text(out, "problem", run.problem());
          out.writeNumberField("steps", run.steps());
          out.writeNumberField("total", config == null ? 0 : config.totalSteps());
          number(out, "seconds", run.seconds());
          number(out, "speed", run.stepsPerSecond());
          out.writeNumberField("memory", run.memory());
          number(out, "trainingReturn", run.trainingReturn());
          number(out, "evaluatedReturn", run.evaluatedReturn());
          out.writeNumberField("policy", run.policyTime());
          out.writeArrayFieldStart("metrics");
          for (String metric : run.metrics()) {
            out.writeString(metric);
          }
          out.writeEndArray();
          if (whole && config != null) {
            out.writeStringField("algorithm", config.algorithm());
            out.writeStringField("environment", config.environment());
            out.writeStringField("seed", Long.toString(config.seed()));
            out.writeObjectFieldStart("settings");
            for (Map.Entry<String, String> setting : RunGroups.decisive(config).entrySet()) {
              out.writeStringField(setting.getKey(), setting.getValue());
            }
            out.writeEndObject();
          }
        });
  }

  /** Points of a run's curve. */
  static byte[] curve(String run, String metric, Points points) throws IOException {
    return object(
        out -> {
          out.writeStringField("run", run);
          out.writeStringField("metric", metric);
          out.writeNumberField("from", points.from());
          out.writeArrayFieldStart("steps");
          for (double step : points.steps()) {
            out.writeNumber(Math.round(step));
          }
          out.writeEndArray();
          numbers(out, "seconds", points.seconds());
          numbers(out, "values", points.values());
        });
  }

  private static void text(JsonGenerator out, String name, @Nullable String value)
      throws IOException {
    if (value == null) {
      out.writeNullField(name);
    } else {
      out.writeStringField(name, Failures.oneLine(value));
    }
  }

  private static void numbers(JsonGenerator out, String name, double[] values) throws IOException {
    out.writeArrayFieldStart(name);
    for (double value : values) {
      number(out, value);
    }
    out.writeEndArray();
  }

  private static void number(JsonGenerator out, String name, double value) throws IOException {
    out.writeFieldName(name);
    number(out, value);
  }

  /** To seven digits, which is finer than a screen; null for what is not finite. */
  private static void number(JsonGenerator out, double value) throws IOException {
    float rounded = (float) value;
    if (Float.isFinite(rounded)) {
      out.writeNumber(rounded);
    } else {
      out.writeNull();
    }
  }
}
