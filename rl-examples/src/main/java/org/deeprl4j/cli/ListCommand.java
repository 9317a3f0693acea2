package org.deeprl4j.cli;

import java.io.PrintWriter;
import java.util.List;
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
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    out.println("algorithms:");
    for (Algorithm<?> algorithm : Algorithms.all()) {
      out.println("  %-26s %s".formatted(algorithm.id(), algorithm.title()));
      List<String> presets = Presets.of(algorithm.id()).stream().map(Presets.Preset::name).toList();
      out.println("  %-26s presets: %s".formatted("", String.join(", ", presets)));
    }
    out.println("environments:");
    for (Environments.Entry entry : Environments.entries()) {
      out.println("  %-26s %s".formatted(entry.id(), entry.description()));
      if (!entry.parameters().isEmpty()) {
        String names = String.join(", ", entry.parameters().keySet());
        out.println("  %-26s --env-arg: %s".formatted("", names));
      }
    }
    out.flush();
  }
}
