package org.deeprl4j.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.deeprl4j.mdp.EnvironmentChecker;
import org.deeprl4j.mdp.Finding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rl check}. */
@Command(
    name = "check",
    description =
        "Checks whether an environment keeps its contract. The exit code is 1 if it does not.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private final EnvironmentOption environment = new EnvironmentOption();

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seeds the episodes of the check. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Override
  public Integer call() {
    List<Finding> findings = EnvironmentChecker.check(environment.supplier(), seed);
    PrintWriter out = spec.commandLine().getOut();
    findings.forEach(out::println);
    long errors = findings.stream().filter(f -> f.severity() == Finding.Severity.ERROR).count();
    out.println(
        "%s: %d errors, %d warnings"
            .formatted(environment.recorded(), errors, findings.size() - errors));
    out.flush();
    return errors == 0 ? 0 : 1;
  }
}
