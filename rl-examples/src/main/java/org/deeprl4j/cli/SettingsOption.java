package org.deeprl4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Effects;
import org.deeprl4j.algorithms.configuration.Presets;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.experiments.study.YamlFiles;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFormatException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where hyper-parameters come from, but for {@code --set}: options that commands share. */
final class SettingsOption {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Reads hyper-parameters from a YAML or JSON file.")
  private @Nullable Path config;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description =
          "Uses named hyper-parameters. Default: those tuned for the environment, if any.")
  private @Nullable String preset;

  /** The name of the preset, null for the one tuned for the environment. */
  @Nullable String preset() {
    return preset;
  }

  /**
   * The preset that applies, if there is one.
   *
   * @param environment without arguments
   */
  Optional<Presets.Preset> preset(Algorithm<?> algorithm, String environment) {
    return preset == null
        ? Presets.tuned(algorithm.id(), environment)
        : Optional.of(Presets.find(algorithm.id(), preset));
  }

  /** What the file says, empty without one. */
  Optional<Configurations.Layer> file() throws IOException {
    return config == null
        ? Optional.empty()
        : Optional.of(new Configurations.Layer(config.toString(), read("--config", config)));
  }

  /**
   * Reads a YAML or JSON file.
   *
   * @param option that names it, for messages
   */
  static JsonNode read(String option, Path file) throws IOException {
    try {
      return YamlFiles.read(file);
    } catch (NoSuchFileException e) {
      throw new UserError(option + ": there is no " + file);
    } catch (StateFormatException e) {
      throw new UserError(option + ": " + e.getMessage());
    }
  }

  /**
   * The settings of a new run: those of the preset, the file and {@code --set}.
   *
   * @param applied the preset
   * @param set what {@code --set} says
   * @param actions of the environment
   * @throws IllegalArgumentException if a setting does not exist, is out of its range or has no
   *     effect, or the algorithm cannot learn with these actions
   */
  <C extends Record> C bind(
      Algorithm<C> algorithm,
      Optional<Presets.Preset> applied,
      Configurations.Layer set,
      Space actions)
      throws IOException {
    return bind(algorithm, applied, file(), set, actions);
  }

  /**
   * As above, without options.
   *
   * @param file settings that may repeat values without an effect, if there are any
   */
  static <C extends Record> C bind(
      Algorithm<C> algorithm,
      Optional<Presets.Preset> applied,
      Optional<Configurations.Layer> file,
      Configurations.Layer set,
      Space actions) {
    List<Configurations.Layer> layers = new ArrayList<>();
    applied.map(Presets.Preset::layer).ifPresent(layers::add);
    ObjectNode before = Configurations.toJson(Configurations.bind(algorithm.defaults(), layers));
    file.ifPresent(layers::add);
    layers.add(set);
    C bound = Configurations.bind(algorithm.defaults(), layers);
    algorithm.checkActions(actions);
    file.ifPresent(one -> Effects.require(bound, one, before, actions, false));
    Effects.require(bound, set, before.objectNode(), actions, false);
    return bound;
  }
}
