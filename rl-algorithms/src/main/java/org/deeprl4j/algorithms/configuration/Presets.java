package org.deeprl4j.algorithms.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.deeprl4j.text.Suggestions;

/**
 * Settings that are known to work, stored as data in {@code
 * org/deeprl4j/algorithms/presets/ALGORITHM.json} on the class path. A preset whose name is an
 * environment's id is tuned for it.
 */
public final class Presets {

  /**
   * A named set of values for some settings of an algorithm.
   *
   * @param name an environment's id, or another name
   * @param source where the values come from
   * @param settings the settings and their values, which may repeat defaults
   */
  public record Preset(String name, String source, JsonNode settings) {

    /** The settings as a layer of a configuration. */
    public Configurations.Layer layer() {
      return new Configurations.Layer("preset " + name, settings);
    }
  }

  private Presets() {}

  /** Every preset of an algorithm, in file order; empty if it has no file. */
  public static List<Preset> of(String algorithm) {
    String resource = "/org/deeprl4j/algorithms/presets/" + algorithm + ".json";
    try (InputStream in = Presets.class.getResourceAsStream(resource)) {
      if (in == null) {
        return List.of();
      }
      return JsonMapper.builder().build().readTree(in).properties().stream()
          .map(
              entry ->
                  new Preset(
                      entry.getKey(),
                      entry.getValue().path("source").asText(),
                      entry.getValue().path("settings")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }

  /** The preset tuned for an environment, if there is one. */
  public static Optional<Preset> tuned(String algorithm, String environment) {
    return of(algorithm).stream().filter(preset -> preset.name().equals(environment)).findFirst();
  }

  /**
   * The preset with a name.
   *
   * @throws IllegalArgumentException if there is none; the message suggests similar names
   */
  public static Preset find(String algorithm, String name) {
    List<Preset> presets = of(algorithm);
    return presets.stream()
        .filter(preset -> preset.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Suggestions.unknown(
                    algorithm + " preset", name, presets.stream().map(Preset::name).toList()));
  }
}
