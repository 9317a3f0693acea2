package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies and runs side by side. */
final class CompareTest {
  private static final String SMALL =
      " --env CartPole-v1 --steps 512 --set hidden=8 --set environments=2 --set rolloutSteps=64"
          + " --set batchSize=64 --episodes 3";

  @TempDir Path folder;

  private Path made(String command, String name, Object... more) {
    Path out = folder.resolve(name);
    List<Object> arguments = new ArrayList<>(Arrays.asList((command + SMALL).split(" +")));
    arguments.addAll(Arrays.asList(more));
    arguments.addAll(List.of("--out", out));
    Cli done = Cli.run(arguments.toArray());
    assertEquals(0, done.exitCode(), done.err());
    return out;
  }

  private static JsonNode groups(Path comparison) throws Exception {
    return new ObjectMapper()
        .readTree(comparison.resolve("summary.json").toFile())
        .get("environments")
        .get(0)
        .get("groups");
  }

  @Test
  void studiesAndRuns_sideBySide() throws Exception {
    Path study = made("sweep ppo", "study", "--seeds", "1-2");
    Path other = made("sweep ppo", "other", "--seeds", "1-2", "--set", "gamma=0.5");
    Path first = made("train ppo", "first", "--seed", 1);
    Path second = made("train ppo", "second", "--seed", 2);
    Path out = folder.resolve("comparison");
    Cli compared =
        Cli.run(
            "compare",
            study,
            other,
            first,
            second,
            "--target",
            500,
            "--threshold",
            5,
            "--out",
            out);
    assertEquals(0, compared.exitCode(), compared.err());
    JsonNode groups = groups(out);
    assertEquals(3, groups.size(), "the two runs differ in their seeds alone");
    assertEquals(2, groups.get(2).get("runs").intValue());
    // The runs are those of the study: the same figures, intervals and curves.
    for (String figure :
        List.of("returns", "mean", "interquartileMean", "optimalityGap", "curve")) {
      assertEquals(groups.get(0).get(figure), groups.get(2).get(figure), figure);
    }
    assertTrue(compared.out().contains("### Settings that differ"), compared.out());
    assertTrue(compared.out().contains("| gamma |"), compared.out());
    assertTrue(compared.out().contains("IQM of the curves after so many steps"), compared.out());
    assertTrue(Files.exists(out.resolve("report.html")));
    assertTrue(Files.exists(out.resolve("curves-CartPole-v1.png")));
  }

  /** Two studies of the same settings are told apart by their directories. */
  @Test
  void sameLabel_getsItsDirectory() throws Exception {
    Path study = made("sweep ppo", "study", "--seeds", "1");
    Path other = made("sweep ppo", "other", "--seeds", "2");
    Path out = folder.resolve("comparison");
    assertEquals(0, Cli.run("compare", study, other, "--out", out).exitCode());
    assertTrue(groups(out).get(0).get("label").textValue().endsWith(" in " + study));
    assertTrue(groups(out).get(1).get("label").textValue().endsWith(" in " + other));
    byte[] before = Files.readAllBytes(out.resolve("summary.json"));
    Cli again = Cli.run("compare", study, "--out", out);
    assertEquals(2, again.exitCode());
    assertTrue(again.err().contains("exists; name another directory"), again.err());
    assertArrayEquals(before, Files.readAllBytes(out.resolve("summary.json")));
  }

  @Test
  void whatIsNeither_isRefused() throws Exception {
    Path nothing = Files.createDirectory(folder.resolve("nothing"));
    Cli refused = Cli.run("compare", nothing);
    assertEquals(2, refused.exitCode());
    assertEquals("rl: there is no study and no run in " + nothing, refused.err().strip());
    Path run = folder.resolve("run");
    assertEquals(
        0,
        Cli.run(
                (Object[])
                    ("train ppo" + SMALL.replace("--episodes 3", "--episodes 0") + " --out " + run)
                        .split(" +"))
            .exitCode());
    Cli unevaluated = Cli.run("compare", run);
    assertEquals(2, unevaluated.exitCode());
    assertTrue(unevaluated.err().contains("none of these runs is complete"), unevaluated.err());
  }
}
