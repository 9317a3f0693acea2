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
import org.deeprl4j.envs.classic.CartPole;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs whose rollouts are gathered elsewhere, by the command line. */
final class RolloutsOnTest {
  private static final String SMALL =
      " --set hidden=8 --set environments=4 --set rolloutSteps=64 --set batchSize=64 --episodes 2";

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "sac --env Pendulum-v1 --rollouts-on elsewhere:1 > --rollouts-on is for algorithms that"
            + " learn from rollouts, such as ppo, not for sac: leave it out",
        "ppo --env ArmReach --rollouts-on elsewhere:1 > rollouts elsewhere need"
            + " normalizeObservations=false",
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
