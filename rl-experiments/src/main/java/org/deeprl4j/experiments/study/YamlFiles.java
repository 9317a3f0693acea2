package org.deeprl4j.experiments.study;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.deeprl4j.state.JsonFiles;
import org.deeprl4j.state.StateFormatException;

/** YAML, and so JSON, that somebody else may have written. */
public final class YamlFiles {
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private YamlFiles() {}

  /**
   * Reads a file of settings.
   *
   * @throws IOException if the file cannot be read
   * @throws StateFormatException naming the file if it is not YAML
   */
  public static JsonNode read(Path file) throws IOException {
    return JsonFiles.readTree(file, YAML);
  }

  /**
   * Reads settings from a text.
   *
   * @param name what messages call the text
   * @throws StateFormatException naming the text if it is not YAML
   */
  public static JsonNode parse(String name, byte[] text) {
    return JsonFiles.parse(name, YAML, text, JsonNode.class);
  }
}
