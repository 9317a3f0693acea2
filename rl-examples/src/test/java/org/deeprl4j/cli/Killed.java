package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.deeprl4j.random.Rng;

/** Kills commands in processes of their own. */
final class Killed {
  private Killed() {}

  /**
   * Begins a command several times, and kills it each time at a random moment after a file is
   * there.
   *
   * @param log receives what the command says
   * @param millis the latest moment after that
   */
  static void atRandom(int times, Path file, int millis, Path log, Object... arguments)
      throws Exception {
    Rng random = new Rng(7);
    int kills = 0;
    for (int i = 0; i < times; i++) {
      Process java =
          new ProcessBuilder(Cli.process(arguments))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      while (java.isAlive() && !Files.exists(file)) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      TimeUnit.MILLISECONDS.sleep(random.nextInt(millis));
      kills += java.isAlive() ? 1 : 0;
      java.destroyForcibly().waitFor();
    }
    assertTrue(kills > 0, Files.readString(log));
  }
}
