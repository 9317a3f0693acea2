package org.deeprl4j.algorithms.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.WholeFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.util.Event;

/** The run directory and the outer loop, with a trainer whose every bit is drawn from its state. */
class RunDirectoryTest {
  private static final int STEPS = 100;
  private static final int PER_ITERATION = 7;

  @TempDir Path temporary;

  /** A walk: its position decides what its policy earns. */
  private static final class Walk implements Trainer {
    private final Rng random = new Rng(3);
    private double position;
    private long steps;
    private String interruptIn = "";
    private long interruptAt;

    /** Interrupts the thread, once. */
    void here(String place) {
      if (interruptAt > 0 && steps >= interruptAt && place.equals(interruptIn)) {
        interruptAt = 0;
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public long steps() {
      return steps;
    }

    @Override
    public boolean done() {
      return steps >= STEPS;
    }

    @Override
    public OptionalLong iterationSteps() {
      return OptionalLong.of(PER_ITERATION);
    }

    @Override
    public Metrics iterate() {
      steps += PER_ITERATION;
      position += random.nextGaussian();
      here("iterate");
      Map<String, Double> values = new LinkedHashMap<>();
      values.put("position", position);
      values.put("nothing", Double.NaN);
      return new Metrics(Map.of(), values);
    }

    @Override
    public Policy policy() {
      here("policy");
      return new Constant(position);
    }

    @Override
    public void save(StateWriter out) {
      here("save");
      out.put("random", random);
      out.put("position", position);
      out.put("steps", steps);
    }

    @Override
    public void load(StateReader in) {
      in.get("random", random);
      position = in.getDouble("position");
      steps = in.getLong("steps");
    }

    @Override
    public void close() {}
  }

  private record Constant(double value) implements Policy {
    @Override
    public Space observationSpace() {
      return new Discrete(1);
    }

    @Override
    public Space actionSpace() {
      return Box.of(-100, 100, 1);
    }

    @Override
    public void act(float[] observations, int rows, float[] actions) {
      Arrays.fill(actions, 0, rows, (float) value);
    }
  }

  /** One step whose reward is the action. */
  private static final class Echo implements Mdp {
    @Override
    public Space observationSpace() {
      return new Discrete(1);
    }

    @Override
    public Space actionSpace() {
      return Box.of(-100, 100, 1);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {}

    @Override
    public void step(float[] action, Step next) {
      next.setReward(action[0]);
      next.setTerminated(true);
    }
  }

  private static RunConfig config() {
    return RunConfig.of("ppo", "CartPole-v1", STEPS, 3, Configurations.toJson(PpoConfig.defaults()))
        .withPreset("sb3-default")
        .withCheckpointEvery(20)
        .withEvaluateEvery(30)
        .withEvaluationEpisodes(2)
        .withCompute("no kernels")
        .withCommandLine(List.of("train", "ppo"));
  }

  private static final RunDirectory.PolicyWriter WRITER =
      (file, policy) -> Files.writeString(file, policy.toString());

  private RunDirectory create(String name) throws IOException {
    return RunDirectory.create(temporary.resolve(name), config(), WRITER);
  }

  private static TrainingReport train(
      Trainer trainer, RunDirectory directory, BooleanSupplier stop, TrainingListener... listeners)
      throws IOException {
    return Training.run(
        trainer,
        new TrainingPlan(directory, 20, new TrainingPlan.Evaluations(Echo::new, 30, 2, 1), stop),
        listeners);
  }

  /** The columns of metrics.csv but the time. */
  private static List<String> rows(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.csv")).stream()
        .map(line -> line.replaceFirst("(,[^,]*){2}", ""))
        .toList();
  }

  private static List<Event> events(Path run) throws Exception {
    try (var files = Files.list(run)) {
      Path file =
          files
              .filter(f -> f.getFileName().toString().startsWith("events.out.tfevents."))
              .findFirst()
              .orElseThrow();
      return EventRecordsTest.parse(Files.readAllBytes(file));
    }
  }

  /** What every event says, but the time. */
  private static List<String> summaries(Path run) throws Exception {
    return events(run).stream()
        .map(
            e ->
                e.getStep()
                    + " "
                    + e.getSummary().getValueList().stream()
                        .filter(value -> !value.getTag().startsWith("time/"))
                        .map(value -> value.getTag() + " " + value.getSimpleValue())
                        .toList())
        .toList();
  }

  @Test
  void events_areGrouped() throws Exception {
    try (RunDirectory directory = create("groups")) {
      directory.record(5, 1.5, new Metrics(Map.of("mean_return", 2.0), Map.of("loss", 3.0)));
    }
    Event event = events(temporary.resolve("groups")).get(2);
    assertEquals(5, event.getStep());
    assertEquals(
        List.of("rollout/mean_return", "train/loss", "time/seconds", "time/steps_per_second"),
        event.getSummary().getValueList().stream().map(value -> value.getTag()).toList());
  }

  @Test
  void olderFormat_isNamed() throws Exception {
    create("old").close();
    Path file = temporary.resolve("old").resolve("config.json");
    Files.writeString(file, Files.readString(file).replaceFirst("\"format\" : 3,", ""));
    StateFormatException e =
        assertThrows(
            StateFormatException.class, () -> RunDirectory.readConfig(temporary.resolve("old")));
    assertTrue(e.getMessage().contains("format 1, not 3"), e.getMessage());
  }

  @Test
  void run_leavesEveryFile() throws Exception {
    List<String> seen = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onIteration(long steps, double seconds, Metrics metrics) {
            seen.add("iteration " + steps);
          }

          @Override
          public void onEvaluation(long steps, EvaluationResult result, boolean best) {
            seen.add("evaluation " + steps);
          }

          @Override
          public void onCheckpoint(long steps, Path directory) {
            seen.add("checkpoint " + steps);
          }

          @Override
          public void onEnd(TrainingReport report) {
            seen.add("end " + report.stopped());
          }
        };
    Walk walk = new Walk();
    Path run = temporary.resolve("a");
    try (RunDirectory directory = create("a")) {
      TrainingReport report = train(walk, directory, () -> false, listener);
      assertEquals(105, report.steps());
      assertFalse(report.stopped());
      assertEquals(walk.position, report.evaluation().meanReturn(), 1e-6);
    }
    assertEquals(
        List.of(
            "iteration 7",
            "iteration 14",
            "iteration 21",
            "checkpoint 21",
            "iteration 28",
            "iteration 35",
            "evaluation 35",
            "iteration 42",
            "checkpoint 42",
            "iteration 49",
            "iteration 56",
            "iteration 63",
            "evaluation 63",
            "checkpoint 63",
            "iteration 70",
            "iteration 77",
            "iteration 84",
            "checkpoint 84",
            "iteration 91",
            "evaluation 91",
            "iteration 98",
            "iteration 105",
            "checkpoint 105",
            "evaluation 105",
            "end false"),
        seen);
    List<String> rows = rows(run);
    assertEquals(16, rows.size());
    assertEquals("steps,position,nothing", rows.get(0));
    assertEquals("105," + walk.position + ",NaN", rows.get(15));
    assertEquals(
        "Constant[value=" + walk.position + "]", Files.readString(run.resolve("policy.bin")));
    assertEquals(config(), RunDirectory.readConfig(run));

    var json =
        com.fasterxml.jackson.databind.json.JsonMapper.builder()
            .build()
            .readTree(Files.readString(run.resolve("evaluation.json")));
    assertEquals(4, json.size());
    double best = Double.NEGATIVE_INFINITY;
    for (var one : json) {
      best = Math.max(best, one.get("meanReturn").asDouble());
    }
    String bestPolicy = Files.readString(run.resolve("best.bin"));
    assertEquals(
        best, Double.parseDouble(bestPolicy.replaceAll("[^-0-9.E]", "")), 1e-6, bestPolicy);
    // header, hyper-parameters, 15 iterations, 4 evaluations
    assertEquals(21, events(run).size());
    try (var files = Files.list(run)) {
      assertTrue(files.noneMatch(f -> f.toString().endsWith(".tmp")));
    }
  }

  @Test
  void stoppedAndResumed_isNeverStopped() throws Exception {
    try (RunDirectory whole = create("whole")) {
      train(new Walk(), whole, () -> false);
    }
    for (int iterations = 1; iterations < 15; iterations++) {
      String name = "stopped" + iterations;
      int[] left = {iterations};
      try (RunDirectory directory = create(name)) {
        assertTrue(train(new Walk(), directory, () -> --left[0] == 0).stopped());
      }
      resume(name, true);
      assertSameRun(name);
    }
  }

  @Test
  void killedAndResumed_isNeverStopped() throws Exception {
    try (RunDirectory whole = create("whole")) {
      train(new Walk(), whole, () -> false);
    }
    for (int iterations = 1; iterations < 15; iterations++) {
      String name = "killed" + iterations;
      int[] left = {iterations};
      BooleanSupplier killer =
          () -> {
            if (--left[0] == 0) {
              throw new IllegalStateException("killed");
            }
            return false;
          };
      try (RunDirectory directory = create(name)) {
        assertThrows(IllegalStateException.class, () -> train(new Walk(), directory, killer));
      }
      // a torn row, as a crash of the machine may leave it
      Files.writeString(
          temporary.resolve(name).resolve("metrics.csv"), "98,0.1,", StandardOpenOption.APPEND);
      resume(name, iterations >= 3);
      assertSameRun(name);
    }
  }

  private void resume(String name, boolean hasCheckpoint) throws IOException {
    Walk walk = new Walk();
    try (RunDirectory directory = RunDirectory.open(temporary.resolve(name), WRITER)) {
      List<String> before = rows(directory.path());
      assertEquals(hasCheckpoint, directory.restore(walk));
      if (!hasCheckpoint) {
        assertThrows(IllegalStateException.class, () -> train(new Walk(), directory, () -> false));
        assertEquals(before, rows(directory.path()), "nothing is overwritten unasked");
        directory.restart();
      }
      train(walk, directory, () -> false);
    }
  }

  private void assertSameRun(String name) throws Exception {
    Path whole = temporary.resolve("whole");
    Path other = temporary.resolve(name);
    assertEquals(rows(whole), rows(other), name);
    for (String file : List.of("policy.bin", "best.bin", "evaluation.json", "config.json")) {
      assertArrayEquals(
          Files.readAllBytes(whole.resolve(file)),
          Files.readAllBytes(other.resolve(file)),
          name + file);
    }
    List<String> expected = summaries(whole);
    assertEquals(expected, summaries(other), name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"iterate", "record", "policy", "save", "evaluation"})
  void interrupted_whereverItArrives_leavesARunThatResumes(String where) throws Exception {
    try (RunDirectory whole = create("whole")) {
      train(new Walk(), whole, () -> false);
    }
    for (int iterations = 1; iterations < 15; iterations++) {
      long at = (long) iterations * PER_ITERATION;
      Walk walk = new Walk();
      walk.interruptIn = where;
      walk.interruptAt = at;
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void onIteration(long steps, double seconds, Metrics metrics) {
              walk.here("record");
            }

            @Override
            public void onEvaluation(long steps, EvaluationResult result, boolean best) {
              walk.here("evaluation");
            }
          };
      String name = where + iterations;
      TrainingReport report;
      try (RunDirectory directory = create(name)) {
        report = train(walk, directory, () -> false, listener);
      }
      assertEquals(walk.interruptAt == 0, Thread.interrupted(), name);
      assertEquals(walk.interruptAt == 0 && report.totalSteps() < STEPS, report.stopped(), name);
      resume(name, true);
      assertSameRun(name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"iteration", "evaluation", "checkpoint"})
  void listenerThatThrows_endsARunThatResumes(String where) throws Exception {
    try (RunDirectory whole = create("whole")) {
      train(new Walk(), whole, () -> false);
    }
    for (int after = 1; after < 6; after++) {
      int[] left = {after};
      RuntimeException thrown = new IllegalStateException("mine");
      TrainingListener listener =
          new TrainingListener() {
            private void at(String here) {
              if (here.equals(where) && --left[0] == 0) {
                throw thrown;
              }
            }

            @Override
            public void onIteration(long steps, double seconds, Metrics metrics) {
              at("iteration");
            }

            @Override
            public void onEvaluation(long steps, EvaluationResult result, boolean best) {
              at("evaluation");
            }

            @Override
            public void onCheckpoint(long steps, Path directory) {
              at("checkpoint");
            }
          };
      String name = where + after;
      try (RunDirectory directory = create(name)) {
        train(new Walk(), directory, () -> false, listener);
        assertTrue(left[0] > 0, name + " has been told, and goes on");
      } catch (IllegalStateException e) {
        assertSame(thrown, e);
      }
      resume(name, true);
      assertSameRun(name);
    }
  }

  @Test
  void listenersReason_endsTheRun_whichIsEvaluated() throws Exception {
    TrainingListener listener =
        new TrainingListener() {
          private int iterations;

          @Override
          public void onIteration(long steps, double seconds, Metrics metrics) {
            iterations++;
          }

          @Override
          public @Nullable String reasonToStop() {
            return iterations == 3 ? "it is enough" : null;
          }
        };
    try (RunDirectory directory = create("enough")) {
      TrainingReport report = train(new Walk(), directory, () -> false, listener);
      assertEquals("it is enough", report.reason());
      assertEquals(3L * PER_ITERATION, report.totalSteps());
      assertTrue(report.stopped());
      assertNotNull(report.evaluation());
    }
  }

  @Test
  void damagedCheckpoint_givesWayToTheOneBefore() throws Exception {
    try (RunDirectory whole = create("whole")) {
      train(new Walk(), whole, () -> false);
    }
    int[] left = {13};
    try (RunDirectory directory = create("damaged")) {
      train(new Walk(), directory, () -> --left[0] == 0);
    }
    Path run = temporary.resolve("damaged");
    Path newest = run.resolve("checkpoint.bin");
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(newest, bytes);
    Walk walk = new Walk();
    try (RunDirectory directory = RunDirectory.open(run, WRITER)) {
      assertTrue(directory.restore(walk));
      assertEquals(84, walk.steps(), "91 is damaged");
      train(walk, directory, () -> false);
    }
    assertSameRun("damaged");
    try (var files = Files.list(run)) {
      assertEquals(
          List.of("checkpoint-1.bin", "checkpoint.bin"),
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.startsWith("checkpoint"))
              .sorted()
              .toList());
    }
    // as a kill between the two renamings leaves it
    Files.move(newest, run.resolve("checkpoint-1.bin"), StandardCopyOption.REPLACE_EXISTING);
    resume("damaged", true);
    assertSameRun("damaged");
  }

