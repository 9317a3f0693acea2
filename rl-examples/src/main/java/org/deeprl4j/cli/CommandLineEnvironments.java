package org.deeprl4j.cli;

import java.util.List;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.experiments.execution.RunEnvironments;
import org.deeprl4j.mdp.Mdp;
import picocli.CommandLine;

/** The environments of the command line, on another machine. */
public final class CommandLineEnvironments implements RunEnvironments {
  /** Made by the {@link java.util.ServiceLoader}. */
  public CommandLineEnvironments() {}

  @Override
  public Supplier<Mdp> of(RunConfig run, List<String> options) {
    return CommandLine.populateCommand(new EnvironmentOption(), options.toArray(String[]::new))
        .of(run.environment(), run.maxEpisodeSteps(), run.wrappers(), 1)
        .supplier();
  }
}
