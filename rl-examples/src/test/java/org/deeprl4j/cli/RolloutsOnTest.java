package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.envs.classic.CartPole;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs whose rollouts are gathered elsewhere, by the command line. */
final class RolloutsOnTest {
  private static final String SMALL =
      " --set hidden=8 --set environments=4 --set rolloutSteps=64 --set batchSize=64 --episodes 2";

  private static final String PER_ROLLOUT = "statisticsPerRollout";

  @TempDir Path folder;

  @BeforeEach
  void forget() {
    ElsewhereProvider.TOLD.clear();
  }

  private static Cli train(String options, Path out) {
    List<Object> arguments = new ArrayList<>(List.of("train"));
    arguments.addAll(Arrays.asList(options.strip().split("\\s+")));
    arguments.addAll(List.of("--out", out));
    return Cli.run(arguments.toArray());
  }

  private static byte[] policy(Path run) throws Exception {
    return Files.readAllBytes(run.resolve("policy.bin"));
  }

  /** A cart-pole of the user's. */
  public static final class Mine extends MdpWrapper {
    public Mine() {
      super(new TimeLimit(new CartPole(), 100));
    }
  }

  /** The workers are told of the environment what the command line says, and are closed. */
  @Test
  void aRun_isTheOneOfThisProgram() throws Exception {
    String options =
        "ppo --steps 1000 --wrap frame-stack=2 --classpath target/test-classes --env "
            + Mine.class.getName()
            + SMALL;
    Path here = folder.resolve("here");
    assertEquals(0, train(options, here).exitCode());
    Path there = folder.resolve("there");
    Cli done = train(options + " --rollouts-on elsewhere:1", there);
    assertEquals(0, done.exitCode(), done.err());
    assertArrayEquals(policy(here), policy(there));
    assertEquals(
        List.of(
            "elsewhere:1 %s [--classpath, %s]"
                .formatted(Mine.class.getName(), Path.of("target/test-classes").toAbsolutePath()),
            "3 parts",
            "3 parts",
            "3 parts",
            "3 parts",
            "closed"),
        ElsewhereProvider.TOLD);
  }

  /** Resumed there, the run goes on as if it had been there, or here, from its start. */
  @Test
  void aRunThatIsResumed_mayBeThere() throws Exception {
    String options =
        "a2c --env CartPole-v1 --steps 1024" + SMALL.replace(" --set batchSize=64", "");
    Path whole = folder.resolve("whole");
    assertEquals(0, train(options, whole).exitCode());
    Path half = folder.resolve("half");
    assertEquals(0, train(options + " --max-episodes 20", half).exitCode());
    assertFalse(Arrays.equals(policy(whole), policy(half)));
    Cli resumed = Cli.run("train", "--resume", half, "--rollouts-on", "elsewhere:2");
    assertEquals(0, resumed.exitCode(), resumed.err());
    assertTrue(ElsewhereProvider.TOLD.contains("3 parts"));
    assertArrayEquals(policy(whole), policy(half));
  }

  /** Said at the start, recorded, and the same bits here, from the start or from the middle on. */
  @Test
  void statisticsOfObservations_waitForTheEndsOfRollouts() throws Exception {
    String options =
        "a2c --env CartPole-v1 --steps 1024 --set normalizeObservations=true"
            + SMALL.replace(" --set batchSize=64", "");
    Path here = folder.resolve("here");
    assertEquals(0, train(options + " --set statisticsPerRollout=true", here).exitCode());
    Path there = folder.resolve("there");
    Cli done = train(options + " --rollouts-on elsewhere:1", there);
    assertEquals(0, done.exitCode(), done.err());
    assertTrue(
        done.err().contains("--rollouts-on: statisticsPerRollout=true, so that"), done.err());
    assertTrue(RunDirectory.readConfig(there).configuration().get(PER_ROLLOUT).booleanValue());
    assertArrayEquals(policy(here), policy(there));
    Path half = folder.resolve("half");
    Cli first = train(options + " --max-episodes 20 --rollouts-on elsewhere:1", half);
    assertEquals(0, first.exitCode(), first.err());
    Cli resumed = Cli.run("train", "--resume", half);
    assertEquals(0, resumed.exitCode(), resumed.err());
    assertArrayEquals(policy(here), policy(half));
    Path ordinary = folder.resolve("ordinary");
    assertEquals(0, train(options, ordinary).exitCode());
    assertFalse(Arrays.equals(policy(ordinary), policy(there)));
  }

