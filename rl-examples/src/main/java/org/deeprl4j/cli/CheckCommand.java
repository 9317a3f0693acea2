package org.deeprl4j.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.mdp.ActionMasks;
import org.deeprl4j.mdp.EnvironmentChecker;
import org.deeprl4j.mdp.Finding;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.policy.RandomPolicy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rl check}. */
@Command(
    name = "check",
    description =
        "Checks whether an environment keeps its contract, and says what random actions return. "
            + "The exit code is 1 if it does not keep it.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  /** How many episodes of random actions tell what returns to expect from them. */
  private static final int RANDOM_EPISODES = 10;

  @Spec private CommandSpec spec;

  @Mixin private final EnvironmentOption environment = new EnvironmentOption();

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seeds the episodes of the check. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Override
  public Integer call() {
    Supplier<Mdp> environments = environment.supplier();
    List<Finding> findings = EnvironmentChecker.check(environments, seed);
    PrintWriter out = spec.commandLine().getOut();
    findings.forEach(out::println);
    long errors = findings.stream().filter(f -> f.severity() == Finding.Severity.ERROR).count();
    out.println(
        "%s: %s, %s"
            .formatted(
                environment.recorded(),
                Text.count(errors, "error"),
                Text.count(findings.size() - errors, "warning")));
    boolean ends = findings.stream().noneMatch(f -> f.check().equals("episodes"));
    if (errors == 0 && ends) {
      out.println(random(environments));
    }
    out.flush();
    return errors == 0 ? 0 : 1;
  }

  /** What is to be surpassed by learning. */
  private String random(Supplier<Mdp> environments) {
    RandomPolicy policy;
    try (Mdp mdp = ActionMasks.of(environments.get())) {
      policy = new RandomPolicy(mdp.observationSpace(), mdp.actionSpace());
    }
    EvaluationResult result = Evaluation.sampled(environments, policy, RANDOM_EPISODES, seed);
    return "%d episodes of random actions: mean return %.2f ± %.2f, mean length %.1f"
        .formatted(RANDOM_EPISODES, result.meanReturn(), result.stdReturn(), result.meanLength());
  }
}
