package org.deeprl4j.cli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.deeprl4j.text.Suggestions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rl help}: what {@code --help} of a command prints. */
@Command(
    name = "help",
    description = "Shows the help of a command.",
    mixinStandardHelpOptions = true)
final class HelpCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "COMMAND",
      description = "Names the command. Without it, all commands are listed.")
  private @Nullable String command;

  @Override
  public Integer call() {
    CommandLine all = Objects.requireNonNull(spec.parent()).commandLine();
    CommandLine asked = command == null ? all : all.getSubcommands().get(command);
    if (asked == null) {
      throw Suggestions.unknown("command", String.valueOf(command), all.getSubcommands().keySet());
    }
    asked.usage(spec.commandLine().getOut());
    return CommandLine.ExitCode.OK;
  }
}
