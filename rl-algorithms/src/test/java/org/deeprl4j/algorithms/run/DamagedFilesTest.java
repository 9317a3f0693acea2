package org.deeprl4j.algorithms.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.state.StateFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a file holds, reading it succeeds, or ends in one kind of exception whose message names
 * the file: damage of every sort, under checksums that are right.
 */
class DamagedFilesTest {
  private static final int MUTATIONS = 1000;
  private static final int OF_EACH_RUN = 250; // and there are six
  private static final int HEADER = 28;

  @TempDir static Path folder;

  /** A run to damage: an algorithm, an environment and a few settings. */
  enum Run {
    PPO(
        "ppo",
        "CartPole-v1",
        "rolloutSteps=16 environments=2 batchSize=8 normalizeObservations=true"),
    SAC("sac", "Pendulum-v1", "bufferSize=64 learningStarts=8 batchSize=4"),
    DQN("dqn", "CartPole-v1", "bufferSize=64 learningStarts=8 batchSize=4"),
    HINDSIGHT("sac", "PointGoal", "bufferSize=64 learningStarts=8 batchSize=4 hindsightGoals=4"),
    ASYNC_Q("async-q", "CartPole-v1", "actorLearners=1"),
    REINFORCE("reinforce", "CartPole-v1", "activation=TANH");

    private final String algorithm;
    private final String environment;
    private final String settings;

    Run(String algorithm, String environment, String settings) {
      this.algorithm = algorithm;
      this.environment = environment;
      this.settings = settings;
    }

    private List<String> settings() {
      return List.of((settings + " hidden=4").split(" "));
    }

    private <C extends Record> Trainer begin(Algorithm<C> chosen, Compute compute) {
      C bound =
          Configurations.bind(
              chosen.defaults(), List.of(Configurations.assignments("--set", settings())));
      return chosen.start(
          new TrainingSetup(() -> Environments.make(environment), 64, 1, compute), bound);
    }

    Trainer begin(Compute compute) {
      return begin(Algorithms.find(algorithm), compute);
    }

    private <C extends Record> ObjectNode configuration(Algorithm<C> chosen) {
      return Configurations.toJson(
          Configurations.bind(
              chosen.defaults(), List.of(Configurations.assignments("--set", settings()))));
    }

    RunConfig config() {
      return RunConfig.of(algorithm, environment, 64, 1, configuration(Algorithms.find(algorithm)))
          .withEvaluateEvery(32)
          .withEvaluationEpisodes(2)
          .withCompute("some kernels")
          .withCommandLine(List.of("train"));
    }

    /** A run of 64 steps with evaluations. */
    Path train(Compute compute) throws IOException {
      Path run = folder.resolve(name());
      if (Files.exists(run)) {
        return run;
      }
      try (RunDirectory directory = RunDirectory.create(run, config());
          Trainer trainer = begin(compute)) {
        Training.run(
            trainer,
            new TrainingPlan(
                directory,
                0,
                new TrainingPlan.Evaluations(() -> Environments.make(environment), 32, 2, 1),
                () -> false));
      }
      return run;
    }
  }

  /** Reads a file in some way. */
  private interface Reading {
    void read() throws IOException;
  }

  /** Changes a few bytes, or many. */
  private static byte[] mutated(byte[] original, int from, SplittableRandom random) {
    byte[] bytes = original.clone();
    int span = bytes.length - from;
    if (span < 1) {
      return bytes;
    }
    int at = from + random.nextInt(span);
    switch (random.nextInt(7)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt(256);
      case 2 -> {
        int[] odd = {-1, 0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 24, 0x7fc00000};
        int value = odd[random.nextInt(odd.length)];
        for (int i = 0; i < 4 && at + i < bytes.length; i++) {
          bytes[at + i] = (byte) (value >> (8 * i));
        }
      }
      case 3 -> bytes = Arrays.copyOf(bytes, at);
      case 4 -> bytes = without(bytes, at, Math.min(bytes.length - at, 1 + random.nextInt(16)));
      case 5 -> {
        byte[] more = new byte[1 + random.nextInt(16)];
        for (int i = 0; i < more.length; i++) {
          more[i] =
              random.nextBoolean()
                  ? bytes[Math.min(at + i, bytes.length - 1)]
                  : (byte) random.nextInt(256);
        }
        bytes = with(bytes, at, more);
      }
      default -> {
        for (int i = 0; i < 1 + random.nextInt(8); i++) {
          bytes[from + random.nextInt(span)] = (byte) random.nextInt(256);
        }
      }
    }
    return bytes;
  }

