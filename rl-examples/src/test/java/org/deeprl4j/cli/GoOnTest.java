package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Longer runs, other settings on the way, and rules that end a run. */
final class GoOnTest {
  @TempDir Path folder;

  private Cli train(Path run, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of("train", "ppo", "--env", "CartPole-v1", "--preset", "sb3-default", "--out"));
    arguments.add(run);
    arguments.addAll(Arrays.asList(more));
    return Cli.run(arguments.toArray());
  }

  /** All columns but the seconds. */
  private static List<String> metrics(Path run) throws Exception {
    return Files.readAllLines(run.resolve("metrics.csv")).stream()
        .map(line -> line.replaceFirst("(,[^,]*){2},", ","))
        .toList();
  }

  /** All columns but the last one, the seconds. */
  private static List<String> episodes(Path run) throws Exception {
    return Files.readAllLines(run.resolve("episodes.csv")).stream()
        .map(line -> line.substring(0, line.lastIndexOf(',')))
        .toList();
  }

  /** The evaluation at the end of the short run is one of the way of the long one. */
  @Test
  void longerRun_hasTheEvaluationsOfThatLength() throws Exception {
    Path extended = folder.resolve("extended");
    Path whole = folder.resolve("whole");
    Object[] evaluated = {"--evaluate-every", 2048, "--episodes", 2, "--steps"};
    assertEquals(0, train(extended, more(evaluated, 4096)).exitCode());
    assertEquals(0, Cli.run("train", "--resume", extended, "--steps", 6144).exitCode());
    assertEquals(0, train(whole, more(evaluated, 6144)).exitCode());
    ObjectMapper json = new ObjectMapper();
    JsonNode evaluations = json.readTree(whole.resolve("evaluation.json").toFile());
    assertEquals(3, evaluations.size());
    assertEquals(evaluations, json.readTree(extended.resolve("evaluation.json").toFile()));
  }

  private static Object[] more(Object[] arguments, Object last) {
    Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = last;
    return all;
  }

  /** Iterations have 2048 steps, and the learning rate is constant. */
  @Test
  void longerRun_isTheRunOfThatLength() throws Exception {
    Path extended = folder.resolve("extended");
    Path whole = folder.resolve("whole");
    assertEquals(0, train(extended, "--steps", 2048, "--episodes", 0).exitCode());
    Cli longer = Cli.run("train", "--resume", extended, "--steps", 6144);
    assertEquals(0, longer.exitCode(), longer.err());
    assertTrue(longer.err().contains("from step 2048 on: 6144 steps in all"), longer.err());
    assertEquals(0, train(whole, "--steps", 6144, "--episodes", 0).exitCode());
    assertEquals(metrics(whole), metrics(extended));
    assertEquals(episodes(whole), episodes(extended));
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("policy.bin")),
        Files.readAllBytes(extended.resolve("policy.bin")));
    JsonNode config = new ObjectMapper().readTree(extended.resolve("config.json").toFile());
    assertEquals(6144, config.get("totalSteps").longValue());
    assertEquals(
        "[{\"steps\":2048,\"totalSteps\":6144,\"settings\":{}}]", config.get("changes").toString());
    // A further resume takes the new length from the directory.
    Cli again = Cli.run("train", "--resume", extended);
    assertEquals(0, again.exitCode(), again.err());
  }

  @Test
  void settings_changeFromThereOn_andWhatCannotChangeIsRefused() throws Exception {
    Path run = folder.resolve("run");
    assertEquals(0, train(run, "--steps", 2048, "--episodes", 0).exitCode());
    Cli changed = Cli.run("train", "--resume", run, "--steps", 4096, "--set", "learningRate=1e-5");
    assertEquals(0, changed.exitCode(), changed.err());
    JsonNode config = new ObjectMapper().readTree(run.resolve("config.json").toFile());
    assertEquals("1.0E-5", config.get("configuration").get("learningRate").asText());
    JsonNode change = config.get("changes").get(0);
    assertEquals(2048, change.get("steps").longValue());
    assertEquals(1, change.get("settings").size());
    List<String> rows = Files.readAllLines(run.resolve("metrics.csv"));
    int column = List.of(rows.get(0).split(",")).indexOf("learning_rate");
    assertEquals("3.0E-4", rows.get(1).split(",")[column]);
    assertEquals("1.0E-5", rows.get(2).split(",")[column]);

    byte[] before = Files.readAllBytes(run.resolve("config.json"));
    Cli silent =
        Cli.run("train", "--resume", run, "--steps", 8192, "--set", "adaptiveKlTarget=0.1");
    assertEquals(2, silent.exitCode(), silent.err());
    assertTrue(
        silent.err().contains("adaptiveKlTarget = 0.1 has no effect with objective = CLIP"),
        silent.err());
    Cli wider = Cli.run("train", "--resume", run, "--steps", 8192, "--set", "hidden=8");
    assertEquals(2, wider.exitCode(), wider.err());
    Cli shorter = Cli.run("train", "--resume", run, "--steps", 4096, "--set", "gamma=0.9");
    assertEquals(2, shorter.exitCode(), shorter.err());
    assertTrue(shorter.err().contains("more than the 4096 steps"), shorter.err());
    assertArrayEquals(before, Files.readAllBytes(run.resolve("config.json")));
  }

  @ParameterizedTest
  @CsvSource({
    "--stop-at, 5, 2048, the mean return",
    "--patience, 1, 4096, no better evaluation in 1",
    "--max-minutes, 1e-6, 2048, it has trained for 0.0 minutes",
    "--max-episodes, 3, 2048, episodes have ended"
  })
  void rule_endsTheRun(String option, String value, long most, String why) {
    Path run = folder.resolve("run");
    Cli ended =
        train(
            run,
            "--steps",
            20480,
            "--evaluate-every",
            2048,
            "--episodes",
            2,
            // a policy that does not change is never the best for a second time
            "--set",
            "learningRate=0",
            option,
            value);
    assertEquals(0, ended.exitCode(), ended.err());
    assertTrue(ended.out().startsWith("ended at " + most + " steps, since "), ended.out());
    assertTrue(ended.out().contains(why), ended.out());
    assertTrue(ended.out().contains("evaluation over 2 episodes"), ended.out());
  }

  @Test
  void rulesThatLookAtEvaluations_needSome() {
    Cli refused = train(folder.resolve("run"), "--steps", 2048, "--stop-at", 475);
    assertEquals(2, refused.exitCode());
    assertTrue(refused.err().contains("--evaluate-every"), refused.err());
    assertNotEquals(true, Files.exists(folder.resolve("run")));
  }
}
