package org.deeprl4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.envs.rendering.Human;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.Policy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rl evaluate}. */
@Command(
    name = "evaluate",
    description = "Evaluates a run's policy with raw rewards.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private final Playback playback = new Playback();

  @Option(
      names = "--episodes",
      paramLabel = "N",
      description = "Evaluates over N episodes. Default: ${DEFAULT-VALUE}.")
  private int episodes = 100;

  @Option(
      names = "--stochastic",
      description = "Samples actions, as in training. Default: the policy's deterministic ones.")
  private boolean stochastic;

  @Option(
      names = "--json",
      description = "Prints one JSON object, with return, length and success of each episode.")
  private boolean json;

  @Option(names = "--human", description = "Shows the first episode in a window.")
  private boolean human;

  @Override
  public Integer call() throws IOException {
    Playback.requireEpisodes(episodes);
    RunConfig config = playback.config();
    try (Compute compute = playback.compute()) {
      Policy policy = playback.policy(compute);
      if (human) {
        showOne(config, policy);
      }
      Supplier<Mdp> environments = playback.environments(config, false);
      EvaluationResult result = run(environments, policy, episodes, playback.seed(config));
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(result.toJson());
      } else {
        out.println(
            "%d episodes: mean return %.2f ± %.2f%s, mean length %.1f"
                .formatted(
                    episodes,
                    result.meanReturn(),
                    result.stdReturn(),
                    interval(result),
                    result.meanLength()));
        result
            .successRate()
            .ifPresent(rate -> out.println("success rate %.1f %%".formatted(100 * rate)));
      }
      out.flush();
    }
    return 0;
  }

  private void showOne(RunConfig config, Policy policy) {
    Supplier<Mdp> rendered = playback.environments(config, true);
    run(
        () -> new Human(rendered.get(), playback.environmentName(config)),
        policy,
        1,
        playback.seed(config));
  }

  private EvaluationResult run(
      Supplier<? extends Mdp> environments, Policy policy, int count, long seed) {
    return stochastic
        ? Evaluation.sampled(environments, policy, count, seed)
        : Evaluation.run(environments, policy, count, seed);
  }

  /** The 95 % interval of the mean return, in brackets. */
  static String interval(EvaluationResult result) {
    OptionalDouble margin = result.margin();
    return margin.isEmpty()
        ? ""
        : " (95 %% interval of the mean: %.2f to %.2f)"
            .formatted(
                result.meanReturn() - margin.getAsDouble(),
                result.meanReturn() + margin.getAsDouble());
  }
}
