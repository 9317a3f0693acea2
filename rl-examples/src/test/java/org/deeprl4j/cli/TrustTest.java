package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run directory of somebody else's names is not run. */
final class TrustTest {
  private static final String PROPERTY = "org.deeprl4j.config";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private String before = "";

  /** An environment that leaves a trace. */
  public static final class Foreign extends BrokenEnvironments.Sound {
    static {
      System.setProperty("foreign", "was here");
    }
  }

  @BeforeEach
  void ownKey() {
    before = System.getProperty(PROPERTY);
    System.setProperty(PROPERTY, folder.resolve("me").toString());
    System.clearProperty("foreign");
  }

  @AfterEach
  void restore() {
    System.setProperty(PROPERTY, before);
  }

  private Path run(String environment) {
    Path run = folder.resolve("run");
    Cli result =
        Cli.run("train", "ppo", "--env", environment, "--steps", 64, "--out", run, "--episodes", 0);
    assertEquals(0, result.exitCode(), result.err());
    return run;
  }

  private static void change(Path run, String key, String value) throws Exception {
    Path file = run.resolve("config.json");
    ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
    config.put(key, value);
    Files.write(file, JSON.writeValueAsBytes(config));
  }

  private static void assertRefused(Cli result, String... parts) {
    assertEquals(2, result.exitCode(), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains(" was not made by you on this machine"), result.err());
    for (String part : parts) {
      assertTrue(result.err().contains(part), result.err());
    }
  }

  @Test
  void ownRun_needsNoTrust_evenAfterAMove() throws Exception {
    Path run = run(Foreign.class.getName());
    assertEquals(0, Cli.run("evaluate", run, "--episodes", 1).exitCode());
    Path moved = Files.move(run, folder.resolve("moved"));
    Cli result = Cli.run("evaluate", moved, "--episodes", 1);
    assertEquals(0, result.exitCode(), result.err());
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("me/run.key"))));
  }

  @Test
  void foreignRun_runsNothing_unlessItsProgramsAreNamed() throws Exception {
    Path run = run("org.deeprl4j.cli.BrokenEnvironments$Sound");
    System.setProperty(PROPERTY, folder.resolve("you").toString());
    for (Cli result :
        new Cli[] {
          Cli.run("evaluate", run),
          Cli.run("record", run, "--out", folder.resolve("x.gif")),
          Cli.run("view", run),
          Cli.run("train", "--resume", run)
        }) {
      assertRefused(result, "--env 'org.deeprl4j.cli.BrokenEnvironments$Sound'");
    }
    Cli named =
        Cli.run(
            "evaluate", run, "--episodes", 1, "--env", "org.deeprl4j.cli.BrokenEnvironments$Sound");
    assertEquals(0, named.exitCode(), named.err());
  }

  @Test
  void aConfigurationThatWasChanged_runsNothing() throws Exception {
    Path run = run("org.deeprl4j.cli.BrokenEnvironments$Sound");
    change(run, "environment", Foreign.class.getName());
    assertRefused(Cli.run("evaluate", run), Foreign.class.getName());
    assertNull(System.getProperty("foreign"));
    change(run, "environment", "org.deeprl4j.cli.BrokenEnvironments$Sound");
    change(run, "classpath", folder.toString());
    assertRefused(Cli.run("train", "--resume", run), "--classpath " + folder);
    change(run, "classpath", "a'; rm -rf b");
    assertRefused(Cli.run("evaluate", run), "--classpath 'a'\\''; rm -rf b'");
    Files.delete(run.resolve("origin"));
    change(run, "classpath", null);
    assertRefused(Cli.run("evaluate", run));
    Files.write(run.resolve("origin"), new byte[1 << 20]);
    assertRefused(Cli.run("evaluate", run));
  }

  @Test
  void anInterpreter_isNotStarted() throws Exception {
    Path run = run("CartPole-v1");
    Path trace = folder.resolve("trace");
    Path python = Files.writeString(folder.resolve("python"), "#!/bin/sh\ntouch " + trace + "\n");
    Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwx------"));
    change(run, "environment", "gym:CartPole-v1");
    change(run, "python", python.toString());
    assertRefused(Cli.run("evaluate", run), "--env gym:CartPole-v1 --python " + python);
    assertFalse(Files.exists(trace));
    Cli named = Cli.run("evaluate", run, "--env", "gym:CartPole-v1", "--python", python);
    assertNotEquals(0, named.exitCode()); // it is no Python
    assertTrue(Files.exists(trace));
  }

  @Test
  void theLibrarysOwnEnvironments_areNoProgramsOfTheDirectory() throws Exception {
    Path run = run("CartPole-v1");
    System.setProperty(PROPERTY, folder.resolve("you").toString());
    Files.delete(run.resolve("origin"));
    change(run, "classpath", "missing.jar"); // which is not even looked for
    Cli result = Cli.run("evaluate", run, "--episodes", 1);
    assertEquals(0, result.exitCode(), result.err());
    Path out = folder.resolve("x.png");
    assertFalse(Cli.run("plot", run, "--out", out).err().contains("was not made"));
  }
}
