package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.ppo.Ppo;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.algorithms.run.Training;
import org.deeprl4j.algorithms.run.TrainingPlan;
import org.deeprl4j.algorithms.run.Transfer;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.PolicyFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code rl train --from}: a run that begins with what another one has learned. */
final class TransferTest {
  // Environments that no preset of these algorithms is tuned for.
  private static final String ON_POLICY = "MountainCar-v0 --steps 512 --set hidden=8";
  private static final String OFF_POLICY =
      "ContinuousCartPole --set hidden=8 --set batchSize=8 --set bufferSize=500";
  private static final String STARTS = " --set learningStarts=100";

  @TempDir Path folder;

  private Cli train(String run, String algorithm, String arguments, Object... more) {
    List<Object> all = new ArrayList<>(List.of("train", algorithm, "--episodes", 0, "--env"));
    String activation = arguments.contains("activation=") ? "" : " --set activation=tanh";
    all.addAll(List.of((arguments + activation).split(" ")));
    if (List.of("ppo", "a2c", "a3c").contains(algorithm)) {
      all.addAll(List.of("--set", "sharedNetwork=false"));
    }
    all.addAll(List.of("--out", folder.resolve(run)));
    all.addAll(Arrays.asList(more));
    return Cli.run(all.toArray());
  }

  private void trained(String run, String algorithm, String arguments, Object... more) {
    Cli result = train(run, algorithm, arguments, more);
    assertEquals(0, result.exitCode(), result.err());
  }

  private Cli from(String source, String run, String algorithm, String arguments, Object... more) {
    return train(
        run,
        algorithm,
        arguments,
        Stream.concat(Stream.of("--from", folder.resolve(source)), Arrays.stream(more)).toArray());
  }

  private byte[] policy(String run) throws Exception {
    return Files.readAllBytes(folder.resolve(run).resolve("policy.bin"));
  }

  /** With a rate of 0 the new run ends with the policy that it began with. */
  @ParameterizedTest
  @CsvSource({"ppo,ppo", "ppo,a2c", "a2c,ppo", "ppo,a3c", "a3c,ppo", "npg,trpo", "ppo,npg"})
  void networks_areThoseOfTheOtherRun(String before, String after) throws Exception {
    trained("first", before, ON_POLICY);
    Cli second = from("first", "second", after, ON_POLICY + still(after), "--seed", 7);
    assertEquals(0, second.exitCode(), second.err());
    assertTrue(second.err().contains("first gives learner/model/network"), second.err());
    assertFalse(second.err().contains("drawn anew"), second.err());
    if (!after.equals("trpo") && !after.equals("npg")) { // whose steps have a length of their own
      assertArrayEquals(weights("first"), weights("second"));
    }
  }

  private static String still(String algorithm) {
    return switch (algorithm) {
      case "ddpg", "td3" -> " --set actorLearningRate=0 --set criticLearningRate=0";
      default -> " --set learningRate=0";
    };
  }

  private float[] weights(String run) throws Exception {
    try (Compute compute = Compute.create(Compute.Kernels.JAVA, 1)) {
      var network = PolicyFile.read(folder.resolve(run).resolve("policy.bin"), compute).network();
      return Arrays.copyOf(network.parameters().floats(), network.parameters().size());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "td3, ddpg, ''",
    "ddpg, td3, drawn anew: learner/critics/critic1/network",
    "sac, sac, learner/temperature",
    "sac-v, sac, ''"
  })
  void criticsToo(String before, String after, String says) throws Exception {
    String few = OFF_POLICY + STARTS + " --steps 200";
    trained("first", before, few);
    Cli second = from("first", "second", after, few + still(after), "--seed", 2);
    assertEquals(0, second.exitCode(), second.err());
    assertTrue(second.err().contains("learner/critics/critic0/network"), second.err());
    assertTrue(second.err().contains("learner/critics/critic0/target"), second.err());
    assertTrue(second.err().contains(says), second.err());
    assertArrayEquals(policy("first"), policy("second"));
    JsonNode config =
        new ObjectMapper().readTree(folder.resolve("second/config.json").toFile()).get("from");
    assertEquals(folder.resolve("first").toString(), config.get("path").asText());
    assertEquals(before, config.get("algorithm").asText());
    assertFalse(config.get("replay").booleanValue());
  }

  @Test
  void aPolicyFile_givesThePolicyAlone() throws Exception {
    trained("first", "td3", OFF_POLICY + STARTS + " --steps 200");
    Cli second =
        from(
            "first/policy.bin",
            "second",
            "td3",
            OFF_POLICY + STARTS + " --steps 200" + still("td3"));
    assertEquals(0, second.exitCode(), second.err());
    assertTrue(
        second.err().contains("policy.bin gives learner/actor/actor/network; drawn anew: "),
        second.err());
    assertArrayEquals(policy("first"), policy("second"));
    assertEquals(
        0,
        from("first/checkpoint.bin", "third", "td3", OFF_POLICY + STARTS + " --steps 200")
            .exitCode());
  }

  /** The run depends on its own checkpoints from then on: the other one may disappear. */
  @Test
  void resumed_isNeverStopped_withTheReplayBuffer() throws Exception {
    trained("first", "sac", OFF_POLICY + STARTS + " --steps 300");
    String settings = OFF_POLICY + " --set learningStarts=0 --with-replay --steps ";
    Cli whole = from("first", "whole", "sac", settings + 2000);
    assertEquals(0, whole.exitCode(), whole.err());
    assertTrue(whole.err().contains(", 300 transitions"), whole.err());
    Cli half = from("first", "half", "sac", settings + 1000);
    assertEquals(0, half.exitCode(), half.err());
    Files.move(folder.resolve("first"), folder.resolve("elsewhere"));
    Cli resumed = Cli.run("train", "--resume", folder.resolve("half"), "--steps", 2000);
    assertEquals(0, resumed.exitCode(), resumed.err());
    assertArrayEquals(policy("whole"), policy("half"));
  }

