package org.deeprl4j.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

final class DeployedPolicyTest {
  private static final int ROWS = 500;

  @TempDir Path folder;
  private Path file;
  private final float[] observations = new float[3 * ROWS];
  private final float[] expected = new float[2 * ROWS];

  @BeforeEach
  void writeAPolicy() throws Exception {
    file = folder.resolve("policy.bin");
    new Rng(4).fillGaussian(observations, 0, observations.length);
    try (Compute compute = Compute.light()) {
      NetworkPolicy policy =
          new NetworkPolicy(
              compute,
              new ObservationEncoder(Box.of(-5, 5, 3), true),
              Box.of(-2, 2, 2),
              compute.network(Mlp.of(3, 4, 16, 16), new Rng(1)),
              0,
              NetworkPolicy.Head.SQUASHED_GAUSSIAN);
      policy.encoder().observe(observations, ROWS);
      PolicyFile.write(file, policy);
      policy.act(observations, ROWS, expected);
    }
  }

  @Test
  void manyThreadsAtOnce_getTheActionsOfOne() throws Exception {
    DeployedPolicy policy = PolicyFile.read(file);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        all.add(
            threads.submit(
                () -> {
                  for (int b = 0; b < ROWS; b++) {
                    float[] action = policy.act(Arrays.copyOfRange(observations, 3 * b, 3 * b + 3));
                    assertArrayEquals(
                        Arrays.copyOfRange(expected, 2 * b, 2 * b + 2), action, 1e-6f, "row " + b);
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void wrongLengths_areNamed() throws Exception {
    DeployedPolicy policy = PolicyFile.read(file);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> policy.act(new float[4]));
    assertTrue(e.getMessage().startsWith("the observation has 4 numbers; this policy takes 3"));
    e =
        assertThrows(
            IllegalArgumentException.class, () -> policy.act(new float[5], 2, new float[4]));
    assertTrue(e.getMessage().startsWith("observations has 5 numbers; 2 rows"), e.getMessage());
    e =
        assertThrows(
            IllegalArgumentException.class, () -> policy.act(new float[6], 2, new float[3]));
    assertTrue(e.getMessage().startsWith("actions has 3 numbers; 2 rows"), e.getMessage());
  }

  /** Acts on one observation, in a JVM with what {@link #needed} leaves on the class path. */
  public static final class Program {
    private Program() {}

    /** Prints the action. */
    public static void main(String[] arguments) throws Exception {
      float[] action = PolicyFile.read(Path.of(arguments[0])).act(new float[] {0.1f, -0.2f, 0.3f});
      System.out.println(Arrays.toString(action));
    }
  }

  @Test
  void actingProgram_needsNeitherNd4jNorJvmOptions() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process program =
        new ProcessBuilder(java, "-cp", needed(), Program.class.getName(), file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out = new String(program.getInputStream().readAllBytes(), UTF_8);
    assertTrue(program.waitFor(60, TimeUnit.SECONDS));
    float[] action = PolicyFile.read(file).act(new float[] {0.1f, -0.2f, 0.3f});
    assertEquals(Arrays.toString(action), out.strip());
  }

  /** As docs/deployment.md says. */
  @Test
  void whatItNeeds_isSmall() throws Exception {
    long bytes = 0;
    for (String entry : needed().split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isRegularFile(path)) {
        bytes += Files.size(path);
      }
    }
    assertTrue(bytes > 500_000 && bytes < 800_000, bytes + " bytes beside rl-core");
  }

  /** This project's own classes, Jackson's parser, JSpecify and the interface of SLF4J. */
  private static String needed() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(
            entry ->
                Files.isDirectory(Path.of(entry))
                    || Path.of(entry)
                        .getFileName()
                        .toString()
                        .matches("(jackson-core|slf4j-api|jspecify)-.*"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void samples_areThoseOfThePolicy() throws Exception {
    DeployedPolicy policy = PolicyFile.read(file);
    float[] drawn = new float[2 * ROWS];
    policy.sample(observations, ROWS, new Rng(5), drawn);
    float[] again = new float[2 * ROWS];
    try (Compute compute = Compute.light()) {
      PolicyFile.read(file, compute).sample(observations, ROWS, new Rng(5), again);
    }
    assertArrayEquals(again, drawn);
    float[] modes = new float[2 * ROWS];
    policy.act(observations, ROWS, modes);
    assertArrayEquals(expected, modes, 1e-6f);
    assertFalse(Arrays.equals(modes, drawn), "samples differ from the modes");
    assertEquals(0, policy.stateSize());
    policy.sample(observations, ROWS, new float[0], new Rng(5), drawn);
    assertArrayEquals(again, drawn);
    policy.act(observations, ROWS, new float[0], drawn);
    assertArrayEquals(modes, drawn);
    assertArrayEquals(
        Arrays.copyOf(modes, 2), policy.act(Arrays.copyOf(observations, 3), new float[0]), 1e-6f);
  }

  /** What a policy is later changed to does not change the deployed one. */
  @Test
  void deployed_isACopy() {
    try (Compute compute = Compute.light()) {
      NetworkPolicy trained =
          new NetworkPolicy(
              compute,
              new ObservationEncoder(Box.of(-5, 5, 3), false),
              Box.of(-2, 2, 2),
              compute.network(Mlp.of(3, 2, 4), new Rng(1)),
              0,
              NetworkPolicy.Head.DETERMINISTIC);
      float[] observation = {1, 2, 3};
      DeployedPolicy policy = DeployedPolicy.of(trained);
      float[] before = policy.act(observation);
      assertArrayEquals(trained.act(observation), before);
      trained.network().parameters().fill(0.1f);
      assertFalse(Arrays.equals(trained.act(observation), before));
      assertArrayEquals(before, policy.act(observation));
      assertArrayEquals(before, DeployedPolicy.of(policy).act(observation));
      assertEquals(Box.of(-5, 5, 3), policy.observationSpace());
      assertEquals(Box.of(-2, 2, 2), policy.actionSpace());
    }
  }

  @Test
  void wrongLengths_areNamed_whereverTheyArePassed() throws Exception {
    DeployedPolicy policy = PolicyFile.read(file);
    String none = "rows must be at least 1, not 0";
    assertEquals(none, refusal(() -> policy.act(new float[3], 0, new float[2])));
    assertEquals(none, refusal(() -> policy.act(new float[3], 0, new float[0], new float[2])));
    assertEquals(none, refusal(() -> policy.sample(new float[3], 0, new Rng(1), new float[2])));
    assertEquals(
        none,
        refusal(() -> policy.sample(new float[3], 0, new float[0], new Rng(1), new float[2])));
    assertEquals(
        "the observation has 2 numbers; this policy takes 3, of " + policy.observationSpace(),
        refusal(() -> policy.act(new float[2], new float[0])));
    policy.act(new float[9], 2, new float[4]); // longer ones are taken
  }

  private static String refusal(Executable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
