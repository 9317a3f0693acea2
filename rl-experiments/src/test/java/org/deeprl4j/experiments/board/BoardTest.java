package org.deeprl4j.experiments.board;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BoardTest {
  private static final String HEADER =
      "steps,seconds,steps_per_second,episodes,mean_return,mean_length,success_rate,policy_loss\n";

  @TempDir Path folder;
  private final AtomicLong now = new AtomicLong();

  private static RunConfig config(long seed) {
    return RunConfig.of(
            "ppo",
            "CartPole-v1",
            1000,
            seed,
            JsonNodeFactory.instance.objectNode().put("gamma", 0.99))
        .withEvaluationEpisodes(10);
  }

  /** A run that nobody is at. */
  private Path run(String name) throws IOException {
    Path path = folder.resolve(name);
    RunDirectory.create(path, config(1)).close();
    return path;
  }

  private static void append(Path run, String rows) throws IOException {
    Files.writeString(
        run.resolve("metrics.csv"), rows, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static void evaluate(Path run, long steps) throws IOException {
    Files.writeString(
        run.resolve("evaluation.json"),
        "[{\"steps\": %d, \"returns\": [90, 110], \"lengths\": [90, 110]}]".formatted(steps));
  }

  /** A board that has looked. */
  private Board board() throws IOException {
    Board board = new Board(folder, now::get);
    board.look();
    return board;
  }

  /** Looks again, much later. */
  private long look(Board board) {
    now.addAndGet(3_600_000_000_000L);
    return board.look();
  }

  private static BoardRun only(Board board) {
    assertEquals(1, board.runs().size());
    return board.runs().iterator().next();
  }

  @Test
  void runsAndStudies_areFoundAtAnyDepthAndAsTheyCome() throws IOException {
    run("one");
    run("studies/pole/ppo-CartPole-v1/seed-1");
    Files.writeString(
        folder.resolve("studies/pole/study.json"),
        """
        {"algorithm": "ppo", "environment": "CartPole-v1", "seeds": "1-3", "steps": 1000}
        """);
    Files.createDirectories(folder.resolve("target/classes"));
    run("target/hidden");
    run(".hidden");
    Board board = board();
    assertEquals(
        List.of("one", "studies/pole/ppo-CartPole-v1/seed-1"),
        board.runs().stream().map(BoardRun::id).toList());
    assertEquals(List.of(new BoardStudy("studies/pole", 3, null)), board.studies());
    assertEquals(1, board.listed());
    run("two");
    assertEquals(2, look(board));
    assertEquals(2, board.listed());
    assertNotNull(board.find("two"));
    assertNull(board.find("three"));
    look(board);
    assertEquals(2, board.listed(), "nothing is new");
  }

  @Test
  void directoryOfARun_isThatRun() throws IOException {
    run("one");
    Board board = new Board(folder.resolve("one"));
    board.look();
    assertEquals("", only(board).id());
  }

  @Test
  void directoryThatIsNone_isAnError() throws IOException {
    assertThrows(NoSuchFileException.class, () -> new Board(folder.resolve("nothing")));
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThrows(IOException.class, () -> new Board(file));
  }

  @Test
  void state_isToldByLockAndRecords() throws IOException {
    Path path = folder.resolve("one");
    Board board;
    try (RunDirectory held = RunDirectory.create(path, config(1))) {
      board = board();
      assertEquals(RunState.RUNNING, only(board).state());
      append(held.path(), HEADER + "100,0.5,200.0,3,20.0,20.0,NaN,0.5\n");
      look(board);
      assertEquals(RunState.RUNNING, only(board).state());
    }
    look(board);
    BoardRun run = only(board);
    assertEquals(RunState.STOPPED, run.state());
    assertEquals(100, run.steps());
    assertEquals(200, run.stepsPerSecond());
    assertEquals(20, run.trainingReturn());
    evaluate(path, 500);
    look(board);
    assertEquals(RunState.STOPPED, run.state(), "an evaluation on the way");
    assertEquals(100, run.evaluatedReturn());
    evaluate(path, 1000);
    look(board);
    assertEquals(RunState.FINISHED, run.state());
    assertNull(run.problem());
  }

  @Test
  void failure_isWhatTheStudySays() throws IOException {
    Path path = run("pole/ppo-CartPole-v1/seed-1");
    Files.writeString(
        folder.resolve("pole/study.json"),
        "{\"algorithm\": \"ppo\", \"environment\": \"CartPole-v1\", \"seeds\": 1, \"steps\":"
            + " 1000}");
    Files.writeString(
        folder.resolve("pole/results.csv"),
        "label,status,directory,failure\n"
            + "ppo,failed,ppo-CartPole-v1/seed-1,\"out of memory, again\"\n");
    Board board = board();
    assertEquals(RunState.FAILED, only(board).state());
    assertEquals("out of memory, again", only(board).problem());
    evaluate(path, 1000); // it was tried again
    look(board);
    assertEquals(RunState.FINISHED, only(board).state());
    assertNull(only(board).problem());
  }

  @ParameterizedTest
  @CsvSource({
    "config.json, {, config.json is not valid",
    "config.json, {}, is of format 1",
    "config.json, [], config.json is not valid",
    "metrics.csv, 'steps,seconds\n1,x\n', 'metrics.csv is damaged, line 2'",
    "evaluation.json, [1], evaluation.json is not valid"
  })
  void brokenRun_isShownAsSuchWithOneLine(String file, String content, String problem)
      throws IOException {
    Path path = run("one");
    run("two");
    Files.writeString(path.resolve(file), content);
    Board board = board();
    BoardRun run = board.find("one");
    assertNotNull(run);
    assertEquals(RunState.BROKEN, run.state());
    String said = String.valueOf(run.problem());
    assertTrue(said.contains(problem), said);
    assertEquals(1, said.lines().count(), said);
    assertEquals(RunState.STOPPED, board.find("two").state(), "the other one is shown as ever");
  }

  @Test
  void brokenStudy_saysWhy() throws IOException {
    run("pole/seed-1");
    Files.writeString(folder.resolve("pole/study.json"), "{\"algorithm\": \"pppo\"}");
    BoardStudy study = board().studies().get(0);
    assertTrue(String.valueOf(study.problem()).contains("pole/study.json"), study.problem());
  }

  @Test
  void links_areNotFollowed(@TempDir Path outside) throws IOException {
    Path elsewhere = outside.resolve("secret");
    RunDirectory.create(elsewhere, config(1)).close();
    Files.createSymbolicLink(folder.resolve("linked"), elsewhere);
    Path path = run("one");
    for (String file : List.of("config.json", "evaluation.json", "metrics.csv")) {
      Files.deleteIfExists(path.resolve(file));
      Files.createSymbolicLink(path.resolve(file), elsewhere.resolve(file));
    }
    Files.writeString(elsewhere.resolve("metrics.csv"), HEADER);
    evaluate(elsewhere, 1000);
    BoardRun run = only(board());
    assertEquals("one", run.id());
    assertEquals(RunState.BROKEN, run.state());
    assertNull(run.config());
    assertTrue(Double.isNaN(run.evaluatedReturn()));
    assertEquals(List.of(), run.metrics());
  }

  @Test
  void metrics_haveGroups() throws IOException {
    Path path = run("one");
    append(path, HEADER + "100,0.5,200.0,3,20.0,20.0,NaN,0.5\n");
    evaluate(path, 100);
    Files.writeString(
        path.resolve("episodes.csv"), "return,length,success,steps,seconds\n9,9,,9,0.1\n");
    BoardRun run = only(board());
    assertEquals(
        List.of(
            "time/steps_per_second",
            "rollout/episodes",
            "rollout/mean_return",
            "rollout/mean_length",
            "rollout/success_rate",
            "train/policy_loss",
            "rollout/episode_return",
            "rollout/episode_length",
            "rollout/episode_success",
            "eval/mean_return",
            "eval/std_return",
            "eval/mean_length",
            "eval/success_rate"),
        run.metrics());
    assertArrayEquals(new double[] {9}, run.points("rollout/episode_return", -1, 0).values());
    assertArrayEquals(new double[] {100}, run.points("eval/mean_return", -1, 0).values());
    assertArrayEquals(
        new double[] {0.5}, run.points("eval/mean_return", -1, 0).seconds(), "as training had it");
    assertEquals(0, run.points("train/mean_return", -1, 0).values().length, "another group");
    assertEquals(0, run.points("nonsense", -1, 0).values().length);
  }

  @Test
  void points_comeOnce() throws IOException {
    Path path = run("one");
    append(path, HEADER + "100,0.5,200.0,3,20.0,20.0,NaN,0.5\n");
    Board board = board();
    BoardRun run = only(board);
    Points first = run.points("train/policy_loss", -1, 0);
    assertArrayEquals(new double[] {100}, first.steps());
    append(path, "200,1.0,200.0,5,30.0,25.0,NaN,0.25\n");
    long look = look(board);
    assertEquals(look, run.changed());
    Points next = run.points("train/policy_loss", first.generation(), first.complete());
    assertEquals(1, next.from());
    assertArrayEquals(new double[] {200}, next.steps());
    assertArrayEquals(new double[] {0.25}, next.values());
    assertTrue(look(board) > run.changed(), "nothing is new");
    Files.writeString(path.resolve("metrics.csv"), HEADER); // as a resumed run cuts it
    look(board);
    Points anew = run.points("train/policy_loss", next.generation(), next.complete());
    assertEquals(0, anew.from());
    assertEquals(0, anew.values().length);
  }

  @Test
  void betweenLooks_passesAHundredTimesTheirTime() throws IOException {
    run("one");
    long[] tick = {0};
    Board board = new Board(folder, () -> now.addAndGet(tick[0]));
    assertEquals(1, board.look());
    now.addAndGet(900_000_000L);
    assertEquals(1, board.look(), "a second has not passed");
    now.addAndGet(200_000_000L);
    assertEquals(2, board.look());
    now.addAndGet(1_100_000_000L);
    tick[0] = 50_000_000; // looking takes at least 50 ms
    assertEquals(3, board.look());
    tick[0] = 0;
    assertTrue(board.untilNextLook() >= 5_000_000_000L, board.untilNextLook() + " ns");
  }
}
