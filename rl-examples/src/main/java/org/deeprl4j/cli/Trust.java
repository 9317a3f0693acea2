package org.deeprl4j.cli;

import java.nio.file.Path;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.envs.Environments;
import org.jspecify.annotations.Nullable;

/**
 * What a run directory names is run only if this user made the directory, or named it on this
 * command line. The library's own environments always run: they are no programs of the directory's.
 */
final class Trust {
  private Trust() {}

  /**
   * A run's configuration, without programs that the user did not ask for.
   *
   * @param given the options of this command line
   * @throws UserError if there would be no environment without them
   */
  static RunConfig confirmed(Path run, RunConfig saved, EnvironmentOption given) {
    if (RunDirectory.isMadeHere(run, saved)) {
      return saved;
    }
    String name = saved.environment().split(",", 2)[0];
    if (!given.isNamed() && !Environments.ids().contains(name)) {
      throw new UserError(
          "%s was not made by you on this machine, and would run %s%s%s; if you trust it, say so: --env %s%s%s"
              .formatted(
                  run,
                  saved.environment(),
                  part(" of ", saved.classpath()),
                  part(" in ", saved.python()),
                  Shell.word(saved.environment()),
                  saved.classpath() == null ? "" : " --classpath " + Shell.word(saved.classpath()),
                  saved.python() == null ? "" : " --python " + Shell.word(saved.python())));
    }
    return saved.withoutPrograms();
  }

  private static String part(String before, @Nullable String value) {
    return value == null ? "" : before + value;
  }
}
