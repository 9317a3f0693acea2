package org.deeprl4j.cli;

import java.io.PrintWriter;
import java.util.stream.Collectors;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Presets;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.envs.Environments;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code rl list}. */
@Command(
    name = "list",
    description = "Lists the algorithms with their presets, and the environments.",
    mixinStandardHelpOptions = true)
final class ListCommand implements Runnable {
  /** Where the second column begins: the longest id has 25 letters. */
  private static final int SECOND = 29;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    out.println("algorithms:");
    for (Algorithm<?> algorithm : Algorithms.all()) {
      out.print(Text.beside("  " + algorithm.id(), SECOND, algorithm.title()));
      String presets =
          Presets.of(algorithm.id()).stream()
              .map(Presets.Preset::name)
              .collect(Collectors.joining(", ", "presets: ", ""));
      out.print(Text.beside("", SECOND, presets));
    }
    out.println("environments:");
    for (Environments.Entry entry : Environments.entries()) {
      out.print(Text.beside("  " + entry.id(), SECOND, entry.description()));
      if (!entry.parameters().isEmpty()) {
        String names = String.join(", ", entry.parameters().keySet());
        out.print(Text.beside("", SECOND, "--env-arg: " + names));
      }
    }
    out.flush();
  }
}
