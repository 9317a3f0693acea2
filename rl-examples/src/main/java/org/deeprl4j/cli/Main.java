package org.deeprl4j.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.deeprl4j.algorithms.run.Versions;
import org.deeprl4j.text.Suggestions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** DeepRL4J's command line. */
@Command(
    name = "rl",
    description = "Trains, evaluates and shows policies of deep reinforcement learning.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      TrainCommand.class,
      EvaluateCommand.class,
      ListCommand.class,
      DescribeCommand.class,
      CheckCommand.class,
      RecordCommand.class,
      ViewCommand.class,
      TraceCommand.class,
      PlotCommand.class,
      ExportCommand.class,
      SweepCommand.class,
      CompareCommand.class,
      BoardCommand.class,
      SearchCommand.class,
      HelpCommand.class
    })
public final class Main implements Callable<Integer> {
  /** Exit code of training, or of a policy, whose numbers are no longer finite. */
  static final int DIVERGED = 3;

  @Spec private CommandSpec spec;

  private Main() {}

  /** Prints the help, as there is no command. */
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }

  /** Runs a command and ends the program with its exit code. */
  public static void main(String[] arguments) {
    // ND4J prints its own start-up banner unless this is set before its first use.
    System.setProperty("org.nd4j.log.initialization", "false");
    // Numbers that programs can read, and plots that are the same everywhere.
    Locale.setDefault(Locale.ROOT);
    System.exit(commandLine().execute(arguments));
  }

  /**
   * The commands. A user's error is reported in one line, with exit code 2, and so is divergence,
   * with exit code 3.
   */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    for (Class<Long> type : List.of(long.class, Long.class)) {
      line.registerConverter(type, Numbers::ofLong);
    }
    for (Class<Integer> type : List.of(int.class, Integer.class)) {
      line.registerConverter(type, Numbers::ofInt);
    }
    line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    line.setParameterExceptionHandler(
        (e, given) -> {
          e.getCommandLine().getErr().println("rl: " + Failures.oneLine(arguments(e)));
          return CommandLine.ExitCode.USAGE;
        });
    line.setExecutionStrategy(Main::run);
    line.setExecutionExceptionHandler((e, command, parsed) -> Failures.report(e, command.getErr()));
    return line;
  }

  /** Runs the last command. Running out of memory is a failure like others. */
  private static int run(CommandLine.ParseResult parsed) {
    try {
      return new CommandLine.RunLast().execute(parsed);
    } catch (OutOfMemoryError e) {
      throw new CommandLine.ExecutionException(
          parsed.commandSpec().commandLine(), "out of memory", Failures.outOfMemory(e));
    }
  }

  /** Says what is wrong with the arguments and what is accepted. */
  private static String arguments(CommandLine.ParameterException e) {
    CommandLine command = e.getCommandLine();
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
      String given = unmatched.getUnmatched().get(0);
      if (given.startsWith("-")) {
        return unknown("option", given, command.getCommandSpec().optionsMap().keySet());
      }
      if (!command.getSubcommands().isEmpty()) {
        return unknown("command", given, command.getSubcommands().keySet());
      }
    }
    return e.getMessage() + "; see " + command.getCommandSpec().qualifiedName() + " --help";
  }

  private static String unknown(String what, String given, Set<String> known) {
    return String.valueOf(Suggestions.unknown(what, given, known).getMessage());
  }

  /** Prints {@link Versions#all}. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return Versions.all().entrySet().stream()
          .map((Map.Entry<String, String> e) -> e.getKey() + " " + e.getValue())
          .toArray(String[]::new);
    }
  }
}
