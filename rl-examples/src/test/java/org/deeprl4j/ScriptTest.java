package org.deeprl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code rl}, with a Java that prints what it is given. */
@DisabledOnOs(OS.WINDOWS)
final class ScriptTest {
  private static final Path SCRIPT = Path.of("..", "rl").toAbsolutePath().normalize();

  /** With a blank, as folders of users have. */
  @TempDir Path folder;

  private Path root;
  private Path home;

  @BeforeEach
  void copy() throws IOException {
    root = Files.createDirectories(folder.resolve("my library"));
    Files.copy(SCRIPT, root.resolve("rl"), StandardCopyOption.COPY_ATTRIBUTES);
    Path jar = root.resolve("rl-examples/target/rl.jar");
    Files.createDirectories(jar.getParent());
    Files.writeString(jar, "no sources are newer");
    home = folder.resolve("java home");
    Path java = home.resolve("bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(
        java,
        "#!/bin/sh\necho \"encoding ${LC_ALL:-${LC_CTYPE:-${LANG:-}}}\"\nfor word; do echo \"<$word>\"; done\n");
    assertTrue(java.toFile().setExecutable(true));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
  }

  private record Result(int exitCode, List<String> out, String err) {}

  private Result run(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(root.resolve("rl").toString()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    for (String name : List.of("LC_ALL", "LC_CTYPE", "LANG", "RL_JAVA_OPTS", "JDK_JAVA_OPTIONS")) {
      builder.environment().remove(name);
    }
    builder.environment().put("JAVA_HOME", home.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return new Result(process.exitValue(), Files.readAllLines(out), Files.readString(err));
  }

  @Test
  void arguments_arriveAsTheyAre() throws Exception {
    Result said = run(Map.of(), "train", "--out", "my runs/*", "--set", "a=b c");
    assertEquals(0, said.exitCode(), said.err());
    List<String> all = said.out();
    assertEquals(
        List.of("<train>", "<--out>", "<my runs/*>", "<--set>", "<a=b c>"),
        all.subList(all.size() - 5, all.size()));
    assertTrue(all.contains("<" + root.resolve("rl-examples/target/rl.jar").toRealPath() + ">"));
  }

  /** Java cannot read an umlaut in a path otherwise. */
  @Test
  void withoutALocale_pathsAreUtf8_andAnotherLocaleStays() throws Exception {
    for (Map<String, String> none :
        List.of(Map.<String, String>of(), Map.of("LANG", "C"), Map.of("LC_ALL", "POSIX"))) {
      assertEquals("encoding C.UTF-8", run(none, "list").out().get(0), none.toString());
    }
    assertEquals("encoding de_DE.UTF-8", run(Map.of("LANG", "de_DE.UTF-8"), "list").out().get(0));
    assertEquals(
        "encoding de_DE.ISO-8859-1",
        run(Map.of("LC_ALL", "de_DE.ISO-8859-1", "LANG", "C"), "list").out().get(0));
  }

  @Test
  void unsuitableJava_isNamedInOneLine() throws Exception {
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
    Result old = run(Map.of(), "list");
    assertEquals(1, old.exitCode());
    assertEquals(
        "rl: Java 17 or newer is needed; %s is 11\n".formatted(home.resolve("bin/java")),
        old.err());
    Result missing = run(Map.of("JAVA_HOME", folder.resolve("nothing").toString()), "list");
    assertEquals(1, missing.exitCode());
    assertTrue(missing.err().startsWith("rl: JAVA_HOME is "), missing.err());
    assertEquals(1, missing.err().lines().count(), missing.err());
  }
}
