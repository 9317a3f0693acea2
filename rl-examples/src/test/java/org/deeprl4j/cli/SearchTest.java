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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Searches by the command line. */
final class SearchTest {
  private static final String SPACE =
      """
      learningRate: {range: [1.0e-5, 0.1], scale: log}
      objective: {values: [CLIP, CPI]}
      clipRange: {range: [0.05, 0.4], when: {objective: CLIP}}
      epochs: {range: [1, 4]}
      """;

  @TempDir Path folder;

  private Path space;

  @BeforeEach
  void writeSpace() throws Exception {
    space = Files.writeString(folder.resolve("space.yaml"), SPACE);
  }

  /** Small and quick: rungs of 256, 512 and 1024 steps, with iterations of 256. */
  private String small(String environment) {
    return "ppo --env "
        + environment
        + " --preset sb3-default --set hidden=8 --set rolloutSteps=64 --set batchSize=64"
        + " --steps 1024 --eta 2 --rungs 3 --round 4 --trials 9 --episodes 2 --final-seeds 1-2"
        + " --final-episodes 3 --jobs 2 --space "
        + space;
  }

  private static Object[] arguments(String options, Path out) {
    List<Object> arguments = new ArrayList<>(List.of("search"));
    arguments.addAll(Arrays.asList(options.strip().split("\\s+")));
    arguments.addAll(List.of("--out", out));
    return arguments.toArray();
  }

  private static Cli search(String options, Path out) {
    return Cli.run(arguments(options, out));
  }

  private static JsonNode json(Path file) throws Exception {
    return new ObjectMapper().readTree(file.toFile());
  }

  private static JsonNode trials(Path out) throws Exception {
    return json(out.resolve("search.json")).get("trials");
  }

  @Test
  void trialsClimbRungs_andTheBestIsEvaluatedOnOtherSeeds() throws Exception {
    Path out = folder.resolve("search");
    Cli done = search(small("CartPole-v1"), out);
    assertEquals(0, done.exitCode(), done.err());
    JsonNode trials = trials(out);
    assertEquals(9, trials.size());
    assertEquals("{}", trials.get(0).get("settings").toString(), "the start");
    int[] climbed = new int[4];
    for (JsonNode trial : trials) {
      JsonNode rungs = trial.get("rungs");
      for (int r = 0; r < rungs.size(); r++) {
        climbed[r + 1]++;
        long steps = 256L << r;
        int seeds = r == 2 ? 2 : 1;
        assertEquals(seeds, rungs.get(r).get("returns").size());
        rungs.get(r).get("steps").forEach(taken -> assertEquals(steps, taken.longValue()));
      }
      boolean clip = !trial.get("settings").path("objective").asText("CLIP").equals("CPI");
      assertEquals(
          clip && trial.get("number").intValue() > 1, trial.get("settings").has("clipRange"));
    }
    // After five trials 2 and 1, after nine 4 and 2 in all.
    assertArrayEquals(new int[] {0, 9, 4, 2}, climbed);
    String summary = Files.readString(out.resolve("summary.md"));
    assertEquals(summary.strip(), done.out().strip());
    // 9 · 256 + 4 · 256 + 2 · (512 + 1024)
    assertTrue(summary.contains("9 trials took 6 400 environment steps."), summary);
    assertTrue(summary.contains("would have taken 9 216: 31 % are saved."), summary);
    assertTrue(summary.contains("### What mattered"), summary);
    assertTrue(summary.contains("| start |"), summary);
    String report = Files.readString(out.resolve("report.html"));
    assertTrue(report.contains("data:image/png;base64,"));
    assertFalse(report.contains("://"), "the report needs no network");
    assertTrue(Files.size(out.resolve("trials.png")) > 1000);
  }

