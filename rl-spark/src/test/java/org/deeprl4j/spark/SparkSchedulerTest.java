package org.deeprl4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.experiments.execution.RunOutcome;
import org.deeprl4j.experiments.execution.RunTask;
import org.deeprl4j.experiments.execution.RunWork;
import org.deeprl4j.experiments.execution.Scheduler;
import org.deeprl4j.experiments.execution.ThreadScheduler;
import org.deeprl4j.experiments.study.Study;
import org.deeprl4j.experiments.study.StudyDirectory;
import org.deeprl4j.state.DivergenceException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies on Spark in this program. */
final class SparkSchedulerTest {
  private static final long STEPS = 2048;

  @TempDir Path folder;
  private Scheduler spark;

  private Scheduler spark(Path shared) throws IOException {
    spark = new SparkProvider().scheduler("local[2]", List.of(), folder.resolve("spark"), shared);
    return spark;
  }

  @AfterEach
  void close() {
    if (spark != null) {
      spark.close();
    }
  }

  private byte[] local(Study study) throws Exception {
    Path out = folder.resolve("local");
    Studies.execute(new ThreadScheduler(2), out, study, () -> false, outcome -> {});
    return Studies.summary(out);
  }

  private static List<String> failures(List<RunOutcome> outcomes) {
    return outcomes.stream()
        .filter(outcome -> outcome.failure() != null)
        .map(outcome -> outcome.task().config().seed() + " " + outcome.failure().getMessage())
        .toList();
  }

