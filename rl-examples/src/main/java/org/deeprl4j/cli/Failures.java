package org.deeprl4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import org.deeprl4j.envs.gym.GymException;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.nn.cuda.CudaException;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.FileErrors;
import org.deeprl4j.state.StateFormatException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** What the command line says of failures. */
final class Failures {
  /** Longer than any sentence of ours; a file's own text may be megabytes. */
  private static final int LONGEST = 2000;

  private Failures() {}

  /**
   * Reports a failure in one line, last: settings out of range, a file that is damaged or cannot be
   * written, an environment that breaks its contract, training that diverges, a missing GPU. Where
   * an environment of the user's threw something, its stack trace comes before. Anything else is a
   * bug of ours.
   *
   * @return the exit code
   */
  static int report(Exception e, PrintWriter err) {
    String message = message(e);
    if (message == null) {
      e.printStackTrace(err);
      return CommandLine.ExitCode.SOFTWARE;
    }
    Throwable theirs = e instanceof EnvironmentException ? e.getCause() : null;
    boolean python = e instanceof GymException || theirs instanceof GymException;
    if (theirs != null && !python) {
      theirs.printStackTrace(err);
    }
    err.println("rl: " + (python ? message : oneLine(message))); // a traceback has several lines
    return e instanceof DivergenceException ? Main.DIVERGED : CommandLine.ExitCode.USAGE;
  }

  /** The sentence of an exception that is not our bug, null of one that is. */
  private static @Nullable String message(Exception e) {
    if (e instanceof IOException io) {
      return FileErrors.describe(io);
    } else if (e instanceof UncheckedIOException unchecked) {
      return FileErrors.describe(unchecked);
    }
    return e instanceof UserError
            || e instanceof IllegalArgumentException
            || e instanceof StateFormatException
            || e instanceof CudaException
            || e instanceof EnvironmentException
            || e instanceof DivergenceException
            || e instanceof GymException
        ? String.valueOf(e.getMessage())
        : null;
  }

  /** What a failure is, in one line. */
  static String describe(Throwable e) {
    Throwable known = e instanceof OutOfMemoryError memory ? outOfMemory(memory) : e;
    String message = known instanceof Exception exception ? message(exception) : null;
    return oneLine(message == null ? String.valueOf(e) : message);
  }

  /** Whether a failure is a bug of ours, whose stack trace is worth reading. */
  static boolean isBug(Throwable e) {
    return !(e instanceof OutOfMemoryError)
        && !(e instanceof Exception exception && message(exception) != null);
  }

  /** What to do where memory runs out. */
  static UserError outOfMemory(OutOfMemoryError e) {
    return new UserError(
        "out of memory (%s): Java may use %d MB; make the networks, the replay buffer or the batches smaller, or give it more, such as RL_JAVA_OPTS=-Xmx4g"
            .formatted(e.getMessage(), Runtime.getRuntime().maxMemory() >> 20));
  }

  /** A text as one line without control characters, which a terminal might obey. */
  static String oneLine(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]+", " ").strip();
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
