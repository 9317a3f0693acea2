package org.deeprl4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.deeprl4j.experiments.board.Board;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rl board}. */
@Command(
    name = "board",
    description =
        "Shows every run and study under a directory on a local web page, live: curves, settings that "
            + "differ, speed, memory and the latest episode.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class BoardCommand implements Callable<Integer> {
  /** Of an episode that is shown. */
  private static final int MOST_STEPS = 2000;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      defaultValue = ".",
      description = "Shows what is below this directory. Default: the current one.")
  private Path directory;

  @Option(
      names = "--port",
      paramLabel = "P",
      description = "Serves the page on this port. Default: any free port.")
  private int port;

  @Override
  public Integer call() throws IOException, InterruptedException {
    ViewServer.requirePort(port);
    if (!Files.isDirectory(directory)) {
      throw new UserError("there is no directory " + directory);
    }
    try (BoardServer server = new BoardServer(port, new Board(directory), BoardCommand::play)) {
      PrintWriter out = spec.commandLine().getOut();
      out.println("open " + server.address() + " (Ctrl-C to stop)");
      out.flush();
      new CountDownLatch(1).await();
    }
    return 0;
  }

  /** Plays an episode of a run's last policy. */
  static byte[] play(Path run) throws IOException {
    return ViewCommand.record(Playback.of(run), 1, MOST_STEPS);
  }
}