  @Test
  void checkpointsByTime_comeUnasked_costLittle_andChangeNothing() throws Exception {
    try (RunDirectory whole = create("whole")) {
      train(new Walk(), whole, () -> false);
    }
    long[] now = {0};
    List<Long> at = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onIteration(long steps, double seconds, Metrics metrics) {
            now[0] += 4_000_000_000L;
          }

          @Override
          public void onCheckpoint(long steps, Path directory) {
            at.add(steps);
          }
        };
    RunDirectory.PolicyWriter slow =
        (file, policy) -> {
          now[0] += file.endsWith("policy.bin") ? 150_000_000 : 0;
          WRITER.write(file, policy);
        };
    try (RunDirectory directory = RunDirectory.create(temporary.resolve("timed"), config(), slow)) {
      Training.run(
          new Walk(),
          new TrainingPlan(
              directory, 0, new TrainingPlan.Evaluations(Echo::new, 30, 2, 1), () -> false),
          () -> now[0],
          listener);
    }
    // After 12 s, and once (1 + 1) · 0.15 s and (2 + 1) · 0.15 s are 1 % of the time.
    assertEquals(List.of(21L, 56L, 84L, 105L), at);
    assertSameRun("timed");
  }

  @Test
  void completeRun_resumedAgain_changesNothing() throws Exception {
    try (RunDirectory whole = create("whole")) {
      train(new Walk(), whole, () -> false);
    }
    try (RunDirectory whole = create("again")) {
      train(new Walk(), whole, () -> false);
    }
    resume("again", true);
    assertSameRun("again");
  }

