package org.deeprl4j.algorithms.run;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.text.Suggestions;
import org.jspecify.annotations.Nullable;

/**
 * Everything that determines a run, and the system it ran on: the content of {@code config.json}.
 *
 * @param format the format of the run directory, {@link #FORMAT}
 * @param algorithm the id of the algorithm
 * @param environment the id of the environment, or the name of a class
 * @param classpath the additional class path with that class, null if it is on the program's own
 *     class path
 * @param python the interpreter of a Gymnasium environment, null for the default
 * @param maxEpisodeSteps the step at which episodes are truncated, null for the environment's own
 *     limit
 * @param totalSteps environment steps of the whole run
 * @param seed seeds every random number of the run
 * @param preset the name of the preset that was applied, null if none was
 * @param configuration every hyper-parameter
 * @param checkpointEvery steps between checkpoints, 0 for a choice by time
 * @param keep how many checkpoints are kept, in [1, 1000]; null for {@link #KEEP}
 * @param evaluateEvery steps between evaluations, 0 for a single one at the end
 * @param evaluationEpisodes episodes of each evaluation, 0 for no evaluation
 * @param threads the maximum number of threads
 * @param kernels the requested kernels
 * @param compute the description of the kernels that ran
 * @param versions versions of this library, Java and ND4J, and this library's commit, if known
 * @param commandLine the arguments that started the run
 * @param changes what was changed on the way, in order; null if nothing was
 * @param from what the run took from another one at its start; null if it began with nothing
 * @param wrappers around the environment, the innermost first, as {@code history=4}; null if there
 *     are none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
@RecordBuilder.Options(
    addClassRetainedGenerated = true,
    addConcreteSettersForOptional = RecordBuilder.ConcreteSettersForOptionalMode.DISABLED)
public record RunConfig(
    int format,
    String algorithm,
    String environment,
    @Nullable String classpath,
    @Nullable String python,
    @Nullable Integer maxEpisodeSteps,
    long totalSteps,
    long seed,
    @Nullable String preset,
    ObjectNode configuration,
    long checkpointEvery,
    @Nullable Integer keep,
    long evaluateEvery,
    int evaluationEpisodes,
    int threads,
    String kernels,
    String compute,
    Map<String, String> versions,
    List<String> commandLine,
    @Nullable List<Change> changes,
    @Nullable Source from,
    @Nullable List<String> wrappers)
    implements RunConfigBuilder.With {

  /**
   * A change of a run on its way. What it says holds from its step on, and is repeated in the
   * configuration.
   *
   * @param steps environment steps before it
   * @param totalSteps of the whole run from then on
   * @param settings hyper-parameters that have other values from then on
   */
  public record Change(long steps, long totalSteps, ObjectNode settings) {}

  /**
   * What a run took from another one at its start, as {@link Transfer} does. Nothing reads it
   * again: the run has a checkpoint of its own from its start on.
   *
   * @param path the absolute path of the run, checkpoint or policy file
   * @param algorithm the id of its algorithm, null for a policy file
   * @param environment its environment, null for a policy file
   * @param replay whether the replay buffer was taken, too
   */
  public record Source(
      String path, @Nullable String algorithm, @Nullable String environment, boolean replay) {}

  /**
   * The current format. It increases when names or state change so that older directories become
   * unreadable.
   */
  public static final int FORMAT = 3;

  /** How many checkpoints are kept by default. */
  public static final int KEEP = 2;

  /** Over how many episodes a run is evaluated by default. */
  public static final int EPISODES = 10;

  /** Checks every range. */
  public RunConfig {
    Require.atLeast("totalSteps", totalSteps, 1);
    Require.atLeast("checkpointEvery", checkpointEvery, 0);
    Require.inRange("keep", keep == null ? KEEP : keep, 1, 1000);
    Require.atLeast("evaluateEvery", evaluateEvery, 0);
    Require.atLeast("evaluationEpisodes", evaluationEpisodes, 0);
    Require.atLeast("threads", threads, 1);
    List<String> known = Arrays.stream(Compute.Kernels.values()).map(Enum::name).toList();
    if (!known.contains(kernels)) {
      throw Suggestions.unknown("kernels", kernels, known);
    }
  }

  /**
   * A run of a program of one's own, on one thread, with the versions of this system: checkpoints
   * by time, no evaluation.
   *
   * @param configuration every hyper-parameter
   */
  public static RunConfig of(
      String algorithm, String environment, long totalSteps, long seed, ObjectNode configuration) {
    return RunConfigBuilder.builder()
        .format(FORMAT)
        .algorithm(algorithm)
        .environment(environment)
        .totalSteps(totalSteps)
        .seed(seed)
        .configuration(configuration)
        .threads(1)
        .kernels(Compute.Kernels.AUTO.name())
        .compute("")
        .versions(Versions.all())
        .commandLine(List.of())
        .build();
  }

  /**
   * A run that a program starts, as {@code rl train} records one without options: checkpoints by
   * time, and one evaluation, at the end. The {@code with} methods change that, and add what the
   * setup's environments have beside their name: a limit of steps, wrappers.
   *
   * @param algorithm the one that is trained
   * @param setup with the steps, the seed and the kernels of the run
   * @param configuration every hyper-parameter
   * @param environment the name by which commands can make the environment again: an id, or a
   *     class's
   */
  public static <C extends Record> RunConfig of(
      Algorithm<C> algorithm, TrainingSetup setup, C configuration, String environment) {
    Compute compute = setup.compute();
    return of(
            algorithm.id(),
            environment,
            setup.totalSteps(),
            setup.seed(),
            Configurations.toJson(configuration))
        .withKeep(KEEP)
        .withEvaluationEpisodes(EPISODES)
        .withThreads(compute.threads())
        .withKernels(compute.kernels().name())
        .withCompute(compute.describe());
  }

  /**
   * The same run with another number of steps or other hyper-parameters from a step on. Schedules
   * are read at the fraction of the new total.
   *
   * @param steps environment steps that the run has taken
   * @param newTotal of the whole run, more than those
   * @param newConfiguration every hyper-parameter
   */
  public RunConfig changed(long steps, long newTotal, ObjectNode newConfiguration) {
    Require.atLeast("totalSteps", newTotal, steps + 1);
    ObjectNode other = newConfiguration.objectNode();
    newConfiguration
        .properties()
        .forEach(
            entry -> {
              if (!entry
                  .getValue()
                  .toString()
                  .equals(String.valueOf(configuration.get(entry.getKey())))) {
                other.set(entry.getKey(), entry.getValue());
              }
            });
    List<Change> all = new ArrayList<>(changes == null ? List.of() : changes);
    all.add(new Change(steps, newTotal, other));
    return withTotalSteps(newTotal)
        .withConfiguration(newConfiguration)
        .withChanges(List.copyOf(all));
  }

  /** The same without a class path and an interpreter. */
  public RunConfig withoutPrograms() {
    return withClasspath(null).withPython(null);
  }

  /** What a table of runs compares them by: numbers, booleans and texts by name. */
  Map<String, Object> hyperParameters() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("algorithm", algorithm);
    all.put("environment", environment);
    all.put("seed", (double) seed);
    all.put("totalSteps", (double) totalSteps);
    configuration
        .properties()
        .forEach(entry -> all.put(entry.getKey(), comparable(entry.getValue())));
    return all;
  }

  private static Object comparable(JsonNode value) {
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    String text = value.isTextual() ? value.textValue() : value.toString();
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      return text; // a name, a list or a schedule
    }
  }

  /**
   * The seed of every evaluation of the run, on the way, at the end and afterwards, so that only
   * the policy differs: 10000 + seed.
   */
  public long evaluationSeed() {
    return 10_000 + seed;
  }
}
