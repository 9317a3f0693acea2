package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rl export}; what the files hold is tested in rl-export. */
final class ExportTest {
  @TempDir Path folder;

  @Test
  void run_isExportedInEveryFormatThatFits() throws Exception {
    Path run = folder.resolve("run");
    Cli trained = Cli.run("train", "ppo", "--env", "CartPole-v1", "--steps", 256, "--out", run);
    assertEquals(0, trained.exitCode(), trained.err());
    for (String format : new String[] {"onnx", "dl4j", "json"}) {
      Cli exported = Cli.run("export", run, "--format", format);
      assertEquals(0, exported.exitCode(), exported.err());
      Path file = Path.of(exported.out().strip().substring("wrote ".length()));
      assertTrue(Files.size(file) > 1000, file.toString());
    }
    Path elsewhere = folder.resolve("elsewhere.onnx");
    Cli chosen =
        Cli.run("export", run.resolve("policy.bin"), "--format", "onnx", "--out", elsewhere);
    assertEquals(0, chosen.exitCode(), chosen.err());
    assertEquals(-1, Files.mismatch(elsewhere, run.resolve("policy.onnx")));

    Cli best = Cli.run("export", run, "--format", "onnx", "--policy", "best");
    assertEquals(2, best.exitCode());
    assertTrue(best.err().contains("has no best policy"), best.err());
    Cli none = Cli.run("export", folder.resolve("none"), "--format", "onnx");
    assertEquals(2, none.exitCode());
    Path there = folder.resolve("no/such/folder.onnx");
    Cli nowhere = Cli.run("export", run, "--format", "onnx", "--out", there);
    assertEquals(2, nowhere.exitCode(), nowhere.err());
    assertTrue(nowhere.err().contains(there.toString()), nowhere.err());
    assertEquals(1, nowhere.err().lines().count(), nowhere.err());
    try (Stream<Path> left = Files.list(run)) {
      assertFalse(left.anyMatch(file -> file.toString().endsWith(".tmp")));
    }
  }
}