  /** best.json is taken by train, and gives the run of the search. */
  @Test
  void survivor_isTheRunThatTrainMakesOfTheBestSettings() throws Exception {
    Path out = folder.resolve("search");
    Cli done = search(small("CartPole-v1"), out);
    assertEquals(0, done.exitCode(), done.err());
    String best = null;
    for (JsonNode trial : trials(out)) {
      if (done.err().contains("trial " + trial.get("number") + " is the best one")) {
        best = "trial-" + trial.get("number");
      }
    }
    Path survivor = out.resolve(String.valueOf(best)).resolve("seed-1002");
    Path extended = out.resolve(String.valueOf(best)).resolve("seed-1001");
    for (Path run : List.of(survivor, extended)) {
      Path alone = folder.resolve("alone-" + run.getFileName());
      Cli trained =
          Cli.run(
              "train",
              "ppo",
              "--env",
              "CartPole-v1",
              "--config",
              out.resolve("best.json"),
              "--steps",
              1024,
              "--episodes",
              2,
              "--threads",
              1,
              "--seed",
              json(run.resolve("config.json")).get("seed"),
              "--out",
              alone);
      assertEquals(0, trained.exitCode(), trained.err());
      assertArrayEquals(
          Files.readAllBytes(alone.resolve("policy.bin")),
          Files.readAllBytes(run.resolve("policy.bin")));
      assertEquals(json(alone.resolve("evaluation.json")), json(run.resolve("evaluation.json")));
    }
  }

  /** Killed at random moments, with other jobs, and again. */
  @Test
  void killedAgainAndAgain_theSameCommandEndsWithTheSameResult() throws Exception {
    String options =
        small("CartPole-v1")
            .replace("--steps 1024", "--steps 8192")
            .replace("rolloutSteps=64", "rolloutSteps=256");
    Path whole = folder.resolve("whole");
    assertEquals(0, search(options, whole).exitCode());
    Path killed = folder.resolve("killed");
    Killed.atRandom(
        3, killed.resolve("search.json"), 1200, folder.resolve("log"), arguments(options, killed));
    Cli last = search(options.replace("--jobs 2", "--jobs 4"), killed);
    assertEquals(0, last.exitCode(), last.err());
    assertEquals(trials(whole), trials(killed));
    for (String file : List.of("summary.md", "best.json", "report.html")) {
      assertArrayEquals(
          Files.readAllBytes(whole.resolve(file)), Files.readAllBytes(killed.resolve(file)), file);
    }
  }

  /** The trials, their rungs and what is said of them do not depend on where runs are. */
  @Test
  void on_executesRunsElsewhere() throws Exception {
    Files.writeString(
        space, "learningRate: {values: [1.0e-3, 1.0e+6]}\nclipRange: {range: [0.1, 0.3]}\n");
    String options = small("Pendulum-v1").replace("--jobs 2", "");
    Path here = folder.resolve("here");
    assertEquals(0, search(options, here).exitCode());
    ElsewhereProvider.TOLD.clear();
    Path there = folder.resolve("there");
    Cli done = search(options + " --on elsewhere:1 --shared " + folder.resolve("shared"), there);
    assertEquals(0, done.exitCode(), done.err());
    assertTrue(done.err().contains(", runs on elsewhere:1"), done.err());
    assertEquals(
        List.of("elsewhere:1 [] " + folder.resolve("shared"), "closed"), ElsewhereProvider.TOLD);
    assertEquals(trials(here), trials(there));
    for (String file : List.of("summary.md", "best.json", "report.html")) {
      assertArrayEquals(
          Files.readAllBytes(here.resolve(file)), Files.readAllBytes(there.resolve(file)), file);
    }
  }

