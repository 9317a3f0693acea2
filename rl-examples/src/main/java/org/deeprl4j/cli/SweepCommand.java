package org.deeprl4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Presets;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.experiments.execution.RunTask;
import org.deeprl4j.experiments.execution.Scheduler;
import org.deeprl4j.experiments.report.Report;
import org.deeprl4j.experiments.report.Summary;
import org.deeprl4j.experiments.study.Study;
import org.deeprl4j.experiments.study.StudyDirectory;
import org.deeprl4j.experiments.study.StudyFile;
import org.deeprl4j.experiments.study.Variant;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFormatException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rl sweep}. */
@Command(
    name = "sweep",
    description =
        "Trains an algorithm with several seeds and settings, as many runs at once as there are cores, "
            + "and writes a study: the runs, and what can be said of them together.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class SweepCommand implements Callable<Integer> {
  /** The options that go with a file; everything else is in the file. */
  private static final Set<String> WITH_FILE =
      Set.of(
          "--out",
          "--jobs",
          "--on",
          "--shared",
          "--classpath",
          "--python",
          "--env-processes",
          "--env-timeout");

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "ALGORITHM|FILE",
      description = "Names the algorithm to train, or a study as a YAML or JSON file.")
  private String subject;

  @Mixin private final EnvironmentOption environment = new EnvironmentOption();

  @Option(
      names = "--seeds",
      paramLabel = "LIST",
      description = "Seeds the runs: numbers and ranges, such as 1-10 or 1-5,11.")
  private @Nullable String seeds;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Trains each run for N environment steps.")
  private @Nullable Long steps;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Writes the study to this directory, or goes on with the one that is there.")
  private Path out;

  @Option(
      names = "--set",
      paramLabel = "NAME=A|B|C",
      description = "Sets a hyper-parameter; with several values, each combination is a variant.")
  private List<String> settings = List.of();

  @Mixin private final SettingsOption named = new SettingsOption();

  @Option(
      names = "--evaluate-every",
      paramLabel = "N",
      description = "Evaluates the policies every N steps. Default: only at the end.")
  private long evaluateEvery;

  @Option(
      names = "--episodes",
      paramLabel = "N",
      description = "Evaluates over N episodes. Default: ${DEFAULT-VALUE}.")
  private int episodes = 100;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      description = "Saves checkpoints every N steps. Default: by time, as 'rl train' does.")
  private long checkpointEvery;

  @Option(
      names = "--target",
      paramLabel = "RETURN",
      description = "Names the return that counts as optimal, for the optimality gap.")
  private @Nullable Double target;

  @Option(
      names = "--threshold",
      paramLabel = "RETURN",
      description = "Counts the steps until runs reach this return.")
  private @Nullable Double threshold;

  @Mixin private final RunsOption runs = new RunsOption();

  @Override
  public Integer call() throws IOException {
    Study study = isFile() ? file() : options();
    check(study);
    PrintWriter err = spec.commandLine().getErr();
    try (Scheduler scheduler = runs.scheduler(environment, out);
        StudyDirectory directory =
            StudyDirectory.open(out, study, run -> RunsOption.withPrograms(run, environment));
        StopRequest stop = new StopRequest(err, null)) {
      List<RunTask> tasks = directory.tasks();
      err.println(
          "%s of %s in %s, %s"
              .formatted(
                  Text.count(tasks.size(), "run"),
                  Text.count(study.variants().size(), "variant"),
                  out,
                  runs.where()));
      Map<Path, String> failures =
          RunsOption.failures(runs.execute(tasks, scheduler, environment, stop));
      report(directory.summarize(failures), directory);
      return RunsOption.exitCode(stop, failures);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return RunsOption.INTERRUPTED;
    }
  }

  private boolean isFile() {
    return subject.matches("(?i).*\\.(ya?ml|json)");
  }

  private List<String> arguments() {
    return spec.commandLine().getParseResult().originalArgs();
  }

  private Study file() throws IOException {
    List<String> given = new ArrayList<>();
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptionsSet()) {
      if (!WITH_FILE.contains(option.longestName())) {
        given.add(option.longestName());
      }
    }
    if (!given.isEmpty()) {
      throw new UserError(
          "a study file says everything of its runs: leave out %s, or write it into %s"
              .formatted(String.join(", ", given), subject));
    }
    try {
      return StudyFile.read(Path.of(subject), arguments());
    } catch (NoSuchFileException e) {
      throw new UserError("there is no study file " + subject);
    } catch (StateFormatException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }

  /** The options as what a study file would say. */
  private Study options() throws IOException {
    Algorithms.find(subject);
    if (!environment.isNamed() || seeds == null || steps == null) {
      throw new UserError("sweep needs --env ENV, --seeds LIST and --steps N, or a study file");
    }
    ObjectNode keys = JsonNodeFactory.instance.objectNode();
    keys.put("algorithm", subject);
    keys.put("environment", environment.recorded());
    keys.put("seeds", seeds);
    keys.put("steps", steps);
    keys.put("episodes", episodes);
    keys.put("evaluateEvery", evaluateEvery);
    keys.put("checkpointEvery", checkpointEvery);
    keys.put("kernels", runs.kernels().name());
    put(keys, "maxEpisodeSteps", environment.maxEpisodeSteps());
    List<String> wrappers = environment.wrappers();
    if (wrappers != null) {
      wrappers.forEach(keys.putArray("wrappers")::add);
    }
    put(keys, "target", target);
    put(keys, "threshold", threshold);
    if (named.preset() != null) {
      keys.put("preset", named.preset());
    }
    ObjectNode set = keys.putObject("set");
    Optional<Configurations.Layer> file = named.file();
    if (file.isPresent()) {
      set = keys.set("set", file.get().settings()).withObject("/set");
    }
    assign(set, keys.putObject("grid"));
    return StudyFile.study("sweep", keys, arguments());
  }

  private static void put(ObjectNode keys, String key, @Nullable Number value) {
    if (value instanceof Integer whole) {
      keys.put(key, whole);
    } else if (value != null) {
      keys.put(key, value.doubleValue());
    }
  }

  /**
   * Adds what {@code --set} says: one value is a setting, several are an axis.
   *
   * @param set Modified.
   * @param grid Modified.
   */
  private void assign(ObjectNode set, ObjectNode grid) {
    Map<String, String> assigned = new LinkedHashMap<>();
    for (String assignment : settings) {
      int equals = assignment.indexOf('=');
      if (equals < 1) {
        throw new UserError("--set takes name=value or name=a|b|c, not '" + assignment + "'");
      }
      String name = assignment.substring(0, equals).strip();
      if (assigned.put(name, assignment.substring(equals + 1).strip()) != null) {
        throw new UserError("--set sets '" + name + "' twice");
      }
    }
    assigned.forEach(
        (name, value) -> {
          String[] values = value.split("\\|", -1);
          if (values.length == 1) {
            set.put(name, value);
          } else {
            set.remove(name);
            ArrayNode axis = grid.putArray(name);
            for (String one : values) {
              axis.add(one.strip());
            }
          }
        });
  }

  /** Makes each environment once, so that what cannot run fails before anything runs. */
  private void check(Study study) {
    Map<String, Space> actions = new HashMap<>();
    for (Variant variant : study.variants()) {
      String key = variant.environment() + " " + variant.maxEpisodeSteps() + variant.wrappers();
      Space own =
          actions.computeIfAbsent(
              key,
              any ->
                  EnvironmentOption.actions(
                      environment
                          .of(
                              variant.environment(),
                              variant.maxEpisodeSteps(),
                              variant.wrappers(),
                              1)
                          .supplier()));
      check(Algorithms.find(variant.algorithm()), variant, own);
    }
  }

  /** Checks that the algorithm can learn with the actions, and that what was set has an effect. */
  private static <C extends Record> void check(
      Algorithm<C> algorithm, Variant variant, Space actions) {
    SettingsOption.bind(
        algorithm,
        Optional.ofNullable(variant.preset()).map(name -> Presets.find(algorithm.id(), name)),
        Optional.of(new Configurations.Layer(variant.label(), variant.set())),
        Configurations.assignments("--set", List.of()),
        actions);
  }

  private void report(Summary summary, StudyDirectory directory) throws IOException {
    PrintWriter printer = spec.commandLine().getOut();
    printer.println(
        Report.markdown(out.toString(), summary, StudyDirectory.groups(directory.path())));
    printer.flush();
  }
}