  @Test
  void existingDirectory_isRefused() throws Exception {
    create("taken").close();
    assertThrows(FileAlreadyExistsException.class, () -> create("taken"));
  }

  @Test
  void defaultNames_areNumbered() throws Exception {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      try (RunDirectory directory = RunDirectory.createUnder(temporary.resolve("runs"), config())) {
        names.add(directory.path().getFileName().toString());
      }
    }
    assertEquals(List.of("ppo-CartPole-v1-3", "ppo-CartPole-v1-3-2", "ppo-CartPole-v1-3-3"), names);
  }

  @Test
  void directoryInUse_isRefused() throws Exception {
    try (RunDirectory directory = create("busy")) {
      IOException e =
          assertThrows(IOException.class, () -> RunDirectory.open(directory.path(), WRITER));
      assertEquals(
          directory.path() + ": is in use by another run; wait for it or stop it", e.getMessage());
    }
    RunDirectory.open(temporary.resolve("busy"), WRITER).close();
  }

  /** A process that opens a run, says whether it may, and holds it until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      try (RunDirectory directory = RunDirectory.open(Path.of(arguments[0]), WRITER)) {
        directory.restore(new Walk());
        System.out.println("held");
        System.in.read();
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }

    /** Starts one, and returns the line it says. */
    static String start(Path run, List<Process> started) throws IOException {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  ManagementFactory.getRuntimeMXBean().getClassPath(),
                  Holder.class.getName(),
                  run.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      started.add(process);
      return process.inputReader().readLine();
    }
  }

  @Test
  void anotherProcess_isRefused_whoeverStartsFirst_untilTheFirstIsKilled() throws Exception {
    Path run = temporary.resolve("contended");
    String refused = run + ": is in use by another run; wait for it or stop it";
    List<Process> started = new ArrayList<>();
    try {
      try (RunDirectory fresh = create("contended")) {
        assertThrows(IOException.class, () -> RunDirectory.open(run, WRITER));
        assertEquals(refused, Holder.start(run, started), "beside a fresh run");
        train(new Walk(), fresh, () -> false);
      }
      try (RunDirectory resumed = RunDirectory.open(run, WRITER)) {
        assertTrue(resumed.restore(new Walk()));
        assertThrows(IOException.class, () -> RunDirectory.open(run, WRITER));
        assertEquals(refused, Holder.start(run, started), "beside a resumed run");
      }
      assertEquals("held", Holder.start(run, started));
      IOException e = assertThrows(IOException.class, () -> RunDirectory.open(run, WRITER));
      assertEquals(refused, e.getMessage());
      started.get(2).destroyForcibly().waitFor();
      RunDirectory.open(run, WRITER).close();
    } finally {
      started.forEach(Process::destroyForcibly);
    }
  }

  @Test
  void damage_isNamed() throws Exception {
    assertThrows(NoSuchFileException.class, () -> RunDirectory.open(temporary.resolve("none")));
    Path run = temporary.resolve("damaged");
    try (RunDirectory directory = create("damaged")) {
      train(new Walk(), directory, () -> false);
    }
    Path metrics = run.resolve("metrics.csv");
    byte[] complete = Files.readAllBytes(metrics);
    Files.write(metrics, Arrays.copyOf(complete, complete.length - 1));
    assertMessage(run, "bytes of metrics");
    Files.write(metrics, complete);
    Files.write(run.resolve("checkpoint.bin"), new byte[] {1, 2, 3});
    Files.write(run.resolve("checkpoint-1.bin"), new byte[] {1, 2, 3});
    try (RunDirectory directory = RunDirectory.open(run, WRITER)) {
      assertFalse(directory.restore(new Walk()));
      assertTrue(directory.hasBegun());
    }
    assertArrayEquals(complete, Files.readAllBytes(metrics));
    Files.writeString(run.resolve("config.json"), "{\"algorithm\":");
    assertMessage(run, "config.json is not valid");
  }

  private static void assertMessage(Path run, String part) {
    StateFormatException e =
        assertThrows(
            StateFormatException.class,
            () -> {
              try (RunDirectory directory = RunDirectory.open(run, WRITER)) {
                directory.restore(new Walk());
              }
            });
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void whatAKilledProcessWasWriting_isGoneWhenTheRunIsOpened() throws Exception {
    create("killed").close();
    Path run = temporary.resolve("killed");
    List<String> before = names(run);
    for (String name :
        List.of("config.json", "evaluation.json", "policy.bin", "best.bin", "origin")) {
      Files.writeString(run.resolve(name + ".tmp"), "half");
    }
    Files.writeString(run.resolve("checkpoint.new"), "whole, but not yet the newest");
    Files.writeString(run.resolve("checkpoint.new.tmp"), "half");
    Files.writeString(run.resolve("notes.tmp"), "of the user");
    RunDirectory.open(run, WRITER).close();
    assertEquals("of the user", Files.readString(run.resolve("notes.tmp")));
    Files.delete(run.resolve("notes.tmp"));
    assertEquals(before, names(run));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  /** A folder that several processes write to, each under a name of its own. */
  @Test
  void whatIsStale_isDeleted_whatIsNewStays() throws Exception {
    Path old = Files.writeString(temporary.resolve("run1.part"), "killed long ago");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    Path other = Files.writeString(temporary.resolve("keep"), "something else");
    Files.setLastModifiedTime(other, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    Files.writeString(temporary.resolve("run2.part"), "being written");
    WholeFile.deleteStale(temporary, "run*.part");
    assertEquals(List.of("keep", "run2.part"), names(temporary));
  }

  @Test
  void fileInPlaceOfTheRunsFolder_isNamedAtOnce() throws Exception {
    Path file = Files.createFile(temporary.resolve("runs"));
    String message =
        assertTimeoutPreemptively(
            Duration.ofSeconds(60),
            () ->
                assertThrows(
                        FileSystemException.class, () -> RunDirectory.createUnder(file, config()))
                    .getMessage());
    assertEquals(file + ": is a file, not a directory", message);
  }

  @Test
  void aLink_isNotWrittenThrough() throws Exception {
    Path other = Files.writeString(temporary.resolve("other"), "of somebody else");
    for (String name : List.of("metrics.csv", "lock")) {
      Path run = temporary.resolve("linked-" + name);
      create("linked-" + name).close();
      Files.delete(run.resolve(name));
      Files.createSymbolicLink(run.resolve(name), other);
      String message =
          assertThrows(FileSystemException.class, () -> RunDirectory.open(run, WRITER))
              .getMessage();
      assertTrue(message.endsWith(name + ": is a link, not a file"), message);
    }
    Files.createSymbolicLink(temporary.resolve("a.tmp"), other);
    WholeFile.write(temporary.resolve("a"), new byte[] {1});
    assertEquals("of somebody else", Files.readString(other));
  }

  @Test
  void metricsThatChangeTheirNames_areRefused() throws Exception {
    try (RunDirectory directory = create("names")) {
      directory.record(1, 0, new Metrics(Map.of(), Map.of("a", 1.0)));
      assertThrows(
          IllegalArgumentException.class,
          () -> directory.record(2, 0, new Metrics(Map.of(), Map.of("b", 1.0))));
    }
  }
}
