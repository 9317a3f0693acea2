package org.deeprl4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Effects;
import org.deeprl4j.algorithms.configuration.Presets;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunConfigBuilder;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.algorithms.run.StopRules;
import org.deeprl4j.algorithms.run.Training;
import org.deeprl4j.algorithms.run.TrainingListener;
import org.deeprl4j.algorithms.run.TrainingPlan;
import org.deeprl4j.algorithms.run.TrainingReport;
import org.deeprl4j.algorithms.run.Transfer;
import org.deeprl4j.algorithms.run.Versions;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.OnPolicySettings;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.RemoteRollouts;
import org.deeprl4j.algorithms.training.RolloutWorkers;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.experiments.execution.RunWork;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.PolicyFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rl train}. */
@Command(
    name = "train",
    description =
        "Trains an algorithm in an environment, evaluates its policy and writes a run directory.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class TrainCommand implements Callable<Integer> {
  /** The setting that rollouts elsewhere need beside normalizeObservations. */
  private static final String PER_ROLLOUT = "statisticsPerRollout";

  /** The options that a resumed run takes anew; everything else is the run's. */
  private static final Set<String> ANEW =
      Set.of(
          "--resume",
          "--restart",
          "--steps",
          "--set",
          "--stop-at",
          "--patience",
          "--max-minutes",
          "--max-episodes",
          "--threads",
          "--kernels",
          "--rollouts-on",
          "--env",
          "--env-arg",
          "--classpath",
          "--python",
          "--env-processes",
          "--env-timeout");

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "ALGORITHM",
      description = "Names the algorithm to train; 'rl list' shows all of them.")
  private @Nullable String algorithm;

  @Mixin private final EnvironmentOption environment = new EnvironmentOption();

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "Trains for N environment steps in all; with --resume, makes a run longer or shorter.")
  private @Nullable Long steps;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seeds every random number of the run. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Writes the run to this new directory. Default: runs/ALGORITHM-ENV-SEED.")
  private @Nullable Path out;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "Sets a hyper-parameter; repeatable. With --resume, changes it from there on.")
  private List<String> settings = List.of();

  @Mixin private final SettingsOption named = new SettingsOption();

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      description =
          "Saves a checkpoint every N steps. Default: every 10 seconds or more, such that "
              + "checkpoints cost less than 1 %% of the time.")
  private long checkpointEvery;

  @Option(
      names = "--keep",
      paramLabel = "N",
      description = "Keeps the last N checkpoints. Default: ${DEFAULT-VALUE}.")
  private int keep = RunConfig.KEEP;

  @Option(
      names = "--evaluate-every",
      paramLabel = "N",
      description = "Evaluates the policy every N steps. Default: only at the end.")
  private long evaluateEvery;

  @Option(
      names = "--episodes",
      paramLabel = "N",
      description = "Evaluates over N episodes; 0 turns evaluation off. Default: ${DEFAULT-VALUE}.")
  private int episodes = RunConfig.EPISODES;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Uses at most N threads. Default: one per core.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--kernels",
      paramLabel = "KIND",
      description = "Selects the kernels: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Compute.Kernels kernels = Compute.Kernels.AUTO;

  @Option(
      names = "--rollouts-on",
      paramLabel = "ADDRESS",
      description =
          "Gathers rollouts on Spark, spark://HOST:PORT, or on Spark here, local[N], "
              + "for algorithms that learn from rollouts, in environments that take long for a step.")
  private @Nullable String rolloutsOn;

  @Option(
      names = "--stop-at",
      paramLabel = "RETURN",
      description = "Ends the run when an evaluation's mean return is at least this.")
  private @Nullable Double stopAt;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description = "Ends the run after N evaluations in a row of which none is the best.")
  private @Nullable Integer patience;

  @Option(
      names = "--max-minutes",
      paramLabel = "M",
      description = "Ends the run after M minutes of training, evaluations aside.")
  private @Nullable Double maxMinutes;

  @Option(
      names = "--max-episodes",
      paramLabel = "N",
      description = "Ends the run after N finished episodes.")
  private @Nullable Long maxEpisodes;

  @Option(
      names = "--resume",
      paramLabel = "RUN",
      description = "Continues the run in this directory.")
  private @Nullable Path resume;

  @Option(
      names = "--from",
      paramLabel = "RUN",
      description =
          "Starts with the networks and normalisation of another run, one of its checkpoints, or a "
              + "policy file. Algorithm, environment and settings may differ; the network may not.")
  private @Nullable Path from;

  @Option(names = "--with-replay", description = "Takes the replay buffer of --from, too.")
  private boolean withReplay;

  @Option(
      names = "--restart",
      description =
          "Begins the run of --resume again if it has no checkpoint that can be read, "
              + "and discards what it recorded.")
  private boolean restart;

  @Override
  public Integer call() throws IOException {
    if (threads < 1) {
      throw new UserError("--threads must be at least 1, not " + threads);
    }
    return resume == null ? start() : resume(resume);
  }

  private int start() throws IOException {
    if (algorithm == null) {
      throw new UserError("train needs an algorithm, such as 'rl train ppo'; 'rl list' shows them");
    }
    if (!environment.isNamed() || steps == null) {
      throw new UserError("train needs --env ENV and --steps N");
    }
    if (steps < 1) {
      throw new UserError("--steps must be at least 1, not " + steps);
    }
    if (restart) {
      throw new UserError("--restart goes with --resume RUN only");
    }
    if (withReplay && from == null) {
      throw new UserError("--with-replay goes with --from RUN only");
    }
    if (evaluateEvery > 0 && episodes == 0) {
      throw new UserError(
          "--evaluate-every has no effect with --episodes 0: leave one of them out");
    }
    if (episodes < 0 || episodes > Evaluation.MOST_EPISODES) {
      throw new UserError(
          "--episodes must be in [0, %d], not %d".formatted(Evaluation.MOST_EPISODES, episodes));
    }
    requireEvaluations(evaluateEvery);
    if (out != null && Files.exists(out)) {
      throw new UserError(
          "--out: "
              + out
              + " exists; name another directory, or continue the run with --resume "
              + Shell.word(out));
    }
    Algorithm<?> chosen = Algorithms.find(algorithm);
    Transfer transfer = transfer();
    Supplier<Mdp> environments = environment.supplier();
    Optional<Presets.Preset> applied = named.preset(chosen, environment.name());
    ObjectNode hyperParameters =
        forRolloutsElsewhere(
            chosen,
            Configurations.toJson(
                named.bind(
                    chosen,
                    applied,
                    Configurations.assignments("--set", settings),
                    EnvironmentOption.actions(environments))));
    try (Compute compute = Compute.create(kernels, threads)) {
      RunConfig run =
          RunConfigBuilder.builder()
              .format(RunConfig.FORMAT)
              .algorithm(chosen.id())
              .environment(environment.recorded())
              .classpath(environment.classpath())
              .python(environment.python())
              .maxEpisodeSteps(environment.maxEpisodeSteps())
              .wrappers(environment.wrappers())
              .totalSteps(steps)
              .seed(seed)
              .preset(applied.map(Presets.Preset::name).orElse(null))
              .configuration(hyperParameters)
              .from(transfer == null ? null : transfer.source())
              .checkpointEvery(checkpointEvery)
              .keep(keep)
              .evaluateEvery(evaluateEvery)
              .evaluationEpisodes(episodes)
              .threads(threads)
              .kernels(kernels.name())
              .compute(compute.describe())
              .versions(Versions.all())
              .commandLine(spec.commandLine().getParseResult().originalArgs())
              .build();
      try (RolloutWorkers workers = workers(run, environment);
          RunDirectory directory =
              out != null
                  ? RunDirectory.create(out, run)
                  : RunDirectory.createUnder(Path.of("runs"), run)) {
        return train(
            directory,
            run,
            environments,
            environment.recorded(),
            compute,
            transfer,
            workers,
            false);
      }
    } catch (FileAlreadyExistsException e) {
      throw new UserError("--out: " + e.getFile() + " exists");
    }
  }

  /** Connects to who gathers the rollouts; null if this program does. */
  private @Nullable RolloutWorkers workers(RunConfig run, EnvironmentOption environment)
      throws IOException {
    String on = rolloutsOn;
    if (on == null) {
      return null;
    }
    if (!(Algorithms.find(run.algorithm()).defaults() instanceof OnPolicySettings)) {
      throw new UserError(
          "--rollouts-on is for algorithms that learn from rollouts, such as ppo, not for %s: leave it out"
              .formatted(run.algorithm()));
    }
    boolean chosen = spec.commandLine().getParseResult().hasMatchedOption("--kernels");
    RunConfig there =
        run.withEnvironment(environment.recorded())
            .withMaxEpisodeSteps(environment.maxEpisodeSteps())
            .withWrappers(environment.wrappers())
            .withKernels(chosen ? kernels.name() : run.kernels());
    return Clusters.connect(
        "--rollouts-on",
        on,
        provider -> provider.rolloutWorkers(on, there, environment.forExecutors()));
  }

  /**
   * The settings of a run as rollouts elsewhere need them, unless {@code --set} says otherwise: no
   * executor sees what the others' environments show, so statistics cannot change within a rollout.
   */
  private ObjectNode forRolloutsElsewhere(Algorithm<?> chosen, ObjectNode configuration) {
    Record bound =
        Configurations.bind(
            chosen.defaults(),
            List.of(new Configurations.Layer(RunDirectory.CONFIG, configuration)));
    if (rolloutsOn == null
        || !(bound instanceof OnPolicySettings now)
        || !now.normalizeObservations()
        || now.statisticsPerRollout()
        || settings.stream().anyMatch(set -> set.strip().startsWith(PER_ROLLOUT + "="))) {
      return configuration;
    }
    spec.commandLine()
        .getErr()
        .println(
            "--rollouts-on: %s=true, so that observations are scaled by their statistics as of the beginning of a rollout"
                .formatted(PER_ROLLOUT));
    return configuration.deepCopy().put(PER_ROLLOUT, true);
  }

  private @Nullable Transfer transfer() throws IOException {
    if (from == null) {
      return null;
    }
    try {
      Transfer found = Transfer.from(from);
      return withReplay ? found.withReplay() : found;
    } catch (NoSuchFileException e) {
      throw new UserError(
          Files.exists(from)
              ? "--from: there is no run in " + from
              : "--from: there is no " + from);
    }
  }

  private void requireEvaluations(long every) {
    if (every == 0 && (stopAt != null || patience != null)) {
      throw new UserError(
          (stopAt != null ? "--stop-at" : "--patience")
              + " looks at evaluations on the way: add --evaluate-every N");
    }
  }

  private List<TrainingListener> stopRules() {
    List<TrainingListener> rules = new ArrayList<>();
    if (stopAt != null) {
      rules.add(StopRules.atReturn(stopAt));
    }
    if (patience != null) {
      rules.add(StopRules.patience(patience));
    }
    if (maxMinutes != null) {
      rules.add(StopRules.maxMinutes(maxMinutes));
    }
    if (maxEpisodes != null) {
      rules.add(StopRules.maxEpisodes(maxEpisodes));
    }
    return rules;
  }

  private int resume(Path run) throws IOException {
    requireOnlyWhatIsTakenAnew();
    RunConfig saved;
    try {
      saved = Trust.confirmed(run, RunDirectory.readConfig(run), environment);
    } catch (NoSuchFileException e) {
      throw new UserError("--resume: there is no run in " + run);
    }
    var given = spec.commandLine().getParseResult();
    EnvironmentOption merged = environment.over(saved);
    try (Compute compute =
            Compute.create(
                given.hasMatchedOption("--kernels")
                    ? kernels
                    : Compute.Kernels.valueOf(saved.kernels()),
                given.hasMatchedOption("--threads") ? threads : saved.threads());
        RunDirectory directory = RunDirectory.open(run)) {
      if (!compute.describe().split(",")[0].equals(saved.compute().split(",", 2)[0])) {
        warn(
            "this run used other kernels (%s), so its results are no longer the same bit for bit"
                .formatted(saved.compute()));
      }
      Supplier<Mdp> environments = merged.supplier();
      if (!merged.recorded().equals(saved.environment())) {
        requireFit(directory, environments, compute);
      }
      RunConfig changed = changed(saved, environments);
      try (RolloutWorkers workers = workers(changed, merged)) {
        return train(
            directory, changed, environments, merged.recorded(), compute, null, workers, true);
      }
    }
  }

  /**
   * The run with the steps and settings that are given anew; they count from its last checkpoint.
   */
  private RunConfig changed(RunConfig saved, Supplier<Mdp> environments) {
    requireEvaluations(saved.evaluateEvery());
    ObjectNode settingsNow = saved.configuration();
    if (!settings.isEmpty()) {
      Configurations.Layer set = Configurations.assignments("--set", settings);
      Record bound =
          Configurations.bind(
              Algorithms.find(saved.algorithm()).defaults(),
              List.of(new Configurations.Layer(RunDirectory.CONFIG, saved.configuration()), set));
      Effects.require(
          bound, set, settingsNow.objectNode(), EnvironmentOption.actions(environments), true);
      settingsNow = Configurations.toJson(bound);
    }
    settingsNow = forRolloutsElsewhere(Algorithms.find(saved.algorithm()), settingsNow);
    long total = steps == null ? saved.totalSteps() : steps;
    return saved.withTotalSteps(total).withConfiguration(settingsNow);
  }

  private static boolean differs(RunConfig one, RunConfig other) {
    return one.totalSteps() != other.totalSteps()
        || !one.configuration().toString().equals(other.configuration().toString());
  }

  private void requireOnlyWhatIsTakenAnew() {
    List<String> given = new ArrayList<>();
    if (algorithm != null) {
      given.add(algorithm);
    }
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptionsSet()) {
      if (!ANEW.contains(option.longestName())) {
        given.add(option.longestName());
      }
    }
    if (!given.isEmpty()) {
      throw new UserError(
          "--resume takes these from the run: leave out %s, or train a new run without --resume"
              .formatted(String.join(", ", given)));
    }
  }

  private int train(
      RunDirectory directory,
      RunConfig run,
      Supplier<Mdp> environments,
      String environmentName,
      Compute compute,
      @Nullable Transfer transfer,
      @Nullable RolloutWorkers workers,
      boolean resumed)
      throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    try (StopRequest stop = new StopRequest(err, directory.path());
        Trainer trainer = begin(run, environments, compute, directory, transfer, workers);
        Progress progress = new Progress(err, run.totalSteps())) {
      if (resumed && restore(directory, trainer)) {
        stop.onCheckpoint(trainer.steps(), directory.path());
      }
      if (differs(run, directory.config())) {
        record(directory, run, trainer.steps());
      }
      err.println(
          "%s on %s, seed %d, in %s"
              .formatted(run.algorithm(), environmentName, run.seed(), directory.path()));
      err.println("kernels: " + compute.describe());
      announce("--evaluate-every", run.evaluateEvery(), "evaluations take place", trainer);
      announce("--checkpoint-every", run.checkpointEvery(), "checkpoints are saved", trainer);
      TrainingPlan plan = TrainingPlan.of(directory, environments, stop::requested);
      List<TrainingListener> listeners = new ArrayList<>(List.of(progress, stop));
      listeners.addAll(stopRules());
      TrainingReport report =
          Training.run(trainer, plan, listeners.toArray(TrainingListener[]::new));
      progress.close();
      report(report, directory.path());
      return report.stopped() && report.reason() == null ? RunsOption.INTERRUPTED : 0;
    }
  }

  /** Records from which step on the run has other steps or settings. */
  private void record(RunDirectory directory, RunConfig run, long from) throws IOException {
    if (run.totalSteps() <= from) {
      throw new UserError(
          "--steps must be more than the %d steps that the run has taken, not %d"
              .formatted(from, run.totalSteps()));
    }
    directory.change(directory.config().changed(from, run.totalSteps(), run.configuration()));
    spec.commandLine()
        .getErr()
        .println(
            "from step %d on: %d steps in all, settings %s"
                .formatted(from, run.totalSteps(), settings.isEmpty() ? "as before" : settings));
  }

  /** Checks that another environment than the run's has the same spaces. */
  private static void requireFit(
      RunDirectory directory, Supplier<Mdp> environments, Compute compute) throws IOException {
    Path policy = RunDirectory.policyFile(directory.path(), false);
    if (Files.exists(policy)) {
      try (Mdp mdp = environments.get()) {
        Evaluation.requireFit(PolicyFile.read(policy, compute), mdp);
      }
    }
  }

  /** Returns whether there was a checkpoint. */
  private boolean restore(RunDirectory directory, Trainer trainer) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    RunConfig.Source source = directory.config().from();
    if (restart && source == null && !directory.isRestorable()) {
      directory.restart(); // while no damaged checkpoint has changed the trainer
    }
    if (!directory.restore(trainer)) {
      if (source != null) {
        throw new UserError(
            "--resume: %s has no whole checkpoint, and began with what %s had learned: train a new run with --from"
                .formatted(directory.path(), source.path()));
      }
      if (directory.hasBegun()) {
        throw new UserError(
            "--resume: %s has no whole checkpoint; add --restart to begin the run again and discard what it recorded"
                .formatted(directory.path()));
      }
      directory.restart();
      err.println("this run has no checkpoint and starts from the beginning");
      return false;
    }
    err.println("continuing after %d steps".formatted(trainer.steps()));
    if (trainer.restarted() > 0) {
      err.println(
          "environments that could not be restored and began new episodes: " + trainer.restarted());
    }
    return true;
  }

  /** Says when what is asked for every N steps takes place, if that is not every N steps. */
  private void announce(String option, long every, String what, Trainer trainer) {
    long iteration = trainer.iterationSteps().orElse(0);
    if (every == 0 || (iteration > 0 && every % iteration == 0)) {
      return;
    }
    PrintWriter err = spec.commandLine().getErr();
    if (iteration == 0) {
      err.println(
          "%s %d: an iteration ends with an episode, so %s at the first end after that"
              .formatted(option, every, what));
    } else if (every < iteration) {
      err.println(
          "%s %d: an iteration has %d steps, so %s every %d steps"
              .formatted(option, every, iteration, what, iteration));
    } else {
      err.println(
          "%s %d: an iteration has %d steps, so %s up to %d steps later"
              .formatted(option, every, iteration, what, iteration - 1));
    }
  }

  /** A start that fails leaves no new directory. */
  private Trainer begin(
      RunConfig run,
      Supplier<Mdp> environments,
      Compute compute,
      RunDirectory directory,
      @Nullable Transfer transfer,
      @Nullable RolloutWorkers workers)
      throws IOException {
    Trainer started = null;
    boolean begun = false;
    try {
      started = RunWork.start(run, environments, compute);
      if (transfer != null) {
        spec.commandLine().getErr().println(transfer.into(started));
        warnOfWrappers(transfer, run);
      }
      if (workers != null) {
        RemoteRollouts.gatherOn(
            (OnPolicyTrainer) started, workers, spec.commandLine().getErr()::println);
      }
      begun = true;
      return started;
    } finally {
      if (!begun) {
        if (started != null) {
          started.close();
        }
        directory.discard();
      }
    }
  }

  /** Other wrappers with the same spaces may give the same numbers another meaning. */
  private void warnOfWrappers(Transfer transfer, RunConfig run) {
    RunConfig.Source source = transfer.source();
    List<String> own = run.wrappers() == null ? List.of() : run.wrappers();
    if (source.algorithm() != null && !own.equals(transfer.wrappers())) {
      spec.commandLine()
          .getErr()
          .println(
              Failures.oneLine(
                  "%s was trained with %s, this run has %s"
                      .formatted(source.path(), wrappers(transfer.wrappers()), wrappers(own))));
    }
  }

  private static String wrappers(List<String> names) {
    return names.isEmpty() ? "no wrappers" : "the wrappers " + String.join(", ", names);
  }

  private void report(TrainingReport report, Path directory) {
    PrintWriter printer = spec.commandLine().getOut();
    EvaluationResult result = report.evaluation();
    String reason = report.reason();
    if (reason != null) {
      printer.println(
          "ended at %d steps, since %s; to go on: rl train --resume %s"
              .formatted(report.totalSteps(), reason, Shell.word(directory)));
    }
    if (report.stopped() && reason == null) {
      printer.println(
          "stopped at %d steps; continue with: rl train --resume %s"
              .formatted(report.totalSteps(), Shell.word(directory)));
    } else if (result != null) {
      printer.println(
          "evaluation over %d episodes: mean return %.2f ± %.2f%s"
              .formatted(
                  result.episodes().size(),
                  result.meanReturn(),
                  result.stdReturn(),
                  EvaluateCommand.interval(result)));
    }
    printer.println(
        "trained %d steps in %.1f s: %.0f steps/s"
            .formatted(report.steps(), report.seconds(), report.stepsPerSecond()));
    printer.flush();
  }

  private void warn(String message) {
    spec.commandLine().getErr().println("warning: " + message);
  }
}
