package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs as a user starts them, and what they leave. */
final class TrainTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private Path train(String name, Object... more) {
    Path run = folder.resolve(name);
    List<Object> arguments =
        new ArrayList<>(List.of("train", "ppo", "--env", "CartPole-v1", "--out", run));
    arguments.addAll(List.of(more));
    Cli result = Cli.run(arguments.toArray());
    assertEquals(0, result.exitCode(), result.err());
    return run;
  }

  private static List<String> metricsWithoutTime(Path run) throws IOException {
    try (Stream<String> lines = Files.lines(run.resolve("metrics.csv"))) {
      return lines.map(line -> line.replaceFirst("(,[^,]*){2}", "")).toList();
    }
  }

  private static void assertSameBits(Path expected, Path actual) throws IOException {
    assertEquals(metricsWithoutTime(expected), metricsWithoutTime(actual));
    assertArrayEquals(
        Files.readAllBytes(expected.resolve("policy.bin")),
        Files.readAllBytes(actual.resolve("policy.bin")));
  }

  @Test
  void train_thenEvaluate() throws Exception {
    Path run = folder.resolve("run");
    Cli result =
        Cli.run(
            "train",
            "ppo",
            "--env",
            "CartPole-v1",
            "--steps",
            2048,
            "--seed",
            7,
            "--out",
            run,
            "--evaluate-every",
            1024,
            "--set",
            "gamma=0.95");
    assertEquals(0, result.exitCode(), result.err());
    List<String> lines = result.out().lines().toList();
    assertTrue(
        lines.get(lines.size() - 1).matches("trained 2048 steps in [0-9.]+ s: [0-9]+ steps/s"),
        result.out());
    assertTrue(result.err().contains("kernels: "), result.err());
    try (Stream<Path> files = Files.list(run)) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.equals("checkpoint-1.bin")) // of a run of 10 seconds or more
              .sorted()
              .toList();
      assertEquals(10, names.size(), names.toString());
      assertTrue(
          names.containsAll(
              List.of(
                  "best.bin",
                  "checkpoint.bin",
                  "config.json",
                  "episodes.csv",
                  "evaluation.json",
                  "lock",
                  "metrics.csv",
                  "origin",
                  "policy.bin")),
          names.toString());
      assertTrue(names.stream().anyMatch(name -> name.startsWith("events.out.tfevents.")));
    }
    JsonNode config = JSON.readTree(run.resolve("config.json").toFile());
    assertEquals("ppo", config.get("algorithm").asText());
    assertEquals(7, config.get("seed").asInt());
    assertEquals(0.95, config.at("/configuration/gamma").asDouble());
    assertEquals(8, config.at("/configuration/environments").asInt(), "from the preset");
    assertTrue(config.get("compute").asText().contains("thread"));
    assertTrue(config.at("/versions/commit").asText().matches("unknown|[0-9a-f]{40}.*"));

    Cli evaluated = Cli.run("evaluate", run, "--episodes", 5, "--json");
    assertEquals(0, evaluated.exitCode(), evaluated.err());
    JsonNode json = JSON.readTree(evaluated.out());
    assertEquals(5, json.get("returns").size());
    double sum = 0;
    for (JsonNode one : json.get("returns")) {
      sum += one.asDouble();
    }
    assertEquals(sum / 5, json.get("meanReturn").asDouble(), 1e-9);
    assertEquals(json.get("meanReturn").asDouble(), json.get("meanLength").asDouble(), 1e-9);
    assertTrue(json.has("stdReturn"));
    assertFalse(json.has("successRate"), "CartPole defines no success");
    assertEquals(
        evaluated.out(),
        Cli.run("evaluate", run, "--episodes", 5, "--json", "--seed", 10_007).out());
    assertNotEquals(
        evaluated.out(), Cli.run("evaluate", run, "--episodes", 5, "--json", "--seed", 3).out());
    assertEquals(0, Cli.run("evaluate", run, "--episodes", 2, "--policy", "best").exitCode());
  }

  @Test
  void configurationFile_presetAndSet_inThatOrder() throws Exception {
    Path file = folder.resolve("c.json");
    Files.writeString(file, "{\"gamma\": 0.9, \"epochs\": 2}");
    Path run =
        train(
            "run",
            "--steps",
            256,
            "--config",
            file,
            "--set",
            "epochs=3",
            "--preset",
            "sb3-default",
            "--set",
            "hidden=8,8",
            "--set",
            "rolloutSteps=128");
    JsonNode config = JSON.readTree(run.resolve("config.json").toFile()).get("configuration");
    assertEquals(0.9, config.get("gamma").asDouble());
    assertEquals(3, config.get("epochs").asInt());
    assertEquals(1, config.get("environments").asInt());
    assertEquals("[8,8]", config.get("hidden").toString());
  }

  @Test
  void sameSeed_sameBits_whateverTheThreads() throws Exception {
    Path one = train("one", "--steps", 4096, "--seed", 5, "--threads", 1);
    Path two = train("two", "--steps", 4096, "--seed", 5, "--threads", 2);
    Path other = train("other", "--steps", 4096, "--seed", 6);
    assertSameBits(one, two);
    assertNotEquals(metricsWithoutTime(one), metricsWithoutTime(other));
  }

  @Test
  void resumeWithoutCheckpoint_asksForRestart() throws Exception {
    Path run = train("run", "--steps", 2048);
    Path again = train("again", "--steps", 2048);
    Files.delete(again.resolve("checkpoint.bin"));
    Files.deleteIfExists(again.resolve("checkpoint-1.bin"));
    byte[] metrics = Files.readAllBytes(again.resolve("metrics.csv"));
    Cli refused = Cli.run("train", "--resume", again);
    assertEquals(2, refused.exitCode(), refused.err());
    assertTrue(refused.err().contains("has no whole checkpoint; add --restart"), refused.err());
    assertArrayEquals(metrics, Files.readAllBytes(again.resolve("metrics.csv")));
    Cli restarted = Cli.run("train", "--resume", again, "--restart");
    assertEquals(0, restarted.exitCode(), restarted.err());
    assertSameBits(run, again);
    // Nothing of a damaged checkpoint, which is read before it is known to be damaged, is left.
    for (String name : List.of("checkpoint.bin", "checkpoint-1.bin")) {
      Path file = again.resolve(name);
      if (Files.exists(file)) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 9] ^= 1;
        Files.write(file, bytes);
      }
    }
    Cli anew = Cli.run("train", "--resume", again, "--restart");
    assertEquals(0, anew.exitCode(), anew.err());
    assertSameBits(run, again);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ppo | 1024 | 100 | an iteration has 256 steps, so evaluations take place every 256 steps | 256 512 768 1024",
        "ppo | 1024 | 300 | an iteration has 256 steps, so evaluations take place up to 255 steps later | 512 768 1024",
        "ppo | 1024 | 512 | | 512 1024",
        "a2c | 840 | 40 | an iteration has 280 steps, so evaluations take place every 280 steps | 280 560 840",
        "dqn | 2000 | 500 | an iteration has 1000 steps, so evaluations take place every 1000 steps | 1000 2000",
        "async-nstep-q | 4096 | 100 | an iteration has 2048 steps, so evaluations take place every 2048 steps | 2058 4096",
        "reinforce | 300 | 300 | an iteration ends with an episode, so evaluations take place at the first end after that | 300",
      })
  void evaluations_takePlaceWhenTheRunSays(
      String algorithm, long steps, long every, String line, String expected) throws Exception {
    Path run = folder.resolve("run");
    List<Object> arguments = new ArrayList<>(List.of("train", algorithm, "--env", "CartPole-v1"));
    arguments.addAll(List.of("--steps", steps, "--evaluate-every", every, "--episodes", 1));
    arguments.addAll(List.of("--out", run, "--set", "hidden=8"));
    if (algorithm.startsWith("async")) {
      arguments.addAll(List.of("--set", "actorLearners=1"));
    }
    Cli result = Cli.run(arguments.toArray());
    assertEquals(0, result.exitCode(), result.err());
    assertEquals(
        line == null ? List.of() : List.of("--evaluate-every " + every + ": " + line),
        result.err().lines().filter(said -> said.startsWith("--evaluate-every")).toList());
    List<String> at = new ArrayList<>();
    for (JsonNode one : JSON.readTree(run.resolve("evaluation.json").toFile())) {
      at.add(one.get("steps").asText());
    }
    assertEquals(expected, String.join(" ", at));
  }

  @Test
  void keep_saysHowManyCheckpointsAreLeft() throws Exception {
    Path run = train("run", "--steps", 2048, "--checkpoint-every", 256, "--keep", 3);
    try (Stream<Path> files = Files.list(run)) {
      assertEquals(
          List.of("checkpoint-1.bin", "checkpoint-2.bin", "checkpoint.bin"),
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.startsWith("checkpoint"))
              .sorted()
              .toList());
    }
  }

  @Test
  void killedAndResumed_isAsIfNeverStopped() throws Exception {
    Object[] options = {"--steps", 60_000, "--checkpoint-every", 5_000, "--seed", 3};
    Path whole = train("whole", options);

    Path killed = folder.resolve("killed");
    List<Object> arguments = new ArrayList<>(List.of("train", "ppo", "--env", "CartPole-v1"));
    arguments.addAll(List.of("--out", killed));
    arguments.addAll(List.of(options));
    Process process =
        new ProcessBuilder(Cli.process(arguments.toArray()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    Path checkpoint = killed.resolve("checkpoint.bin");
    while (process.isAlive() && !Files.exists(checkpoint)) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    process.destroyForcibly().waitFor();
    assertTrue(Files.exists(checkpoint), () -> "no checkpoint; see " + folder.resolve("log"));
    assertFalse(Files.exists(killed.resolve("evaluation.json")), "the run ended before the kill");

    Cli resumed = Cli.run("train", "--resume", killed);
    assertEquals(0, resumed.exitCode(), resumed.err());
    assertSameBits(whole, killed);
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("evaluation.json")),
        Files.readAllBytes(killed.resolve("evaluation.json")));
  }

  @Test
  void listCheckTracePlot() throws Exception {
    String list = Cli.run("list").out();
    assertTrue(list.contains("ppo ") && list.contains("Pendulum-v1 "), list);
    assertTrue(list.contains("--env-arg: model, hand, torque"), list);
    assertEquals(0, Cli.run("check", "--env", "Pendulum-v1").exitCode());
    Cli broken = Cli.run("check", "--env", BrokenEnvironments.class.getName() + "$NanReward");
    assertNotEquals(0, broken.exitCode());
    assertTrue(broken.out().contains("NaN"), broken.out());

    Path states = folder.resolve("states.json");
    Path actions = folder.resolve("actions.json");
    Files.writeString(states, "[[0, 0, 0, 0], [0, 0, 0.3, 0]]");
    Files.writeString(actions, "[[1], [0]]");
    Cli trace =
        Cli.run(
            "trace", "--env", "CartPole-v1", "--states", states, "--actions", actions, "--json");
    assertEquals(0, trace.exitCode(), trace.err());
    List<String> rows = trace.out().lines().toList();
    assertEquals(2, rows.size());
    JsonNode first = JSON.readTree(rows.get(0));
    // from rest, a push of 10 N for 0.02 s on 1 kg of cart and 0.1 kg of pole
    assertEquals(0.195122, first.get("state").get(1).asDouble(), 1e-6);
    assertEquals(1, first.get("reward").asDouble());
    assertFalse(first.get("terminated").asBoolean());
    JsonNode second = JSON.readTree(rows.get(1));
    assertTrue(second.get("terminated").asBoolean(), "the pole is beyond 12 degrees");
    assertFalse(second.get("truncated").asBoolean());
    assertEquals(4, second.get("observation").size());
    Cli text = Cli.run("trace", "--env", "CartPole-v1", "--states", states, "--actions", actions);
    assertEquals(0, text.exitCode(), text.err());
    assertTrue(
        text.out()
            .lines()
            .toList()
            .get(1)
            .matches("state \\[.*], observation \\[.*], reward 1.0, terminated"),
        text.out());
    Files.writeString(actions, "[[1], [0]] [[1]]");
    Cli trailing =
        Cli.run("trace", "--env", "CartPole-v1", "--states", states, "--actions", actions);
    assertEquals(2, trailing.exitCode(), trailing.out());
    assertTrue(trailing.err().contains("actions.json"), trailing.err());

    Path run = train("plotted", "--steps", 2048);
    Path picture = folder.resolve("curve.png");
    Cli plot = Cli.run("plot", run, "--out", picture);
    assertEquals(0, plot.exitCode(), plot.err());
    assertEquals(800, javax.imageio.ImageIO.read(picture.toFile()).getWidth());
  }

  /** What programs read does not depend on who runs it: no 195,30 in German. */
  @Test
  void numbers_haveAPoint_inEveryLanguage() throws Exception {
    List<String> command =
        Cli.process(
            "train", "a2c", "--env", "CartPole-v1", "--steps", 200, "--out", folder.resolve("run"));
    command.add(1, "-Duser.language=de");
    Path out = folder.resolve("out.txt");
    Process java =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    assertTrue(java.waitFor(120, TimeUnit.SECONDS));
    String said = Files.readString(out);
    assertTrue(
        said.matches(
            "(?s).*mean return \\d+\\.\\d\\d ± .*trained 200 steps in \\d+\\.\\d s: \\d+ steps/s\\s*"),
        said);
  }
}
