package org.deeprl4j.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.deeprl4j.mdp.EnvironmentChecker;
import org.deeprl4j.mdp.Finding;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rl check}. */
@Command(
    name = "check",
    description = "Checks whether an environment keeps its contract; exit code 1 if it does not.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--env",
      paramLabel = "ENV",
      required = true,
      description = "An id, gym:ID, or a class name.")
  private String environment;

  @Option(names = "--classpath", paramLabel = "PATH", description = "Jars that hold the class.")
  private @Nullable String classpath;

  @Option(
      names = "--python",
      paramLabel = "PATH",
      description = "The Python of gym: environments; default: $RL_PYTHON, or python3.")
  private @Nullable String python;

  @Option(names = "--seed", paramLabel = "S", description = "Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Override
  public Integer call() {
    List<Finding> findings =
        EnvironmentChecker.check(
            EnvironmentOption.supplier(environment, classpath, python, null), seed);
    PrintWriter out = spec.commandLine().getOut();
    findings.forEach(out::println);
    long errors = findings.stream().filter(f -> f.severity() == Finding.Severity.ERROR).count();
    out.println(
        "%s: %d errors, %d warnings".formatted(environment, errors, findings.size() - errors));
    out.flush();
    return errors == 0 ? 0 : 1;
  }
}
