package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What is no fault of the library ends with exit code 2 and one line, and names the file. */
final class FailuresTest {
  @TempDir Path folder;

  private static void assertLine(Cli result, String... parts) {
    assertEquals(2, result.exitCode(), result.err());
    String[] lines = result.err().lines().toArray(String[]::new);
    String last = lines[lines.length - 1];
    assertTrue(last.startsWith("rl: "), result.err());
    assertFalse(result.err().contains("\tat "), result.err());
    for (String part : parts) {
      assertTrue(last.contains(part), () -> "'" + part + "' is not in: " + last);
    }
  }

  private Cli train(Path out, Object... more) {
    Object[] arguments =
        Stream.concat(
                Stream.of("train", "ppo", "--steps", 512, "--out", out, "--episodes", 0),
                Arrays.stream(more))
            .toArray();
    return Cli.run(arguments);
  }

  private Path run(String name) {
    Path run = folder.resolve(name);
    Cli result = train(run, "--env", "CartPole-v1");
    assertEquals(0, result.exitCode(), result.err());
    return run;
  }

  @Test
  void aFileWhereADirectoryIsNeeded() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertLine(
        train(file.resolve("run"), "--env", "CartPole-v1"), file + ": is a file, not a directory");
    assertLine(Cli.run("evaluate", file), file.toString());
    assertLine(
        Cli.run("plot", run("run"), "--metric", "steps", "--out", file.resolve("x.png")),
        file.resolve("x.png").toString());
    assertLine(
        Cli.run("plot", folder.resolve("run"), "--out", folder.resolve("gone/x.png")),
        folder.resolve("gone/x.png") + ": there is no directory " + folder.resolve("gone"));
  }

  @Test
  void aNameThatIsTooLong() {
    Path run = folder.resolve("x".repeat(300));
    assertLine(train(run, "--env", "CartPole-v1"), run.toString(), "name too long");
  }

  @Test
  void aRunInUse() throws IOException {
    Path run = run("run");
    try (RunDirectory used = RunDirectory.open(run)) {
      assertLine(Cli.run("train", "--resume", used.path()), run + ": is in use by another run");
    }
  }

  @Test
  void noPermission() {
    StringWriter err = new StringWriter();
    int code = Failures.report(new AccessDeniedException("/etc/run"), new PrintWriter(err, true));
    assertEquals(2, code);
    assertEquals("rl: /etc/run: permission denied\n", err.toString());
  }

  @Test
  void aDirectoryThatIsDeletedMeanwhile() {
    Path run = folder.resolve("run");
    BrokenEnvironments.Sabotage.plan(300, () -> delete(run));
    assertLine(
        train(
            run,
            "--env",
            BrokenEnvironments.Sabotage.class.getName(),
            "--set",
            "rolloutSteps=16",
            "--set",
            "batchSize=8"),
        run.toString(),
        "there is no directory",
        "there is no checkpoint");
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFullDisk() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        shell("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()),
        "no right to mount a small disk: skipped");
    try {
      Path run = disk.resolve("run");
      BrokenEnvironments.Sabotage.plan(
          300,
          () -> {
            try {
              Files.write(disk.resolve("filling"), new byte[1 << 22]);
            } catch (IOException e) {
              // Full.
            }
          });
      assertLine(
          train(
              run,
              "--env",
              BrokenEnvironments.Sabotage.class.getName(),
              "--checkpoint-every",
              64,
              "--set",
              "rolloutSteps=16",
              "--set",
              "batchSize=8",
              "--set",
              "environments=1"),
          run.toString(),
          "No space left on device",
          "the checkpoint at ",
          " steps is kept");
      Files.delete(disk.resolve("filling"));
      Cli resumed = Cli.run("train", "--resume", run);
      assertEquals(0, resumed.exitCode(), resumed.err());
    } finally {
      assertTrue(shell("umount", disk.toString()));
    }
  }

  private static boolean shell(String... command) throws Exception {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Command(name = "hungry")
  static final class Hungry implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  @Test
  void memoryThatRunsOut() {
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    line.addSubcommand(new Hungry());
    line.setErr(new PrintWriter(err, true));
    assertEquals(2, line.execute("hungry"));
    assertTrue(err.toString().startsWith("rl: out of memory (Java heap space): Java may use "));
    assertEquals(1, err.toString().lines().count(), err.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Throwing", "WrongLength", "Uninitialised", "Unmade"})
  void exceptionOfAnEnvironment_isShownWithItsStack(String name) {
    String type = BrokenEnvironments.class.getName() + "$" + name;
    Cli result = train(folder.resolve("run"), "--env", type);
    assertEquals(2, result.exitCode(), result.err());
    String[] lines = result.err().lines().toArray(String[]::new);
    assertTrue(lines[lines.length - 1].startsWith("rl: "), result.err());
    assertTrue(result.err().contains("\tat " + type), result.err());
    String cause =
        switch (name) {
          case "Throwing" -> "the robot fell over";
          case "WrongLength" -> "Index 1 out of bounds for length 1";
          case "Unmade" -> "the port is taken";
          default -> "For input string: \"no number\"";
        };
    assertTrue(lines[lines.length - 1].contains(cause), result.err());
  }

  @Test
  void aClassThatIsNoEnvironment_isNotInitialised() {
    System.clearProperty("intruder");
    assertLine(
        train(folder.resolve("run"), "--env", BrokenEnvironments.class.getName() + "$Intruder"),
        "Intruder is no environment");
    assertNull(System.getProperty("intruder"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--config", "--states"})
  void aPipeOrADevice_isNotWaitedFor(String option) throws Exception {
    Path pipe = folder.resolve("pipe");
    assumeTrue(shell("mkfifo", pipe.toString()), "no mkfifo: skipped");
    for (Path file : List.of(pipe, Path.of("/dev/zero"), folder)) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(60),
          () ->
              assertLine(
                  option.equals("--config")
                      ? train(folder.resolve("run"), "--env", "CartPole-v1", option, file)
                      : Cli.run("trace", "--env", "CartPole-v1", option, file, "--actions", file),
                  file.toString()));
    }
  }

  @Test
  void damagedSettings() throws IOException {
    Path file = folder.resolve("settings.yaml");
    byte[] original =
        "gamma: 0.99\nhidden: [64, 64]\nlearningRate: linear(1e-3, 0)\nnormalizeObservations: true\n"
            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    SplittableRandom random = new SplittableRandom(5);
    int read = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = original.clone();
      for (int n = 0; n < 1 + random.nextInt(4); n++) {
        bytes[random.nextInt(bytes.length)] =
            (byte)
                (random.nextBoolean()
                    ? "{}[]&*!|>%@`\"'#,:-?\n\t\0\u007f".charAt(random.nextInt(22))
                    : random.nextInt(256));
      }
      Files.write(file, Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length)));
      try {
        Configurations.bind(
            PpoConfig.defaults(),
            List.of(
                new Configurations.Layer(file.toString(), SettingsOption.read("--config", file))));
        read++;
      } catch (UserError e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("--config: " + file), e.getMessage());
      } catch (IllegalArgumentException e) {
        // A setting's name or range.
        assertFalse(String.valueOf(e.getMessage()).isBlank());
      }
    }
    assertTrue(read > 0 && read < 1000, "read " + read);
  }
}
