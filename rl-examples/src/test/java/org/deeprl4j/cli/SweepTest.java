package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeprl4j.envs.classic.CartPole;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Studies by the command line. */
final class SweepTest {
  /** Small and quick, with several iterations. */
  private static final String SMALL =
      " --set hidden=8 --set environments=2 --set rolloutSteps=64 --set batchSize=64 --episodes 3";

  @TempDir Path folder;

  private Cli sweep(String options, Path out) {
    List<Object> arguments = new ArrayList<>(List.of("sweep"));
    arguments.addAll(Arrays.asList(options.strip().split("\\s+")));
    arguments.add("--out");
    arguments.add(out);
    return Cli.run(arguments.toArray());
  }

  private static JsonNode json(Path file) throws Exception {
    return new ObjectMapper().readTree(file.toFile());
  }

  private static byte[] summary(Path study) throws Exception {
    return Files.readAllBytes(study.resolve("summary.json"));
  }

  @Test
  void gridOfSettingsAndSeeds_isAStudy() throws Exception {
    Path out = folder.resolve("study");
    Cli done =
        sweep(
            "ppo --env CartPole-v1 --seeds 1-3 --steps 512 --set learningRate=1e-3|1e-2 --target"
                + " 500 --threshold 10 --jobs 2"
                + SMALL,
            out);
    assertEquals(0, done.exitCode(), done.err());
    assertTrue(done.err().contains("6 runs of 2 variants"), done.err());
    JsonNode environment = json(out.resolve("summary.json")).get("environments").get(0);
    assertEquals("CartPole-v1", environment.get("environment").textValue());
    assertEquals(2, environment.get("groups").size());
    for (JsonNode group : environment.get("groups")) {
      assertEquals(3, group.get("runs").intValue());
      assertEquals("[1,2,3]", group.get("seeds").toString());
      double sum = 0;
      for (int s = 0; s < 3; s++) {
        Path run =
            out.resolve(group.get("label").textValue().replace(' ', '-') + "-CartPole-v1")
                .resolve("seed-" + (s + 1));
        double mean = json(run.resolve("evaluation.json")).get(0).get("meanReturn").doubleValue();
        assertEquals(mean, group.get("returns").get(s).doubleValue());
        sum += mean;
      }
      JsonNode mean = group.get("mean");
      assertEquals(sum / 3, mean.get("value").doubleValue(), 1e-9);
      assertTrue(mean.get("low").doubleValue() <= mean.get("value").doubleValue());
      assertTrue(mean.get("high").doubleValue() >= mean.get("value").doubleValue());
      assertEquals(500 - sum / 3, group.get("optimalityGap").get("value").doubleValue(), 1e-9);
      assertEquals(3, group.get("stepsToThreshold").get("reached").intValue());
    }
    assertEquals(1, environment.get("improvements").size());
    List<String> results = Files.readAllLines(out.resolve("results.csv"));
    assertEquals(7, results.size());
    assertTrue(results.get(1).contains(",CartPole-v1,1,complete,512,"), results.get(1));
    String table = Files.readString(out.resolve("summary.md"));
    assertTrue(table.contains("| learningRate | 0.001 | 0.01 |"), table);
    assertTrue(done.out().contains("### CartPole-v1"), done.out());
  }

  /** A run of the study is the run that train makes. */
  @Test
  void runs_areThoseOfTrain_whateverRunsBesides() throws Exception {
    Path out = folder.resolve("study");
    String options = "ppo --env CartPole-v1 --steps 512" + SMALL;
    Cli done = sweep(options + " --seeds 1-4 --jobs 3", out);
    assertEquals(0, done.exitCode(), done.err());
    Path alone = folder.resolve("alone");
    List<Object> train = new ArrayList<>(List.of("train"));
    train.addAll(Arrays.asList(options.split(" +")));
    train.addAll(List.of("--seed", 3, "--out", alone));
    assertEquals(0, Cli.run(train.toArray()).exitCode());
    Path inStudy;
    try (var found = Files.walk(out)) {
      inStudy = found.filter(p -> p.endsWith("seed-3")).findFirst().orElseThrow();
    }
    assertArrayEquals(
        Files.readAllBytes(alone.resolve("policy.bin")),
        Files.readAllBytes(inStudy.resolve("policy.bin")));
    assertEquals(json(alone.resolve("evaluation.json")), json(inStudy.resolve("evaluation.json")));
  }