  @Test
  void moreTrials_goOn_andLessOrOthersAreRefused() throws Exception {
    Path out = folder.resolve("search");
    String options = small("CartPole-v1");
    assertEquals(0, search(options.replace("--trials 9", "--trials 5"), out).exitCode());
    JsonNode five = trials(out);
    Cli more = search(options, out);
    assertEquals(0, more.exitCode(), more.err());
    assertEquals(9, trials(out).size());
    for (int t = 0; t < 5; t++) {
      assertEquals(five.get(t).get("settings"), trials(out).get(t).get("settings"));
      assertEquals(
          five.get(t).get("rungs").get(0), trials(out).get(t).get("rungs").get(0), "rung 1");
    }
    Cli less = search(options.replace("--trials 9", "--trials 6"), out);
    assertEquals(2, less.exitCode());
    assertTrue(less.err().contains("holds a search with 9 trials: there may be more"), less.err());
    Cli other = search(options + " --seed 2", out);
    assertEquals(2, other.exitCode());
    assertTrue(other.err().contains("its seed is 1, not 2"), other.err());
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
  void runThatFails_endsTheSearch_andTheSameCommandTriesAgain() throws Exception {
    String options = small(FailsOnce.class.getName());
    FailsOnce.LEFT.set(700);
    Path out = folder.resolve("search");
    Cli failed = search(options, out);
    assertEquals(1, failed.exitCode(), failed.err());
    assertTrue(failed.err().contains("the cable is off"), failed.err());
    assertFalse(Files.exists(out.resolve("best.json")));
    Cli again = search(options, out);
    assertEquals(0, again.exitCode(), again.err());
    Path whole = folder.resolve("whole");
    assertEquals(0, search(options, whole).exitCode());
    assertEquals(trials(whole), trials(out));
  }

  /** The settings are to blame, and the search goes on. */
  @Test
  void settingsThatDiverge_areTheWorst() throws Exception {
    Files.writeString(space, "learningRate: {values: [1.0e-3, 1.0e+6]}\nepochs: {range: [1, 4]}\n");
    Path out = folder.resolve("search");
    Cli done = search(small("Pendulum-v1"), out);
    assertEquals(0, done.exitCode(), done.err());
    int failed = 0;
    for (JsonNode trial : trials(out)) {
      if (trial.get("settings").path("learningRate").asDouble() > 1) {
        failed++;
        assertEquals(1, trial.get("rungs").size());
        assertTrue(trial.get("rungs").get(0).get("failure").asText().contains("diverged"));
      }
    }
    assertTrue(failed > 0, trials(out).toString());
    assertTrue(Files.readString(out.resolve("summary.md")).contains("| failed: "));
    assertEquals(0.001, json(out.resolve("best.json")).get("learningRate").doubleValue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "ppo --steps 9 > an environment must be named: --env ENV",
        "ppo --env CartPole-v1 > Missing required option: '--steps=N'",
        "ppo --env CartPole-v1 --steps 0 > steps must be at least 1, not 0",
        "ppo --env CartPole-v1 --steps 9 --trials 0 > --trials must be in [1, 10000], not 0",
        "ppo --env CartPole-v1 --steps 9 --eta 1 > eta must be in [2, 100], not 1",
        "ppo --env CartPole-v1 --steps 9 --rungs 0 > rungs must be in [1, 20], not 0",
        "ppo --env CartPole-v1 --steps 9 --round 0 > round must be in [1, 1000], not 0",
        "ppo --env CartPole-v1 --steps 9 --jobs 0 > jobs must be in [1, 1024], not 0",
        "ppo --env CartPole-v1 --steps 9 --on http://x > --on must be spark://HOST:PORT or local[N]",
        "ppo --env CartPole-v1 --steps 9 --on elsewhere: --jobs 2 > --jobs is for runs in this program",
        "ppo --env CartPole-v1 --steps 9 --sampler best > Invalid value for option '--sampler'",
        "ppo --env CartPole-v1 --steps 9 --final-seeds 1000-1001 > the final seeds must be others"
            + " than those of the trials, 1001 to 1002, not 1001",
        "ppo --env CartPole-v1 --steps 9 --final-seeds 1,1 > the final seeds must be different",
        "ppo --env CartPole-v1 --steps 9 --final-episodes 0 > --final-episodes must be in [1,",
        "ppo --env CartPole-v1 --steps 9 --set gama=1 > no setting 'gama'",
        "ppo --env CartPole-v1 --steps 9 --space none.yaml > --space: there is no none.yaml",
        "sac --env CartPole-v1 --steps 9 > Box",
        "po --env CartPole-v1 --steps 9 > no algorithm 'po'"
      })
  void badInput_isOneLine_beforeAnythingIsWritten(String options, String message) {
    Path out = folder.resolve("search");
    Cli refused = search(options, out);
    assertEquals(2, refused.exitCode(), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().contains(message.strip()), refused.err());
    assertFalse(Files.exists(out));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "gama: {range: [0, 1]} > no setting 'gama'",
        "gamma: {range: [0.9, 1.1]} > gamma must be in [0.0, 1.0], not 1.1",
        "'gamma: {range: [0.9' > --space: "
      })
  void badSpace_isOneLine_thatNamesTheFile(String text, String message) throws Exception {
    Files.writeString(space, text);
    Path out = folder.resolve("search");
    Cli refused = search(small("CartPole-v1"), out);
    assertEquals(2, refused.exitCode(), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().contains(message.strip()), refused.err());
    assertTrue(refused.err().contains("space.yaml"), refused.err());
    assertFalse(Files.exists(out));
  }
}