  /** The same bytes, the runs beside them, and nothing else. */
  @Test
  void aStudy_isTheOneOfThreads() throws Exception {
    Study study = Studies.study("1-4", STEPS, 0);
    Path out = folder.resolve("spark");
    List<RunOutcome> outcomes =
        Studies.execute(spark(null), out, study, () -> false, outcome -> {});
    assertEquals(List.of(), failures(outcomes));
    assertEquals(4, outcomes.size());
    assertArrayEquals(local(study), Studies.summary(out));
    Path run = outcomes.get(0).task().directory();
    assertTrue(RunDirectory.isMadeHere(run, RunDirectory.readConfig(run)));
    Path same = folder.resolve("local").resolve(out.relativize(run));
    assertArrayEquals(
        Files.readAllBytes(same.resolve("policy.bin")),
        Files.readAllBytes(run.resolve("policy.bin")));
    try (var files = Files.list(run.getParent())) {
      assertEquals(
          List.of("seed-1", "seed-2", "seed-3", "seed-4"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  /** A run that cannot begin leaves no directory, and says what is wrong and where. */
  @Test
  void aRunThatFails_endsAlone() throws Exception {
    Path out = folder.resolve("spark");
    List<RunOutcome> outcomes =
        Studies.execute(
            spark(null), out, Studies.study("12-14", STEPS, 0), () -> false, outcome -> {});
    assertEquals(List.of("13 no environment has seed 13 (on 127.0.0.1)"), failures(outcomes));
    assertEquals(
        2, outcomes.stream().filter(o -> o.status() == RunOutcome.Status.COMPLETE).count());
    Path failed =
        outcomes.stream()
            .filter(o -> o.status() == RunOutcome.Status.FAILED)
            .map(o -> o.task().directory())
            .findFirst()
            .orElseThrow();
    assertFalse(Files.exists(failed));
  }

  /** It is a result of the settings, which a search ranks: the same one as here. */
  @Test
  void aRunThatDiverges_isToldAsOneHere() throws Exception {
    Study study = Studies.diverging("1", STEPS);
    Path local = folder.resolve("local");
    RunOutcome here =
        Studies.execute(new ThreadScheduler(1), local, study, () -> false, any -> {}).get(0);
    RunOutcome there =
        Studies.execute(spark(null), folder.resolve("spark"), study, () -> false, any -> {}).get(0);
    assertInstanceOf(DivergenceException.class, here.failure());
    assertInstanceOf(DivergenceException.class, there.failure());
    assertEquals(here.failure().getMessage(), there.failure().getMessage());
    assertEquals(here.steps(), there.steps());
  }

  /** A run that was stopped here goes on there: its checkpoint travels. */
  @Test
  void aRunThatWasStopped_goesOn() throws Exception {
    Study study = Studies.study("1", STEPS, 0);
    Path out = folder.resolve("spark");
    AtomicInteger asked = new AtomicInteger();
    RunOutcome half =
        Studies.execute(
                new ThreadScheduler(1), out, study, () -> asked.incrementAndGet() > 5, any -> {})
            .get(0);
    assertEquals(RunOutcome.Status.STOPPED, half.status());
    assertTrue(half.steps() > 0 && half.steps() < STEPS, half.toString());
    String before = Files.readString(half.task().directory().resolve("metrics.csv"));
    List<RunOutcome> outcomes =
        Studies.execute(spark(null), out, study, () -> false, outcome -> {});
    assertEquals(List.of(), failures(outcomes));
    String after = Files.readString(half.task().directory().resolve("metrics.csv"));
    assertTrue(after.startsWith(before) && after.length() > before.length(), after); // with times
    assertArrayEquals(local(study), Studies.summary(out));
  }

  /** What a lost executor has left in the directory of all is not done again. */
  @Test
  void aRunInTheSharedDirectory_goesOn_andComesBack() throws Exception {
    Study study = Studies.study("1", STEPS, 0);
    Path out = folder.resolve("spark");
    Path shared = folder.resolve("shared");
    RunTask task;
    try (StudyDirectory directory = StudyDirectory.open(out, study, UnaryOperator.identity())) {
      task = directory.tasks().get(0);
    }
    Path place = shared.resolve(out.relativize(task.directory()));
    RunTask there = new RunTask(task.label(), place, task.config());
    AtomicInteger asked = new AtomicInteger();
    new RunWork(
            run -> new TestEnvironments().of(run, List.of()),
            run -> List.of(),
            () -> asked.incrementAndGet() > 5)
        .apply(there);
    String before = Files.readString(place.resolve("metrics.csv"));
    assertTrue(before.lines().count() > 2, before);
    List<RunOutcome> outcomes =
        Studies.execute(spark(shared), out, study, () -> false, outcome -> {});
    assertEquals(List.of(), failures(outcomes));
    String after = Files.readString(task.directory().resolve("metrics.csv"));
    assertTrue(after.startsWith(before) && after.length() > before.length(), after);
    assertFalse(Files.exists(place)); // it is here now
    assertArrayEquals(local(study), Studies.summary(out));
  }

  /** Two studies may not meet in one shared directory. */
  @Test
  void anotherRunInTheSharedDirectory_isRefused() throws Exception {
    Path shared = folder.resolve("shared");
    Path out = folder.resolve("spark");
    Study study = Studies.study("1", STEPS, 0);
    RunTask task;
    try (StudyDirectory directory = StudyDirectory.open(out, study, UnaryOperator.identity())) {
      task = directory.tasks().get(0);
    }
    Path place = shared.resolve(out.relativize(task.directory()));
    RunConfig other = task.config().withTotalSteps(STEPS + 1);
    RunDirectory.create(place, other).close();
    List<RunOutcome> outcomes =
        Studies.execute(spark(shared), out, study, () -> false, outcome -> {});
    assertEquals(
        List.of(
            "1 %s holds another run than this study's: totalSteps is 2049 there and 2048 here; name another directory (on 127.0.0.1)"
                .formatted(place)),
        failures(outcomes));
    assertTrue(Files.exists(place.resolve("config.json")));
  }

  /** Stopped between two runs, the same study goes on to the same bytes. */
  @Test
  void aStudyThatWasStopped_goesOn() throws Exception {
    Study study = Studies.study("1-12", STEPS, 0);
    Path out = folder.resolve("spark");
    AtomicInteger complete = new AtomicInteger();
    List<RunOutcome> outcomes =
        Studies.execute(
            spark(null),
            out,
            study,
            () -> complete.get() > 0,
            outcome -> complete.addAndGet(outcome.evaluation() == null ? 0 : 1));
    assertEquals(12, outcomes.stream().map(RunOutcome::task).collect(Collectors.toSet()).size());
    assertTrue(
        outcomes.stream().anyMatch(o -> o.status() == RunOutcome.Status.STOPPED),
        outcomes.toString());
    assertEquals(List.of(), failures(outcomes));
    outcomes = Studies.execute(spark, out, study, () -> false, outcome -> {});
    assertEquals(List.of(), failures(outcomes));
    assertArrayEquals(local(study), Studies.summary(out));
  }

  @Test
  void workThatIsNoRun_isRefused() throws Exception {
    Scheduler scheduler = spark(null);
    assertThrows(
        IllegalArgumentException.class,
        () -> scheduler.execute(List.of(), task -> null, outcome -> {}));
  }

  @Test
  void addresses_areSparks() throws Exception {
    SparkProvider provider = new SparkProvider();
    assertTrue(provider.accepts("spark://host:7077"));
    assertTrue(provider.accepts("local[2]") && provider.accepts("local"));
    assertFalse(provider.accepts("http://host") || provider.accepts("local[x]"));
    for (String wrong : List.of("spark://host", "spark://", "spark://a b:1", "spark://h:1/x")) {
      assertThrows(
          IllegalArgumentException.class,
          () -> provider.scheduler(wrong, List.of(), folder, null),
          wrong);
    }
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    String nobody = "spark://127.0.0.1:" + free;
    IOException refused =
        assertThrows(IOException.class, () -> provider.scheduler(nobody, List.of(), folder, null));
    assertNotNull(refused.getMessage());
    assertTrue(
        refused.getMessage().startsWith("no Spark master answers at " + nobody),
        refused.getMessage());
  }
}
