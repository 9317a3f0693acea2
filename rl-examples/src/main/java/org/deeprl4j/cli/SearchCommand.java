package org.deeprl4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Presets;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.Versions;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.experiments.execution.RunOutcome;
import org.deeprl4j.experiments.execution.Scheduler;
import org.deeprl4j.experiments.search.Sampling;
import org.deeprl4j.experiments.search.Search;
import org.deeprl4j.experiments.search.SearchDirectory;
import org.deeprl4j.experiments.search.SearchSpace;
import org.deeprl4j.experiments.search.Trial;
import org.deeprl4j.experiments.study.StudyDirectory;
import org.deeprl4j.experiments.study.StudyFile;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.DivergenceException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rl search}. */
@Command(
    name = "search",
    description =
        "Searches the hyper-parameters of an algorithm: trains trials for a few steps, goes on with the "
            + "best of them, and writes the best settings to a file for --config.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class SearchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "ALGORITHM",
      description = "Names the algorithm; 'rl list' shows all of them.")
  private String algorithm;

  @Mixin private final EnvironmentOption environment = new EnvironmentOption();

  @Option(
      names = "--trials",
      paramLabel = "N",
      description =
          "Tries N settings, of which the first are those that the search starts from. Default:"
              + " ${DEFAULT-VALUE}.")
  private int trials = 50;

  @Option(
      names = "--steps",
      paramLabel = "N",
      required = true,
      description = "Trains the best trials for N environment steps, the others for fewer.")
  private long steps;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Writes the search to this directory, or goes on with the one that is there.")
  private Path out;

  @Option(
      names = "--space",
      paramLabel = "FILE",
      description =
          "Reads what is searched from a YAML or JSON file. Default: the algorithm's own space.")
  private @Nullable Path spaceFile;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "Sets a hyper-parameter of all trials, which is not searched; repeatable.")
  private List<String> settings = List.of();

  @Mixin private final SettingsOption named = new SettingsOption();

  @Option(
      names = "--sampler",
      paramLabel = "KIND",
      description = "Chooses settings by ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Sampling sampling = Sampling.TPE;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description =
          "Seeds the choice of settings; runs of trials have the seeds from 1001 on. Default:"
              + " ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--round",
      paramLabel = "N",
      description =
          "Chooses the settings of N trials at once, after the results of all before. Default:"
              + " ${DEFAULT-VALUE}.")
  private int round = 9;

  @Option(
      names = "--rungs",
      paramLabel = "N",
      description =
          "Evaluates trials N times, each after more steps; 1 trains all of them for all steps."
              + " Default: ${DEFAULT-VALUE}.")
  private int rungs = 3;

  @Option(
      names = "--eta",
      paramLabel = "N",
      description =
          "Goes on with one trial in N, for N times the steps. Default: ${DEFAULT-VALUE}.")
  private int eta = 3;

  @Option(
      names = "--trial-seeds",
      paramLabel = "N",
      description =
          "Trains the trials that are to be complete with N seeds each. Default:"
              + " ${DEFAULT-VALUE}.")
  private int trialSeeds = 2;

  @Option(
      names = "--episodes",
      paramLabel = "N",
      description = "Evaluates trials over N episodes. Default: ${DEFAULT-VALUE}.")
  private int episodes = 20;

  @Option(
      names = "--final-seeds",
      paramLabel = "LIST",
      description =
          "Trains the best settings, and those of the start, with these other seeds at the end."
              + " Default: ${DEFAULT-VALUE}.")
  private String finalSeeds = "1-5";

  @Option(
      names = "--final-episodes",
      paramLabel = "N",
      description = "Evaluates these over N episodes. Default: ${DEFAULT-VALUE}.")
  private int finalEpisodes = 100;

  @Mixin private final RunsOption runs = new RunsOption();

  @Override
  public Integer call() throws IOException {
    Require.inRange("--trials", trials, 1, SearchDirectory.MOST_TRIALS);
    Require.inRange("--final-episodes", finalEpisodes, 1, Evaluation.MOST_EPISODES);
    Space actions = EnvironmentOption.actions(environment.supplier());
    Search search = search(Algorithms.find(algorithm), actions);
    List<Long> fresh = StudyFile.seeds(finalSeeds);
    search.requireOtherSeeds(fresh);
    PrintWriter err = spec.commandLine().getErr();
    try (Scheduler scheduler = runs.scheduler(environment, out);
        SearchDirectory directory =
            SearchDirectory.open(
                out, search, trials, run -> RunsOption.withPrograms(run, environment));
        StopRequest stop = new StopRequest(err, null)) {
      err.println(
          "%d trials of %s on %s in %s, runs %s"
              .formatted(trials, search.algorithm(), search.environment(), out, runs.where()));
      return search(directory, scheduler, stop, fresh, actions);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return RunsOption.INTERRUPTED;
    }
  }

  private int search(
      SearchDirectory directory,
      Scheduler scheduler,
      StopRequest stop,
      List<Long> fresh,
      Space actions)
      throws IOException, InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    for (SearchDirectory.Batch batch = directory.next(); batch != null; batch = directory.next()) {
      err.println(
          "rung %d of %d: %d trials, up to number %d of %d"
              .formatted(
                  batch.rung() + 1,
                  directory.search().rungs(),
                  batch.trials().size(),
                  directory.trials().size(),
                  trials));
      List<RunOutcome> outcomes = runs.execute(batch.tasks(), scheduler, environment, stop);
      if (!directory.record(batch, outcomes)) {
        return exitCode(stop, failures(outcomes));
      }
    }
    Optional<Trial> best = directory.best();
    if (best.isEmpty()) {
      throw new UserError(
          "none of the trials is complete: all have diverged, or there are too few of them");
    }
    try (StudyDirectory study = directory.finalStudy(best.get(), fresh, finalEpisodes)) {
      err.println("trial %d is the best one; on other seeds:".formatted(best.get().number()));
      Map<Path, String> failures =
          failures(runs.execute(study.tasks(), scheduler, environment, stop));
      study.summarize(failures);
      PrintWriter printer = spec.commandLine().getOut();
      printer.println(directory.summarize(study, actions));
      printer.flush();
      return exitCode(stop, failures);
    }
  }

  /** Why runs failed; what diverges is a result of its settings. */
  private static Map<Path, String> failures(List<RunOutcome> outcomes) {
    return RunsOption.failures(
        outcomes.stream()
            .filter(outcome -> !(outcome.failure() instanceof DivergenceException))
            .toList());
  }

  /** Says that the command goes on if it is given again, and returns its exit code. */
  private int exitCode(StopRequest stop, Map<Path, String> failures) {
    if (!stop.requested() && !failures.isEmpty()) {
      spec.commandLine()
          .getErr()
          .println(
              "rl: %d runs failed; the same command tries them again".formatted(failures.size()));
    }
    return RunsOption.exitCode(stop, failures);
  }

  private <C extends Record> Search search(Algorithm<C> chosen, Space actions) throws IOException {
    Configurations.Layer set = Configurations.assignments("--set", settings);
    Optional<Presets.Preset> preset = named.preset(chosen, environment.name());
    ObjectNode start = Configurations.toJson(named.bind(chosen, preset, set, actions));
    String origin = spaceFile == null ? "the space of " + chosen.id() : spaceFile.toString();
    JsonNode tree =
        spaceFile == null
            ? SearchSpace.bundled(chosen.id())
            : SettingsOption.read("--space", spaceFile);
    List<String> fixed = new ArrayList<>();
    set.settings().fieldNames().forEachRemaining(fixed::add);
    JsonNode searched = tree instanceof ObjectNode all ? all.deepCopy().without(fixed) : tree;
    new SearchSpace(origin, searched, chosen, start).check(chosen, actions);
    return new Search(
        Search.FORMAT,
        chosen.id(),
        environment.recorded(),
        environment.maxEpisodeSteps(),
        environment.wrappers(),
        preset.map(Presets.Preset::name).orElse(null),
        start,
        (ObjectNode) searched,
        sampling,
        seed,
        round,
        steps,
        rungs,
        eta,
        trialSeeds,
        episodes,
        runs.kernels(),
        Versions.all(),
        spec.commandLine().getParseResult().originalArgs());
  }
}