  /** More jobs, more commands and other order change no byte. */
  @Test
  void summary_dependsOnTheRunsAlone() throws Exception {
    String options = "ppo --env CartPole-v1 --steps 512" + SMALL;
    Path whole = folder.resolve("whole");
    assertEquals(0, sweep(options + " --seeds 1-4 --jobs 4", whole).exitCode());
    Path grown = folder.resolve("grown");
    assertEquals(0, sweep(options + " --seeds 1-2 --jobs 1", grown).exitCode());
    assertFalse(Arrays.equals(summary(whole), summary(grown)));
    Cli more = sweep(options + " --seeds 1-4 --jobs 2", grown);
    assertEquals(0, more.exitCode(), more.err());
    assertArrayEquals(summary(whole), summary(grown));
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("summary.md")),
        Files.readAllBytes(grown.resolve("summary.md")));
  }

  /** A cart-pole that fails after so many steps in this program, once. */
  public static final class FailsOnce extends MdpWrapper {
    static final AtomicInteger LEFT = new AtomicInteger(Integer.MAX_VALUE);

    public FailsOnce() {
      super(new TimeLimit(new CartPole(), 500));
    }

    @Override
    public void step(float[] action, Step next) {
      if (LEFT.getAndDecrement() == 0) {
        throw new IllegalStateException("the cable is off");
      }
      super.step(action, next);
    }
  }

  @Test
  void runThatFails_isReported_theOthersGoOn_andTheSameCommandTriesAgain() throws Exception {
    String options =
        "ppo --env %s --seeds 1-3 --steps 512 --jobs 1".formatted(FailsOnce.class.getName())
            + SMALL;
    FailsOnce.LEFT.set(200);
    Path out = folder.resolve("study");
    Cli failed = sweep(options, out);
    assertEquals(1, failed.exitCode(), failed.err());
    assertTrue(failed.err().contains("seed 1 failed: "), failed.err());
    assertTrue(failed.err().contains("the cable is off"), failed.err());
    List<String> rows = Files.readAllLines(out.resolve("results.csv"));
    assertTrue(rows.get(1).contains(",1,failed,") && rows.get(1).contains("cable"), rows.get(1));
    assertTrue(rows.get(2).contains(",2,complete,"), rows.get(2));
    assertTrue(rows.get(3).contains(",3,complete,"), rows.get(3));
    assertTrue(Files.readString(out.resolve("summary.md")).contains("| 2 of 3 |"));
    Cli again = sweep(options, out);
    assertEquals(0, again.exitCode(), again.err());
    Path whole = folder.resolve("whole");
    assertEquals(0, sweep(options, whole).exitCode());
    assertArrayEquals(summary(whole), summary(out));
  }

  /** Killed at random moments, the start among them, and again. */
  @Test
  void killedAgainAndAgain_theSameCommandEndsWithTheSameSummary() throws Exception {
    String options =
        "sweep ppo --env CartPole-v1 --seeds 1-4 --steps 40000 --jobs 2 --checkpoint-every 2000"
            + " --evaluate-every 10000"
            + SMALL
            + " --out ";
    Path whole = folder.resolve("whole");
    assertEquals(0, Cli.run((Object[]) (options + whole).split(" ")).exitCode());
    Path killed = folder.resolve("killed");
    Killed.atRandom(
        3,
        killed.resolve("study.json"),
        1500,
        folder.resolve("log"),
        (Object[]) (options + killed).split(" "));
    Cli last = Cli.run((Object[]) (options + killed).split(" "));
    assertEquals(0, last.exitCode(), last.err());
    assertArrayEquals(summary(whole), summary(killed));
  }

  @Test
  void wrappers_areThoseOfEveryRun() throws Exception {
    Path out = folder.resolve("wrapped");
    String options =
        "sweep ppo --env CartPole-v1 --seeds 1-2 --steps 128 --wrap frame-stack=2" + SMALL;
    Cli result = Cli.run((Object[]) (options + " --out " + out).split(" "));
    assertEquals(0, result.exitCode(), result.err());
    try (var found = Files.walk(out)) {
      List<Path> runs = found.filter(p -> p.endsWith("config.json")).toList();
      assertEquals(2, runs.size());
      for (Path run : runs) {
        assertEquals("[\"frame-stack=2\"]", json(run).get("wrappers").toString());
      }
    }
  }

  @Test
  void otherStudyInTheSameDirectory_isRefused() {
    String options = "ppo --env CartPole-v1 --seeds 1-2 --jobs 2" + SMALL;
    Path out = folder.resolve("study");
    assertEquals(0, sweep(options + " --steps 256", out).exitCode());
    Cli longer = sweep(options + " --steps 512", out);
    assertEquals(2, longer.exitCode());
    assertTrue(longer.err().contains("totalSteps is 256 there and 512 here"), longer.err());
    Cli less = sweep(options.replace("1-2", "2") + " --steps 256", out);
    assertEquals(2, less.exitCode());
    assertTrue(less.err().contains("it may have more, not less"), less.err());
    Cli other = sweep(options + " --steps 256 --set gamma=0.9", out);
    assertEquals(2, other.exitCode());
    assertTrue(other.err().contains("is not in this one"), other.err());
  }

  /** A scheduler is found by its address, and told what executors must know. */
  @Test
  void on_executesRunsElsewhere() throws Exception {
    String options = "ppo --env CartPole-v1 --steps 512 --seeds 1-3" + SMALL;
    Path here = folder.resolve("here");
    assertEquals(0, sweep(options, here).exitCode());
    Path there = folder.resolve("there");
    ElsewhereProvider.TOLD.clear();
    Cli done = sweep(options + " --on elsewhere:1 --shared " + folder.resolve("shared"), there);
    assertEquals(0, done.exitCode(), done.err());
    assertTrue(done.err().contains(", on elsewhere:1"), done.err());
    assertFalse(done.err().contains("0 steps/s"), done.err());
    assertEquals(
        List.of("elsewhere:1 [] " + folder.resolve("shared"), "closed"), ElsewhereProvider.TOLD);
    assertArrayEquals(summary(here), summary(there));
    Cli within = sweep(options + " --on elsewhere:1 --shared " + there.resolve("x"), there);
    assertEquals(2, within.exitCode());
    assertTrue(within.err().contains("--shared must be another directory"), within.err());
  }

  /** An environment of the user's is made elsewhere from what the command line says here. */
  @Test
  void on_takesTheClasspathAlong() throws Exception {
    ElsewhereProvider.TOLD.clear();
    Cli done =
        sweep(
            "ppo --steps 128 --seeds 1 --max-episode-steps 20 --on elsewhere:2 --env "
                + FailsOnce.class.getName()
                + " --classpath target/test-classes"
                + SMALL,
            folder.resolve("study"));
    assertEquals(0, done.exitCode(), done.err());
    assertEquals(
        "elsewhere:2 [--classpath, " + Path.of("target/test-classes").toAbsolutePath() + "] null",
        ElsewhereProvider.TOLD.get(0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "ppo --seeds 1 --steps 9 > sweep needs --env ENV, --seeds LIST and --steps N, or a study"
            + " file",
        "ppo --env CartPole-v1 --seeds one --steps 9 > sweep: seeds must be numbers and ranges",
        "ppo --env CartPole-v1 --seeds 1 --steps 0 > sweep: steps must be at least 1, not 0",
        "ppo --env CartPole-v1 --seeds 1 --steps 9 --jobs 0 > jobs must be in [1, 1024], not 0",
        "ppo --env CartPole-v1 --seeds 1 --steps 9 --on spark:x > --on spark:x"
            + " needs Apache Spark 4.1 and rl-spark.jar on the class path",
        "ppo --env CartPole-v1 --seeds 1 --steps 9 --on http://x > --on must be spark://HOST:PORT or"
            + " local[N], not 'http://x'",
        "ppo --env CartPole-v1 --seeds 1 --steps 9 --on elsewhere: --jobs 2 > --jobs is for runs in"
            + " this program",
        "ppo --env CartPole-v1 --seeds 1 --steps 9 --shared x > --shared is for runs on a cluster",
        "ppo --env CartPole-v1 --seeds 1 --steps 9 --set gamma > --set takes name=value or"
            + " name=a|b|c, not 'gamma'",
        "ppo --env CartPole-v1 --seeds 1 --steps 9 --set gamma=1|2 > gamma must be in [0.0, 1.0],"
            + " not 2.0",
        "ppo --env CartPole-v1 --seeds 1 --steps 9 --set klPenalty=2 > klPenalty = 2.0 has no"
            + " effect with objective = CLIP",
        "ppo --env CartPole --seeds 1 --steps 9 > no environment 'CartPole'",
        "sac --env CartPole-v1 --seeds 1 --steps 9 > Box",
        "po --env CartPole-v1 --seeds 1 --steps 9 > no algorithm 'po'",
        "none.yaml > there is no study file none.yaml",
        "none.yaml --steps 9 > a study file says everything of its runs: leave out --steps"
      })
  void badInput_isOneLine_beforeAnythingIsWritten(String options, String message) {
    Path out = folder.resolve("study");
    Cli refused = sweep(options, out);
    assertEquals(2, refused.exitCode(), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().contains(message.strip()), refused.err());
    assertFalse(Files.exists(out));
  }
}