  /** A run that is killed before its first checkpoint still begins where it began. */
  @Test
  void theStart_isACheckpoint() throws Exception {
    trained("first", "ppo", ON_POLICY);
    Path run = folder.resolve("second");
    try (Compute compute = Compute.create(Compute.Kernels.JAVA, 1)) {
      TrainingSetup setup =
          new TrainingSetup(() -> Environments.make("MountainCar-v0"), 4096, 5, compute);
      PpoConfig settings = PpoConfig.defaults().withHidden(List.of(8));
      Transfer transfer = Transfer.from(folder.resolve("first"));
      try (OnPolicyTrainer trainer = Ppo.start(setup, settings);
          RunDirectory directory =
              RunDirectory.create(
                  run,
                  RunDirectory.readConfig(folder.resolve("first")).withFrom(transfer.source()))) {
        transfer.into(trainer);
        TrainingPlan killed =
            new TrainingPlan(
                directory,
                1 << 20,
                null,
                () -> {
                  throw new IllegalStateException("killed");
                });
        assertThrows(IllegalStateException.class, () -> Training.run(trainer, killed));
      }
      try (OnPolicyTrainer trainer = Ppo.start(setup, settings);
          RunDirectory directory = RunDirectory.open(run)) {
        assertTrue(directory.restore(trainer));
        assertEquals(0, trainer.steps());
      }
      assertArrayEquals(policy("first"), policy("second"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ppo|Acrobot-v1 --set hidden=8 --steps 512|but the environment's observations are",
        "ppo|MountainCar-v0 --set hidden=9 --steps 512|give both the same hidden layers and activation",
        "ppo|MountainCar-v0 --set hidden=8 --set activation=relu --steps 512|holds a network 2 → 8 TANH",
        "ppo|MountainCar-v0 --set hidden=8 --set normalizeObservations=true --steps 512|normalizeObservations must be false",
        "dqn|MountainCar-v0 --set hidden=8 --steps 60000|holds a policy of the kind DISTRIBUTION",
        "ppo|MountainCar-v0 --set hidden=8 --steps 512 --with-replay|there is none to fill",
      })
  void whatDoesNotFit_isALine(String algorithm, String arguments, String says) throws Exception {
    trained("first", "ppo", ON_POLICY);
    Cli refused = from("first", "second", algorithm, arguments);
    assertEquals(2, refused.exitCode(), refused.err());
    String last = refused.err().strip();
    assertTrue(last.substring(last.lastIndexOf('\n') + 1).contains(says), refused.err());
    assertFalse(Files.exists(folder.resolve("second")));
  }

  @Test
  void otherWrappers_areNamed() throws Exception {
    trained("first", "ppo", ON_POLICY, "--wrap", "hide=1");
    Cli without = from("first", "second", "ppo", ON_POLICY);
    assertEquals(2, without.exitCode(), without.err());
    assertTrue(
        without.err().strip().endsWith("; it was trained with the wrappers hide=1"), without.err());
    Cli same = from("first", "second", "ppo", ON_POLICY, "--wrap", "hide=1");
    assertEquals(0, same.exitCode(), same.err());
    assertFalse(same.err().contains("wrappers"), same.err());
    // The same space of one number, which is now the velocity.
    Cli other = from("first", "third", "ppo", ON_POLICY, "--wrap", "hide=0");
    assertEquals(0, other.exitCode(), other.err());
    assertTrue(
        other
            .err()
            .contains(
                "%s was trained with the wrappers hide=1, this run has the wrappers hide=0"
                    .formatted(folder.resolve("first"))),
        other.err());
  }

  @Test
  void replayBuffersOfOtherSizes_andMissingOnes_areALine() throws Exception {
    String few = OFF_POLICY + STARTS + " --steps 200";
    trained("first", "sac", few);
    trained("onPolicy", "ppo", ON_POLICY);
    Cli larger =
        from(
            "first",
            "second",
            "sac",
            few.replace("bufferSize=500", "bufferSize=600"),
            "--with-replay");
    assertEquals(2, larger.exitCode(), larger.err());
    assertTrue(larger.err().contains("of the same bufferSize"), larger.err());
    Cli alone = from("first/policy.bin", "second", "sac", few, "--with-replay");
    assertTrue(alone.err().contains("has no checkpoint, and so no replay buffer"), alone.err());
    Cli without = train("second", "sac", few, "--with-replay");
    assertTrue(without.err().contains("--with-replay goes with --from"), without.err());
    Cli nothing = from("nowhere", "second", "sac", few);
    assertTrue(nothing.err().contains("--from: there is no " + folder.resolve("nowhere")));
    Cli noRun = from(".", "second", "sac", few);
    assertTrue(noRun.err().contains("--from: there is no run in "), noRun.err());
    Cli resumed = Cli.run("train", "--resume", folder.resolve("first"), "--from", folder);
    assertTrue(resumed.err().contains("leave out --from"), resumed.err());
    assertFalse(Files.exists(folder.resolve("second")));
  }

  /** What a directory from elsewhere names is not run: only its numbers are read. */
  @Test
  void aDirectoryFromElsewhere_givesNumbersAlone() throws Exception {
    trained("first", "ppo", ON_POLICY);
    Path config = folder.resolve("first/config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"CartPole-v1\"", "\"com.acme.Crane\""));
    Cli second = from("first", "second", "ppo", ON_POLICY, "--set", "learningRate=0");
    assertEquals(0, second.exitCode(), second.err());
    assertArrayEquals(policy("first"), policy("second"));
  }
}
