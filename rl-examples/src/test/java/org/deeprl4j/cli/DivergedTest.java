package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Diverged training has an exit code of its own, and says so in one line. */
final class DivergedTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"ppo,Pendulum-v1", "a3c,Pendulum-v1", "sac,Pendulum-v1", "reinforce,Pendulum-v1"})
  void divergence_exitsWith3_andOneLine(String algorithm, String environment) {
    Path run = folder.resolve("run");
    Cli result =
        Cli.run(
            "train",
            algorithm,
            "--env",
            environment,
            "--steps",
            9000,
            "--out",
            run,
            "--set",
            "learningRate=1000",
            "--episodes",
            0);
    assertEquals(3, result.exitCode(), result.err());
    String[] lines =
        result.err().lines().filter(line -> line.startsWith("rl: ")).toArray(String[]::new);
    assertEquals(1, lines.length, result.err());
    assertTrue(lines[0].contains("diverged at step"), lines[0]);
    assertTrue(lines[0].contains("learningRate=1000.0"), lines[0]);
    assertFalse(result.err().contains("\tat "), result.err());
    assertFalse(result.err().contains("environment 0"), result.err());
    assertFalse(Files.exists(run.resolve("checkpoint.bin")));
    assertFalse(Files.exists(run.resolve("policy.bin")));
  }
}