  private static byte[] without(byte[] bytes, int at, int count) {
    byte[] fewer = Arrays.copyOf(bytes, bytes.length - count);
    System.arraycopy(bytes, at + count, fewer, at, fewer.length - at);
    return fewer;
  }

  private static byte[] with(byte[] bytes, int at, byte[] more) {
    byte[] all = Arrays.copyOf(bytes, bytes.length + more.length);
    System.arraycopy(more, 0, all, at, more.length);
    System.arraycopy(bytes, at, all, at + more.length, bytes.length - at);
    return all;
  }

  /** A state file's body under a header that is right. */
  private static byte[] sealed(byte[] header, byte[] body) {
    ByteBuffer all = ByteBuffer.allocate(HEADER + body.length).order(ByteOrder.LITTLE_ENDIAN);
    CRC32C crc = new CRC32C();
    crc.update(body);
    all.put(header, 0, 12).putLong(body.length).putInt((int) crc.getValue());
    crc.reset();
    crc.update(all.array(), 0, HEADER - 4);
    return all.putInt((int) crc.getValue()).put(body).array();
  }

  /** Replaces a value somewhere in a JSON document, or removes it. */
  private static JsonNode mutated(JsonNode original, SplittableRandom random) {
    JsonNode root = original.deepCopy();
    List<Runnable> changes = new ArrayList<>();
    collect(root, random, changes);
    changes.get(random.nextInt(changes.size())).run();
    return root;
  }

  private static void collect(JsonNode node, SplittableRandom random, List<Runnable> changes) {
    if (node instanceof ObjectNode object) {
      for (String name :
          new ArrayList<>(object.properties().stream().map(e -> e.getKey()).toList())) {
        changes.add(() -> object.remove(name));
        changes.add(() -> object.set(name, odd(random)));
        changes.add(() -> object.set(name, odd(random)));
        collect(object.get(name), random, changes);
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        int index = i;
        changes.add(() -> array.set(index, odd(random)));
        changes.add(() -> array.remove(index));
        collect(array.get(i), random, changes);
      }
    }
  }