  /** A run that goes elsewhere in the middle is another one from there on, and records it. */
  @Test
  void aRunThatGoesElsewhere_recordsWhatChanges() throws Exception {
    Path run = folder.resolve("run");
    String options = "ppo --env CartPole-v1 --steps 1024 --set normalizeObservations=true" + SMALL;
    assertEquals(0, train(options + " --max-episodes 20", run).exitCode());
    Cli resumed = Cli.run("train", "--resume", run, "--rollouts-on", "elsewhere:1");
    assertEquals(0, resumed.exitCode(), resumed.err());
    RunConfig config = RunDirectory.readConfig(run);
    assertTrue(config.configuration().get(PER_ROLLOUT).booleanValue());
    assertEquals(1, config.changes().size());
    assertTrue(config.changes().get(0).settings().get(PER_ROLLOUT).booleanValue());
  }

  /** An environment of the user's that keeps its state to itself. */
  public static final class Secret implements Mdp {
    private final CartPole inner = new CartPole();

    @Override
    public Space observationSpace() {
      return inner.observationSpace();
    }

    @Override
    public Space actionSpace() {
      return inner.actionSpace();
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      inner.reset(random, observation);
    }

    @Override
    public void step(float[] action, Step next) {
      inner.step(action, next);
    }
  }

  /** They stay where they are; the run says when they do not. */
  @Test
  void environmentsThatCannotBeSaved_areKept_orBeginAnew() throws Exception {
    String options =
        "ppo --steps 1280 --max-episode-steps 100 --classpath target/test-classes --env "
            + Secret.class.getName()
            + SMALL;
    Path here = folder.resolve("here");
    assertEquals(0, train(options, here).exitCode());
    Path there = folder.resolve("there");
    Cli done = train(options + " --rollouts-on elsewhere:1", there);
    assertEquals(0, done.exitCode(), done.err());
    assertFalse(done.err().contains("new episodes"), done.err());
    assertArrayEquals(policy(here), policy(there));
    Path lost = folder.resolve("lost");
    Cli told = train(options + " --rollouts-on elsewhere:1:forgetful", lost);
    assertEquals(0, told.exitCode(), told.err());
    assertTrue(
        told.err()
            .contains(
                "after 512 steps, environments that could not be reached and began new episodes: 4"
                    + " of 4"),
        told.err());
    assertFalse(Arrays.equals(policy(here), policy(lost)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "sac --env Pendulum-v1 --rollouts-on elsewhere:1 > --rollouts-on is for algorithms that"
            + " learn from rollouts, such as ppo, not for sac: leave it out",
        "ppo --env ArmReach --set statisticsPerRollout=false --rollouts-on elsewhere:1 > rollouts"
            + " elsewhere need statisticsPerRollout=true",
        "ppo --env CartPole-v1 --rollouts-on spark:x > --rollouts-on spark:x needs Apache Spark"
            + " 4.1 and rl-spark.jar on the class path",
        "ppo --env CartPole-v1 --rollouts-on http://x > --rollouts-on must be spark://HOST:PORT or"
            + " local[N], not 'http://x'"
      })
  void badInput_isOneLine_beforeAnythingIsWritten(String options, String message) {
    Path out = folder.resolve("run");
    Cli refused = train(options + " --steps 5000", out);
    assertEquals(2, refused.exitCode(), refused.err());
    assertEquals(1, refused.err().lines().count(), refused.err());
    assertTrue(refused.err().contains(message.strip()), refused.err());
    assertFalse(Files.exists(out));
  }
}
