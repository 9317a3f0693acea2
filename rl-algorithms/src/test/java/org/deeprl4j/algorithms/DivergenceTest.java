package org.deeprl4j.algorithms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.algorithms.run.Training;
import org.deeprl4j.algorithms.run.TrainingPlan;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.StateFormatException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A run whose numbers are no longer finite ends there, and leaves only finite numbers behind. */
final class DivergenceTest {
  private static final Compute COMPUTE = Compute.create(Compute.Kernels.AUTO, 1);
  private static final float MARK = 123.456f;

  /** Small, and without what keeps numbers small. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "hidden", "64,64",
          "activation", "RELU",
          "bufferSize", "3000",
          "batchSize", "32",
          "rolloutSteps", "64",
          "actorLearners", "1",
          "maxGradientNorm", "none",
          "targetEveryUpdates", "1",
          "targetEverySteps", "1",
          "loss", "SQUARED");

  @TempDir Path folder;

  @AfterAll
  static void close() {
    COMPUTE.close();
  }

  static Stream<String> algorithms() {
    return Algorithms.all().stream().map(Algorithm::id);
  }

  private static String environment(Algorithm<?> algorithm) {
    try {
      algorithm.checkActions(Box.of(-1, 1, 1));
      return "Pendulum-v1";
    } catch (IllegalArgumentException e) {
      return "CartPole-v1";
    }
  }

  private static <C extends Record> Trainer start(Algorithm<C> algorithm, double rate) {
    ObjectNode settings = Configurations.toJson(algorithm.defaults());
    List<String> names = new ArrayList<>();
    settings.fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      if (name.endsWith("earningRate")) {
        settings.put(name, rate);
      } else if (SETTINGS.containsKey(name)) {
        settings.put(name, SETTINGS.get(name));
      }
    }
    C config =
        Configurations.bind(
            algorithm.defaults(), List.of(new Configurations.Layer("test", settings)));
    String environment = environment(algorithm);
    return algorithm.start(
        new TrainingSetup(() -> Environments.make(environment), 6000, 1, COMPUTE), config);
  }

  private static RunConfig config(String id) {
    Algorithm<?> algorithm = Algorithms.find(id);
    return RunConfig.of(
        id, environment(algorithm), 6000, 1, Configurations.toJson(algorithm.defaults()));
  }

  /** Trains one iteration with a small rate, and leaves its checkpoint and policy. */
  private Path firstIteration(String id) throws IOException {
    Path path = folder.resolve(id);
    try (RunDirectory directory = RunDirectory.create(path, config(id));
        Trainer trainer = start(Algorithms.find(id), 1e-4)) {
      Training.run(trainer, new TrainingPlan(directory, 0, null, () -> true));
    }
    return path;
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void learningRate1000_endsTheRun_andTheLastFinitePolicyAndCheckpointStay(String id)
      throws IOException {
    Path path = firstIteration(id);
    byte[] checkpoint = Files.readAllBytes(path.resolve("checkpoint.bin"));
    byte[] policy = Files.readAllBytes(path.resolve("policy.bin"));
    DivergenceException diverged;
    try (RunDirectory directory = RunDirectory.open(path);
        Trainer trainer = start(Algorithms.find(id), 1000)) {
      assertTrue(directory.restore(trainer));
      long from = trainer.steps();
      diverged =
          assertThrows(
              DivergenceException.class,
              () -> Training.run(trainer, new TrainingPlan(directory, 0, null, () -> false)));
      assertTrue(trainer.steps() > from);
      assertMessage(diverged, "at step " + trainer.steps(), "earningRate=1000.0", "large rewards");
    }
    String message = String.valueOf(diverged.getMessage());
    assertTrue(message.matches(".*(NaN|Infinity|conjugate gradients).*"), message);
    assertEquals(1, message.lines().count(), message);
    assertArrayEquals(checkpoint, Files.readAllBytes(path.resolve("checkpoint.bin")));
    assertArrayEquals(policy, Files.readAllBytes(path.resolve("policy.bin")));
    assertFalse(Files.readString(path.resolve("metrics.csv")).contains("Infinity"));
    PolicyFile.read(path.resolve("policy.bin"), COMPUTE);
  }

  /** Replaces the mark by NaN and mends the checksums. */
  private static void spoil(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int marks = 0;
    for (int i = 28; i + 4 <= bytes.length; i++) {
      if (buffer.getFloat(i) == MARK) {
        buffer.putFloat(i, Float.NaN);
        marks++;
      }
    }
    assertTrue(marks > 0);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 28, bytes.length - 28);
    buffer.putInt(20, (int) crc.getValue());
    crc.reset();
    crc.update(bytes, 0, 24);
    buffer.putInt(24, (int) crc.getValue());
    Files.write(file, bytes);
  }

