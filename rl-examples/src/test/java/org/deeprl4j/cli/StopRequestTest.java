package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C and SIGTERM in the middle of a long iteration. */
final class StopRequestTest {
  @TempDir Path folder;

  private static final Metrics NONE = new Metrics(Map.of(), Map.of());

  private static List<String> said(StringWriter err) {
    return err.toString().lines().toList();
  }

  @Test
  void stop_announcesItsLimit_andThenGivesUp() {
    StringWriter err = new StringWriter();
    StopRequest stop = new StopRequest(new PrintWriter(err), Path.of("run"), 0, 1);
    assertFalse(stop.requested());
    stop.stop();
    assertTrue(stop.requested());
    assertEquals(
        List.of(
            "stopping after the current iteration, in 1 s at most",
            "the iteration has not ended, and there is no checkpoint before it"),
        said(err));
    stop.onCheckpoint(512, Path.of("run"));
    stop.stop();
    assertEquals(
        "the iteration has not ended; continue from the checkpoint at 512 steps with: rl train --resume run",
        said(err).get(3));
  }

  @Test
  void stop_allowsTwiceTheLongestIteration() throws Exception {
    StringWriter err = new StringWriter();
    long begun = System.nanoTime();
    StopRequest stop = new StopRequest(new PrintWriter(err), Path.of("run"), 0, 1);
    TimeUnit.MILLISECONDS.sleep(600);
    stop.onIteration(1, 1, NONE);
    double longest = (System.nanoTime() - begun) * 1e-9;
    stop.onIteration(2, 1, NONE);
    Thread waiting = new Thread(stop::stop);
    long asked = System.nanoTime();
    waiting.start();
    while (said(err).isEmpty()) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    stop.close();
    waiting.join(60_000);
    assertFalse(waiting.isAlive());
    Matcher limit =
        Pattern.compile("stopping after the current iteration, in (\\d+) s at most")
            .matcher(said(err).get(0));
    assertTrue(limit.matches(), err.toString());
    int seconds = Integer.parseInt(limit.group(1));
    boolean late = (System.nanoTime() - asked) * 1e-9 > seconds; // this machine, not the run
    assertTrue(late || said(err).size() == 1, err.toString());
    assertTrue(seconds >= 2 && seconds <= 1 + 2 * longest, seconds + " s for " + longest);
  }

  @Test
  void stop_saysNothing_afterTheRunHasEnded() {
    StringWriter err = new StringWriter();
    StopRequest stop = new StopRequest(new PrintWriter(err), Path.of("run"), 1000, 60);
    stop.close();
    stop.stop();
    assertEquals("", err.toString());
  }

  private static List<String> metricsWithoutTime(Path run) throws IOException {
    try (Stream<String> lines = Files.lines(run.resolve("metrics.csv"))) {
      return lines.map(line -> line.replaceFirst("(,[^,]*){2}", "")).toList();
    }
  }

  @Test
  void signalInALongIteration_isAnsweredAtOnce_andTheRunGoesOnBitForBit() throws Exception {
    String options =
        "train ppo --env %s --steps 512 --episodes 0 --seed 5 --set environments=1 --set hidden=8 --set rolloutSteps=256 --set batchSize=64 --out "
            .formatted(Held.class.getName());
    Path run = folder.resolve("run");
    Path log = folder.resolve("log");
    Process java =
        Held.start(folder, "100", log, Cli.process((Object[]) (options + run).split(" ")));
    try {
      Held.await(java, folder, 100);
      new ProcessBuilder("kill", "-TERM", Long.toString(java.pid())).start().waitFor();
      String answer = "stopping after the current iteration, in 60 s at most";
      for (int i = 0; i < 5000 && java.isAlive() && !Files.readString(log).contains(answer); i++) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      assertTrue(Files.readString(log).contains(answer), "while the iteration goes on");
      Held.release(folder, 100);
      assertTrue(java.waitFor(60, TimeUnit.SECONDS));
      String printed = Files.readString(log);
      assertTrue(printed.contains("stopped at 256 steps"), printed);
    } finally {
      java.destroyForcibly();
    }
    Cli resumed = Cli.run("train", "--resume", run);
    assertEquals(0, resumed.exitCode(), resumed.err());
    Path whole = folder.resolve("whole");
    assertEquals(0, Cli.run((Object[]) (options + whole).split(" ")).exitCode());
    assertEquals(metricsWithoutTime(whole), metricsWithoutTime(run));
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("policy.bin")),
        Files.readAllBytes(run.resolve("policy.bin")));
  }
}
