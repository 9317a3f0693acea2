package org.deeprl4j.cli;

import java.util.List;

/** The command line in processes of its own, for tests outside of this package. */
public final class Commands {
  private Commands() {}

  /** The command line that runs a command of {@code rl}. */
  public static List<String> process(List<String> arguments) {
    return Cli.process(arguments.toArray());
  }
}
