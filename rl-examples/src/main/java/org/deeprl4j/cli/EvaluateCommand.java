package org.deeprl4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.training.Evaluation;
import org.deeprl4j.training.EvaluationResult;
import org.deeprl4j.training.PolicyFile;
import org.deeprl4j.training.RunConfig;
import org.deeprl4j.training.RunDirectory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rl evaluate}. */
@Command(
    name = "evaluate",
    description = "Evaluates a run's policy, by its deterministic actions and raw rewards.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
  /** Which of a run's policies. */
  enum Which {
    last,
    best
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "A run directory.")
  private Path run;

  @Option(names = "--episodes", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int episodes = 100;

  @Option(names = "--seed", paramLabel = "S", description = "Default: 10000 + the run's seed.")
  private @Nullable Long seed;

  @Option(names = "--policy", paramLabel = "WHICH", description = "last (the default) or best.")
  private Which which = Which.last;

  @Option(
      names = "--python",
      paramLabel = "PATH",
      description = "The Python of gym: environments; default: the one it was trained with.")
  private @Nullable String python;

  @Option(names = "--json", description = "Prints one JSON object.")
  private boolean json;

  @Option(
      names = "--kernels",
      paramLabel = "KIND",
      description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Compute.Kernels kernels = Compute.Kernels.AUTO;

  @Override
  public Integer call() throws IOException {
    if (episodes < 1) {
      throw new UserError("--episodes must be at least 1, not " + episodes);
    }
    RunConfig config;
    try {
      config = RunDirectory.readConfig(run);
    } catch (NoSuchFileException e) {
      throw new UserError("there is no run in " + run);
    }
    Path file = RunDirectory.policyFile(run, which == Which.best);
    if (!Files.exists(file)) {
      throw new UserError(
          which == Which.best
              ? run + " has no best policy: it was trained without --evaluate-every"
              : run + " has no policy yet");
    }
    Supplier<Mdp> environments =
        EnvironmentOption.supplier(
            config.environment(),
            config.classpath(),
            python != null ? python : config.python(),
            config.maxEpisodeSteps());
    try (Compute compute = Compute.create(kernels, 1)) {
      Policy policy = PolicyFile.read(file, compute);
      EvaluationResult result =
          Evaluation.run(
              environments, policy, episodes, seed == null ? 10_000 + config.seed() : seed);
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(result.toJson());
      } else {
        out.println(
            "%d episodes: mean return %.2f ± %.2f, mean length %.1f"
                .formatted(episodes, result.meanReturn(), result.stdReturn(), result.meanLength()));
        result
            .successRate()
            .ifPresent(rate -> out.println("success rate %.1f %%".formatted(100 * rate)));
      }
      out.flush();
    }
    return 0;
  }
}