  private static JsonNode odd(SplittableRandom random) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (random.nextInt(14)) {
      case 0 -> nodes.nullNode();
      case 1 -> nodes.numberNode(-1);
      case 2 -> nodes.numberNode(0);
      case 3 -> nodes.numberNode(Integer.MAX_VALUE);
      case 4 -> nodes.numberNode(Long.MIN_VALUE);
      case 5 -> nodes.numberNode(1.5);
      case 6 -> nodes.numberNode(1e300);
      case 7 -> nodes.textNode("");
      case 8 -> nodes.textNode("x,\u0000\n");
      case 9 -> nodes.booleanNode(true);
      case 10 -> nodes.arrayNode();
      case 11 -> nodes.arrayNode().addNull().add(-3).add("x");
      case 12 -> nodes.objectNode();
      default -> nodes.objectNode().put("kind", "mlp").putNull("network");
    };
  }

  /** Whether a file was read, or the exception says what it must. */
  private static boolean answers(Path file, Reading reading) {
    try {
      reading.read();
      return true;
    } catch (StateFormatException e) {
      String message = String.valueOf(e.getMessage());
      assertTrue(message.startsWith(file.toString()), () -> "no name: " + message);
      assertFalse(message.contains("\n"), message);
      assertFalse(
          message.matches(".*(Cannot invoke|Exception|null$|out of bounds for|because \").*"),
          () -> "no sentence: " + message);
      return false;
    } catch (IOException | RuntimeException | Error e) {
      throw new AssertionError(file + ": " + e, e);
    }
  }

  private static Stream<Run> runs() {
    return Stream.of(Run.values());
  }

  @ParameterizedTest
  @MethodSource("runs")
  void checkpoint(Run run) throws IOException {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = run.begin(compute)) {
      Path path = run.train(compute);
      Path file = path.resolve("checkpoint.bin");
      byte[] original = Files.readAllBytes(file);
      byte[] body = Arrays.copyOfRange(original, HEADER, original.length);
      SplittableRandom random = new SplittableRandom(1);
      int read = 0;
      try (RunDirectory directory = RunDirectory.open(path)) {
        for (int i = 0; i < OF_EACH_RUN; i++) {
          Files.write(file, sealed(original, mutated(body, 0, random)));
          read += answers(file, () -> restore(directory, trainer, path)) ? 1 : 0;
        }
        Files.write(file, original);
        assertTrue(directory.restore(trainer));
      }
      assertTrue(read > 0 && read < OF_EACH_RUN, "read " + read);
    }
  }

  /** The lengths that a checkpoint records are checked against other files. */
  private static void restore(RunDirectory directory, Trainer trainer, Path run)
      throws IOException {
    byte[] metrics = Files.readAllBytes(run.resolve("metrics.csv"));
    Path events = events(run);
    byte[] eventBytes = Files.readAllBytes(events);
    try {
      directory.restore(trainer);
    } catch (StateFormatException e) {
      // Of metrics.csv or evaluation.json, which do not fit to a changed checkpoint, either.
      String message = String.valueOf(e.getMessage());
      if (message.startsWith(run.toString()) && !message.startsWith(run + "/checkpoint.bin")) {
        throw new StateFormatException(run.resolve("checkpoint.bin") + " and " + message, e);
      }
      throw e;
    } finally {
      Files.write(run.resolve("metrics.csv"), metrics);
      Files.write(events, eventBytes);
    }
  }

  private static Path events(Path run) throws IOException {
    try (var files = Files.newDirectoryStream(run, "events.out.tfevents.*")) {
      return files.iterator().next();
    }
  }

  @ParameterizedTest
  @MethodSource("runs")
  void policy(Run run) throws IOException {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      byte[] original = Files.readAllBytes(run.train(compute).resolve("policy.bin"));
      byte[] body = Arrays.copyOfRange(original, HEADER, original.length);
      byte[] name = "description".getBytes(StandardCharsets.UTF_8);
      int at = 0;
      while (!Arrays.equals(body, at, at + name.length, name, 0, name.length)) {
        at++;
      }
      at += name.length;
      int length = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
      ObjectMapper json = new ObjectMapper();
      JsonNode description = json.readTree(body, at + 4, length);
      byte[] before = Arrays.copyOf(body, at);
      byte[] after = Arrays.copyOfRange(body, at + 4 + length, body.length);
      Path file = folder.resolve(run + "-policy.bin");
      SplittableRandom random = new SplittableRandom(2);
      int read = 0;
      for (int i = 0; i < OF_EACH_RUN; i++) {
        byte[] damaged;
        if (i % 2 == 0) {
          damaged = mutated(body, 0, random);
        } else {
          byte[] text = json.writeValueAsBytes(mutated(description, random));
          ByteBuffer all =
              ByteBuffer.allocate(before.length + 4 + text.length + after.length)
                  .order(ByteOrder.LITTLE_ENDIAN);
          damaged = all.put(before).putInt(text.length).put(text).put(after).array();
        }
        Files.write(file, sealed(original, damaged));
        read += answers(file, () -> PolicyFile.read(file, compute)) ? 1 : 0;
      }
      assertTrue(read > 0 && read < OF_EACH_RUN, "read " + read);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "evaluation.json", "metrics.csv"})
  void text(String name) throws IOException {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = Run.PPO.begin(compute)) {
      Path path = Run.PPO.train(compute);
      Path file = path.resolve(name);
      byte[] original = Files.readAllBytes(file);
      ObjectMapper json = new ObjectMapper();
      JsonNode tree = name.endsWith(".json") ? json.readTree(original) : json.nullNode();
      SplittableRandom random = new SplittableRandom(3);
      int read = 0;
      for (int i = 0; i < MUTATIONS; i++) {
        boolean structured = name.endsWith(".json") && i % 2 == 0;
        Files.write(
            file,
            structured
                ? json.writeValueAsBytes(mutated(tree, random))
                : mutated(original, 0, random));
        Reading reading =
            switch (name) {
              case "config.json" -> () -> RunDirectory.readConfig(path);
              case "metrics.csv" -> () -> columns(path);
              default ->
                  () -> {
                    try (RunDirectory directory = RunDirectory.open(path)) {
                      directory.restore(trainer);
                    }
                  };
            };
        read += answers(file, reading) ? 1 : 0;
      }
      Files.write(file, original);
      assertTrue(read > 0 && read < MUTATIONS, "read " + read);
    }
  }

  private static void columns(Path run) throws IOException {
    try {
      RunDirectory.readMetrics(run, "steps", "mean_return");
    } catch (IllegalArgumentException e) {
      // The header's names may have changed.
      throw new StateFormatException(String.valueOf(e.getMessage()), e);
    }
  }

  @Test
  void lostEvaluations_areNotSilent() throws IOException {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = Run.DQN.begin(compute)) {
      Path path = Run.DQN.train(compute);
      Path file = path.resolve("evaluation.json");
      byte[] original = Files.readAllBytes(file);
      try (RunDirectory directory = RunDirectory.open(path)) {
        for (String text : List.of("", "[]", "null")) {
          Files.writeString(file, text);
          String message =
              assertThrows(StateFormatException.class, () -> directory.restore(trainer))
                  .getMessage();
          assertTrue(message.startsWith(file.toString()), message);
        }
        Files.write(file, original);
        assertTrue(directory.restore(trainer));
        assertEquals(1, directory.evaluations().size());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"config.json", "evaluation.json", "metrics.csv", "checkpoint.bin", "policy.bin"})
  void irregularFiles_areRefusedAtOnce(String name) throws Exception {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer = Run.SAC.begin(compute)) {
      Path path = Run.SAC.train(compute);
      Path file = path.resolve(name);
      byte[] original = Files.readAllBytes(file);
      Reading reading =
          () -> {
            PolicyFile.read(path.resolve("policy.bin"), compute);
            try (RunDirectory directory = RunDirectory.open(path)) {
              if (!directory.restore(trainer)) { // a damaged checkpoint is passed over
                throw new StateFormatException(path.resolve("checkpoint.bin") + " is damaged");
              }
            }
          };
      for (String kind : List.of("pipe", "directory", "zero", "sparse")) {
        Files.delete(file);
        switch (kind) {
          case "pipe" ->
              assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
          case "directory" -> Files.createDirectory(file);
          case "zero" -> Files.createSymbolicLink(file, Path.of("/dev/zero"));
          default -> {
            try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
              sparse.setLength(10L << 30);
            }
          }
        }
        String message =
            assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> {
                  if (kind.equals("sparse")) {
                    return assertThrows(StateFormatException.class, reading::read, kind)
                        .getMessage();
                  }
                  return assertThrows(FileSystemException.class, reading::read, kind).getMessage();
                });
        assertTrue(message.startsWith(file.toString()), kind + ": " + message);
      }
      Files.delete(file);
      Files.write(file, original);
      reading.read();
    }
  }
}