  private static void setParameter(Policy policy, float value) {
    ((NetworkPolicy) policy).network().parameters().floatsForWriting()[7] = value;
  }

  private static void assertMessage(Exception e, String... parts) {
    for (String part : parts) {
      assertTrue(String.valueOf(e.getMessage()).contains(part), e::getMessage);
    }
  }

  @Test
  void nonFinitePolicy_isNeitherWrittenNorRead() throws IOException {
    Path file = folder.resolve("policy.bin");
    try (Trainer trainer = start(Algorithms.DQN, 1e-3)) {
      setParameter(trainer.policy(), MARK);
      PolicyFile.write(file, trainer.policy());
      byte[] before = Files.readAllBytes(file);
      setParameter(trainer.policy(), Float.NaN);
      assertMessage(
          assertThrows(DivergenceException.class, () -> PolicyFile.write(file, trainer.policy())),
          "network.parameters[7] is NaN");
      assertArrayEquals(before, Files.readAllBytes(file));
      try (Stream<Path> files = Files.list(folder)) {
        assertEquals(1, files.count());
      }
    }
    spoil(file);
    assertMessage(
        assertThrows(StateFormatException.class, () -> PolicyFile.read(file, COMPUTE)),
        file.toString(),
        "network.parameters[7] is NaN");
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void nonFiniteCheckpoint_isNeitherWrittenNorRead(String id) throws IOException {
    Path path = folder.resolve(id);
    try (RunDirectory directory = RunDirectory.create(path, config(id));
        Trainer trainer = start(Algorithms.find(id), 0)) {
      setParameter(trainer.policy(), MARK);
      Training.run(trainer, new TrainingPlan(directory, 0, null, () -> true));
    }
    Path file = path.resolve("checkpoint.bin");
    spoil(file);
    try (RunDirectory directory = RunDirectory.open(path);
        Trainer trainer = start(Algorithms.find(id), 0)) {
      assertMessage(
          assertThrows(StateFormatException.class, () -> directory.restore(trainer)),
          file.toString(),
          "parameters[7] is NaN");
      setParameter(trainer.policy(), Float.POSITIVE_INFINITY);
      DivergenceException e = assertThrows(DivergenceException.class, trainer::iterate);
      assertMessage(e, "at step ");
    }
  }

  @Test
  void nonFiniteOutput_isNotAnAction() {
    try (Trainer trainer = start(Algorithms.DQN, 1e-3)) {
      setParameter(trainer.policy(), Float.NaN);
      assertMessage(
          assertThrows(
              DivergenceException.class,
              () -> Evaluation.run(() -> Environments.make("CartPole-v1"), trainer.policy(), 1, 1)),
          "the policy's output[0] became NaN");
    }
  }

  /** A policy of the user's own. */
  private record Lost(Space observationSpace, Space actionSpace) implements Policy {
    @Override
    public void act(float[] observations, int rows, float[] actions) {
      Arrays.fill(actions, Float.NaN);
    }
  }

  @Test
  void evaluation_blamesThePolicyForItsActions() {
    Policy lost;
    try (var environment = Environments.make("Pendulum-v1")) {
      lost = new Lost(environment.observationSpace(), environment.actionSpace());
    }
    assertMessage(
        assertThrows(
            DivergenceException.class,
            () -> Evaluation.run(() -> Environments.make("Pendulum-v1"), lost, 1, 1)),
        "the policy's action[0] became NaN");
  }
}
