package org.deeprl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deeprl4j.cli.Commands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Does what the README says, in its order and in an empty folder: programs are saved under the
 * names of their classes, and commands run. What differs from what a reader does:
 *
 * <ul>
 *   <li>{@code --steps N} becomes a tenth of N, and at most 2000 and a two-hundredth;
 *   <li>{@code ./rl} and {@code rl-examples/target/rl.jar} are this build's classes, as the jar is
 *       not there yet;
 *   <li>{@code ./rl view} and {@code board} are ended when their page has been served;
 *   <li>environments of Gymnasium are left out unless {@code RL_PYTHON} names a Python with it;
 *   <li>Maven's commands must be among those that {@code .ci/run} or {@code .ci/outside} runs.
 * </ul>
 */
final class ReadmeTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String JAR = "rl-examples/target/rl.jar";
  private static final Pattern STEPS = Pattern.compile("(?<=--steps )\\d+");
  private static final Pattern CLASS =
      Pattern.compile("^(?:public )?(?:final )?class (\\w+)", Pattern.MULTILINE);
  private static final Pattern ADDRESS = Pattern.compile("open (http://\\S+)");
  private static final int SECONDS = 300; // then a command hangs

  @TempDir Path folder;

  /** A command, or a program with its name. */
  private record Instruction(String command, String program) {}

  /** In order: indented lines are commands, but for those that go on with spaces. */
  private static List<Instruction> instructions(String text) {
    List<Instruction> all = new ArrayList<>();
    StringBuilder block = null; // a fenced one
    boolean java = false;
    for (String line : text.lines().toList()) {
      if (line.startsWith("```")) {
        if (block == null) {
          block = new StringBuilder();
          java = line.equals("```java");
        } else {
          if (java) {
            Matcher name = CLASS.matcher(block);
            assertTrue(name.find(), "no class in " + block);
            all.add(new Instruction(name.group(1) + ".java", block.toString()));
          }
          block = null;
        }
      } else if (block != null) {
        block.append(line).append('\n');
      } else if (line.startsWith("    ")) {
        all.add(new Instruction(line.replaceFirst("\\s+#.*", "").strip(), ""));
      }
    }
    return all;
  }

  @Test
  @EnabledIfEnvironmentVariable(
      named = "RL_SLOW",
      matches = "1",
      disabledReason = "takes minutes; RL_SLOW=1 runs it, as .ci/run does")
  void everyCommand_works() throws Exception {
    List<Instruction> all = instructions(Files.readString(ROOT.resolve("README.md")));
    Set<String> unused = new LinkedHashSet<>();
    int run = 0;
    for (Instruction next : all) {
      if (!next.program().isEmpty()) {
        Files.writeString(folder.resolve(next.command()), next.program());
        unused.add(next.command());
        continue;
      }
      String command = next.command();
      unused.removeIf(name -> List.of(command.split(" ")).contains(name));
      perform(command);
      run++;
    }
    assertTrue(run >= 20, "only " + run + " commands were found");
    assertEquals(Set.of(), unused, "programs that no command runs");
  }

  private void perform(String command) throws Exception {
    String shortened =
        STEPS.matcher(command).replaceAll(n -> Long.toString(steps(Long.parseLong(n.group()))));
    List<String> words = List.of(shortened.split(" +"));
    switch (words.get(0)) {
      case "./rl" -> {
        if (command.contains(" gym:") && System.getenv("RL_PYTHON") == null) {
          return;
        }
        List<String> process = Commands.process(words.subList(1, words.size()));
        if (words.get(1).equals("view") || words.get(1).equals("board")) {
          view(process);
        } else {
          succeed(command, process);
        }
      }
      case "java", "javac" -> {
        List<String> process = new ArrayList<>(words);
        process.set(0, Path.of(System.getProperty("java.home"), "bin", words.get(0)).toString());
        process.replaceAll(word -> word.equals(JAR) ? System.getProperty("java.class.path") : word);
        assertFalse(process.equals(words) || process.contains(JAR), command);
        succeed(command, process);
      }
      case "mvn" -> {
        String scripts =
            Files.readString(ROOT.resolve(".ci/run"))
                + Files.readString(ROOT.resolve(".ci/outside"));
        String here = command.replace("mvn ", "mvn -B -ntp ");
        assertTrue(
            scripts.contains("'" + command + "'") || scripts.contains("\n" + here + "\n"),
            "no script of .ci runs " + command);
      }
      default -> fail("this test does not know how to run '" + command + "'");
    }
  }

  private static long steps(long written) {
    return Math.min(written / 10, 2000 + written / 200);
  }

  private Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
  }

  private void succeed(String shown, List<String> command) throws Exception {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail("%s has not ended in %d s: %s".formatted(shown, SECONDS, Files.readString(log)));
    }
    assertEquals(0, process.exitValue(), () -> shown + ": " + said(log));
  }

  private static String said(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void view(List<String> command) throws Exception {
    Process process = start(command);
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      StringBuilder said = new StringBuilder();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.append(line).append('\n');
        Matcher address = ADDRESS.matcher(line);
        if (address.find()) {
          var page = (HttpURLConnection) URI.create(address.group(1)).toURL().openConnection();
          assertEquals(200, page.getResponseCode());
          return;
        }
      }
      fail("the page's command has ended: " + said);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** A command that fails makes the test fail, and so does one that it cannot run. */
  @Test
  void whatDoesNotWork_isNoticed() {
    for (String bad :
        List.of(
            "./rl train ppo --env CartPole-v9 --steps 100000",
            "./rl train --resume runs/nothing",
            "java -cp " + JAR + " Nothing.java",
            "mvn deploy",
            "rm -rf runs")) {
      assertThrows(AssertionError.class, () -> perform(bad), bad);
    }
  }
}
