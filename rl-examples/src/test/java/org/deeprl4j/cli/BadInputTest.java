package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every mistake ends with exit code 2 and one line that names the thing, its value and the way out.
 */
final class BadInputTest {
  @TempDir Path folder;

  private static void assertError(Cli result, String... parts) {
    assertEquals(2, result.exitCode(), result.err());
    String[] lines =
        result.err().lines().filter(line -> line.startsWith("rl: ")).toArray(String[]::new);
    assertEquals(1, lines.length, result.err());
    assertTrue(result.err().stripTrailing().endsWith(lines[0]), result.err());
    assertFalse(result.err().contains("\tat "), result.err());
    for (String part : parts) {
      assertTrue(lines[0].contains(part), () -> "'" + part + "' is not in: " + lines[0]);
    }
  }

  static Stream<Arguments> settings() {
    return Stream.of(
        Arguments.of("clipRnge=0.1", new String[] {"no setting 'clipRnge'", "mean clipRange"}),
        Arguments.of("clipRange=-0.1", new String[] {"clipRange must be in (0,", "not -0.1"}),
        Arguments.of("clipRange=abc", new String[] {"clipRange", "\"abc\"", "a number"}),
        Arguments.of("gamma=1.5", new String[] {"gamma must be in [0.0, 1.0], not 1.5"}),
        Arguments.of("gamma=NaN", new String[] {"gamma", "NaN"}),
        Arguments.of(
            "rolloutSteps=0", new String[] {"rolloutSteps must be in [1, 1048576], not 0"}),
        Arguments.of("rolloutSteps=1.5", new String[] {"rolloutSteps", "1.5"}),
        Arguments.of("batchSize=100000", new String[] {"batchSize must be in [1, 256]"}),
        Arguments.of("hidden=64,-1", new String[] {"hidden", "-1"}),
        Arguments.of("activation=tanhh", new String[] {"activation", "tanhh", "TANH"}),
        Arguments.of("clipRange", new String[] {"clipRange", "name=value"}),
        Arguments.of(
            "klPenalty=1",
            new String[] {"klPenalty = 1.0 has no effect with objective = CLIP: leave it out"}),
        Arguments.of(
            "initialLogStd=-1",
            new String[] {"initialLogStd = -1.0 has no effect with actions that are Discrete"}));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void setting(String assignment, String[] parts) {
    assertError(
        Cli.run("train", "ppo", "--env", "CartPole-v1", "--steps", 100, "--set", assignment),
        parts);
  }

  @ParameterizedTest
  @CsvSource({
    "--set,'hidden=65536,4096',a network of 4 inputs",
    "--set,environments=1000000,environments must be in",
    "--threads,1000000,threads must be in",
    "--episodes,2000000000,episodes must be in"
  })
  void failedStart_leavesNoDirectory(String option, String value, String message) {
    Path run = folder.resolve("run");
    assertError(
        Cli.run(
            "train",
            "ppo",
            "--env",
            "CartPole-v1",
            "--steps",
            100,
            "--out",
            run,
            option,
            value.replace("'", "")),
        message);
    assertFalse(Files.exists(run));
  }

  @Test
  void kernelsOfAGpuThatIsNotThere() {
    System.setProperty("org.deeprl4j.cuda.path", folder.toString());
    try {
      assertError(
          Cli.run(
              "train",
              "sac",
              "--env",
              "Pendulum-v1",
              "--steps",
              9,
              "--out",
              folder.resolve("run"),
              "--kernels",
              "CUDA"),
          "no NVIDIA driver",
          folder.toString(),
          "or use other kernels");
      assertFalse(Files.exists(folder.resolve("run")));
    } finally {
      System.clearProperty("org.deeprl4j.cuda.path");
    }
  }

  static Stream<Arguments> commands() {
    return Stream.of(
        Arguments.of("trian", new String[] {"no command 'trian'", "did you mean train"}),
        Arguments.of("train ppo --evn X", new String[] {"no option '--evn'", "--env"}),
        Arguments.of("train", new String[] {"train needs an algorithm"}),
        Arguments.of("train ppo", new String[] {"train needs --env ENV and --steps N"}),
        Arguments.of(
            "train popo --env CartPole-v1 --steps 9",
            new String[] {"no algorithm 'popo'", "did you mean ppo"}),
        Arguments.of(
            "train ppo --env CartPole --steps 9",
            new String[] {"no environment 'CartPole'", "did you mean CartPole-v1"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 9 --preset Pendulum",
            new String[] {"no ppo preset 'Pendulum'", "did you mean Pendulum-v1"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 0", new String[] {"--steps must be at least 1"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps many",
            new String[] {"'many' is not a whole number"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 1.5e0", new String[] {"'1.5e0' is not a whole"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 1e19", new String[] {"'1e19' is too large"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 9 --threads 3e9",
            new String[] {"'3e9' is too large"}),
        Arguments.of(
            "evaluate pom.xml", new String[] {"pom.xml: is a file, but a run is a directory"}),
        Arguments.of(
            "train --resume pom.xml",
            new String[] {"pom.xml: is a file, but a run is a directory"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 9 --threads 0", new String[] {"--threads"}),
        Arguments.of(
            "train sac --env CartPole-v1 --steps 9",
            new String[] {"continuous actions", "Discrete(2); algorithms for these: ppo, "}),
        Arguments.of(
            "train ppo --env com.acme.Missing --steps 9", new String[] {"com.acme.Missing"}),
        Arguments.of(
            "train ppo --env java.lang.String --steps 9",
            new String[] {"java.lang.String", "must implement org.deeprl4j.mdp.Mdp"}),
        Arguments.of(
            "train ppo --env org.deeprl4j.cli.BrokenEnvironments$WithoutConstructor --steps 9",
            new String[] {"WithoutConstructor", "constructor"}),
        Arguments.of(
            "train ppo --env org.deeprl4j.cli.BrokenEnvironments$WithoutActions --steps 9",
            new String[] {"actionSpace() returns null"}),
        Arguments.of(
            "train ppo --env org.deeprl4j.cli.BrokenEnvironments$WithoutObservations --steps 9",
            new String[] {"WithoutObservations: observationSpace() returns null"}),
        Arguments.of(
            "train ppo --env com.acme.E --classpath missing.jar --steps 9",
            new String[] {"--classpath: there is no missing.jar"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 9 --config missing.yaml",
            new String[] {"--config: there is no missing.yaml"}),
        Arguments.of("train --resume missing", new String[] {"--resume: there is no run"}),
        Arguments.of(
            "train ppo --resume missing --preset sb3-default --set gamma=0.9 --set lambda=0.9 --seed 2",
            new String[] {
              "--resume takes these from the run: leave out ppo, --preset, --seed, or train a new run"
            }),
        Arguments.of(
            "train --resume missing --steps 9 --out x --config x --max-episode-steps 9 --checkpoint-every 9",
            new String[] {"leave out --out, --config, --max-episode-steps, --checkpoint-every"}),
        Arguments.of(
            "train --resume missing --keep 1 --evaluate-every 9 --episodes 1",
            new String[] {"leave out --keep, --evaluate-every, --episodes"}),
        Arguments.of("train --resume missing --threads 0", new String[] {"--threads"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 9 --restart",
            new String[] {"--restart", "--resume"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 9 --keep 0",
            new String[] {"keep must be in [1, 1000], not 0"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 9 --keep 2000000000",
            new String[] {"keep must be in [1, 1000], not 2000000000"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 9 --evaluate-every 9 --episodes 0",
            new String[] {"--evaluate-every has no effect with --episodes 0"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 9 --set gamma=0.9 --set gamma=0.8",
            new String[] {"--set sets 'gamma' twice"}),
        Arguments.of(
            "train ppo --env CartPole-v1 --steps 9 --set logStd=GSDE",
            new String[] {"logStd GSDE is for continuous actions", "Discrete(2)", "FREE"}),
        Arguments.of(
            "train a2c --env CartPole-v1 --steps 9 --set logStd=STATE_DEPENDENT",
            new String[] {"logStd STATE_DEPENDENT is for continuous actions"}),
        Arguments.of(
            "train ppo --env Pendulum-v1 --steps 9 --set noiseHold=4",
            new String[] {"noiseHold = 4 has no effect with logStd FREE"}),
        Arguments.of(
            "train sac --env Pendulum-v1 --steps 900 --set fixedTemperature=1 --set targetEntropy=-1",
            new String[] {"targetEntropy = -1.0 has no effect with fixedTemperature = 1.0"}),
        Arguments.of(
            "train sac --env Pendulum-v1 --steps 900 --set learningStarts=901",
            new String[] {"nothing would be learned in 900 steps", "learningStarts = 901"}),
        Arguments.of(
            "train dqn --env CartPole-v1 --steps 900 --set stepsPerRound=901",
            new String[] {"nothing would be learned in 900 steps", "stepsPerRound = 901"}),
        Arguments.of("evaluate missing", new String[] {"there is no run in missing"}),
        Arguments.of("evaluate missing --episodes 0", new String[] {"--episodes"}),
        Arguments.of(
            "check --env gym:CartPole-v1 --python missing/python",
            new String[] {"missing/python", "--python or RL_PYTHON"}),
        Arguments.of("check --env CartPoll-v1", new String[] {"did you mean CartPole-v1"}),
        Arguments.of("plot missing --out x.png", new String[] {"there is no run in missing"}),
        Arguments.of(
            "trace --env CartPole-v1 --states missing --actions missing",
            new String[] {"--states: there is no missing"}));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void command(String line, String[] parts) {
    assertError(Cli.run((Object[]) line.split(" ")), parts);
  }

  static Stream<Arguments> environments() {
    return Stream.of(
        Arguments.of("NanObservation", new String[] {"observation", "NaN"}),
        Arguments.of("NanReward", new String[] {"reward", "NaN"}));
  }

  @ParameterizedTest
  @MethodSource("environments")
  void environmentThatBreaksItsContract(String name, String[] parts) {
    Cli result =
        Cli.run(
            "train",
            "ppo",
            "--env",
            BrokenEnvironments.class.getName() + "$" + name,
            "--steps",
            300,
            "--out",
            folder.resolve("run"));
    assertError(result, parts);
    assertTrue(result.err().contains("step"), result.err());
  }

  @Test
  void configurationFile() throws Exception {
    Path file = folder.resolve("c.yaml");
    String[] texts = {
      "clipRnge: 0.1",
      "clipRange: [1",
      "- 1",
      "gamma: high",
      "gamma: 0.9\ngamma: 0.8",
      "gamma: 0.9\n---\ngamma: 0.8",
      "{\"gamma\": 0.9} {\"gamma\": 0.8}",
      "{\"gamma\": 0.9, \"gamma\": 0.8}",
      "{\"gamma\": 0.9} and more"
    };
    for (String text : texts) {
      Files.writeString(file, text);
      assertError(
          Cli.run("train", "ppo", "--env", "CartPole-v1", "--steps", 9, "--config", file),
          "c.yaml");
    }
  }

  private Path run() {
    Path run = folder.resolve("run");
    Cli result = Cli.run("train", "ppo", "--env", "CartPole-v1", "--steps", 512, "--out", run);
    assertEquals(0, result.exitCode(), result.err());
    return run;
  }

  /** It can be copied into a shell. */
  @Test
  void commandThatIsSuggested_isQuoted() {
    Path run = folder.resolve("my run");
    Object[] train = {"train", "ppo", "--env", "CartPole-v1", "--steps", "5_1.2e1", "--out", run};
    assertEquals(0, Cli.run(train).exitCode());
    assertError(Cli.run(train), "with --resume '" + run + "'");
  }

  @Test
  void outputDirectoryInUse() {
    Path run = run();
    assertError(
        Cli.run("train", "ppo", "--env", "CartPole-v1", "--steps", 9, "--out", run),
        "--out",
        run.toString(),
        "exists");
  }

  @Test
  void damagedPolicy() throws Exception {
    Path run = run();
    Path policy = run.resolve("policy.bin");
    byte[] bytes = Files.readAllBytes(policy);
    Files.writeString(policy, "something else altogether");
    assertError(Cli.run("evaluate", run), "policy.bin", "is not a DeepRL4J state file");
    Files.write(policy, Arrays.copyOf(bytes, bytes.length / 2));
    assertError(Cli.run("evaluate", run), "policy.bin");
    bytes[bytes.length / 2] ^= 1;
    Files.write(policy, bytes);
    assertError(Cli.run("evaluate", run), "policy.bin");
    Files.copy(
        run.resolve("checkpoint.bin"), policy, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertError(Cli.run("evaluate", run), "policy.bin", "policy");
    Files.delete(policy);
    assertError(Cli.run("evaluate", run), "has no policy yet");
    assertError(Cli.run("evaluate", run, "--policy", "best"), "has no best policy");
  }

  @Test
  void damagedCheckpoint() throws Exception {
    Path run = run();
    Path checkpoint = run.resolve("checkpoint.bin");
    byte[] bytes = Files.readAllBytes(checkpoint);
    Files.write(checkpoint, Arrays.copyOf(bytes, bytes.length - 7));
    Files.deleteIfExists(run.resolve("checkpoint-1.bin"));
    assertError(Cli.run("train", "--resume", run), "has no whole checkpoint", "--restart");
    Files.writeString(run.resolve("config.json"), "{\"algorithm\": 3");
    assertError(Cli.run("train", "--resume", run), "config.json");
  }
}
