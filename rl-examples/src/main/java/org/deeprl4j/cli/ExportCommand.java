package org.deeprl4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.deeprl4j.export.PolicyExport;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.PolicyFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rl export}. */
@Command(
    name = "export",
    description = "Writes a run's policy in the format of another runtime.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ExportCommand implements Callable<Integer> {
  /** The formats. */
  enum Format {
    onnx,
    dl4j,
    json
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "Names the run directory, or a policy file.")
  private Path run;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      required = true,
      description = "Selects the format: ${COMPLETION-CANDIDATES}.")
  private Format format;

  @Option(
      names = "--policy",
      paramLabel = "WHICH",
      description = "Exports the last or the best policy of the run. Default: last.")
  private Playback.@Nullable Which which;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Writes to this file. Default: the policy's own name with the format as its ending.")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException {
    Path file = policyFile();
    Path target = out == null ? beside(file) : out;
    try (Compute compute = Compute.create(Compute.Kernels.JAVA, 1)) {
      NetworkPolicy policy = PolicyFile.read(file, compute);
      try {
        switch (format) {
          case onnx -> PolicyExport.onnx(policy, target);
          case dl4j -> PolicyExport.dl4j(policy, target);
          case json -> PolicyExport.json(policy, target);
        }
      } catch (IllegalArgumentException e) {
        throw new UserError(file + " cannot be exported: " + e.getMessage());
      }
    }
    spec.commandLine().getOut().println("wrote " + target);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private Path policyFile() {
    if (Files.isRegularFile(run)) {
      if (which != null) {
        throw new UserError("--policy chooses among a run's policies, but " + run + " is a file");
      }
      return run;
    }
    if (!Files.isDirectory(run)) {
      throw new UserError("there is no run in " + run);
    }
    return Playback.policyFile(run, which == Playback.Which.best);
  }

  private Path beside(Path file) {
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.bin$", "");
    String ending = format == Format.dl4j ? "dl4j.zip" : format.name().toLowerCase(Locale.ROOT);
    return file.resolveSibling(name + "." + ending);
  }
}
